import type {
  ErasableObject,
  ErasureStep,
  ErasureStore,
  ReplayOutcome,
} from '../../ports/erasures.ts'
import type { DataApi } from './data-api.ts'
import { flag, number, text } from './row-values.ts'

/** Rows of each kind that one call blanks. */
const rowsAStep = 500

/** How long what an erasure does not reach is kept, for its receipt. */
export interface ErasureDays {
  /** The longest-lived backup of the database. */
  readonly backupDays: number
  /** Mails as they came in. */
  readonly rawMailDays: number
  /** What waits on a queue, its dead letters with it. */
  readonly queueDays: number
}

/** Erasures in PostgreSQL. */
export function makeErasureStore(database: DataApi, days: ErasureDays): ErasureStore {
  return {
    find: async ({ tenantId, requestId }) => {
      const rows = await database.query(findSql, { tenant: tenantId, request: requestId })
      const [first] = rows
      if (first === undefined) return undefined
      const entries = rows.map((row) => ({
        tenantId,
        requestId,
        personId: text(row, 'person_id'),
        createdAt: text(row, 'created_at'),
        requestedAt: text(row, 'requested_at'),
      }))
      return { entries, isHeld: flag(first, 'is_held') }
    },
    step: async (name, deleted) => {
      const [row] = await database.query('select * from erase_person_v2(:input::jsonb)', {
        input: JSON.stringify({
          ...name,
          ...{ limit: rowsAStep, ...days },
          deleted: {
            mediaIds: deleted.flatMap((object) => ('mediaId' in object ? object.mediaId : [])),
            exportIds: deleted.flatMap((object) => ('exportId' in object ? object.exportId : [])),
            rawMailIds: rawMailIds(deleted, { areLeft: false }),
          },
          leftRawMailIds: rawMailIds(deleted, { areLeft: true }),
        }),
      })
      if (row === undefined) throw new Error('erase_person_v2 answered nothing')
      return {
        outcome: text(row, 'outcome') as ErasureStep['outcome'],
        objects: JSON.parse(text(row, 'objects')) as readonly ErasableObject[],
        waitSeconds: number(row, 'wait_seconds'),
      }
    },
    replay: async (entry) => {
      const [row] = await database.query('select * from replay_erasure_v1(:input::jsonb)', {
        input: JSON.stringify(entry),
      })
      if (row === undefined) throw new Error('replay_erasure_v1 answered nothing')
      return text(row, 'outcome') as ReplayOutcome
    },
  }
}

function rawMailIds(
  objects: readonly ErasableObject[],
  { areLeft }: { readonly areLeft: boolean },
): readonly string[] {
  return objects.flatMap((object) =>
    'rawMailId' in object && (object.isLeft ?? false) === areLeft ? [object.rawMailId] : [],
  )
}

const findSql = `select o.person_id::text as person_id, iso_utc(r.requested_at) as requested_at,
    p.legal_hold_at is not null as is_held,
    (extract(epoch from o.created_at) * 1000000)::bigint::text as created_at
  from privacy_requests r
  join persons p on p.tenant_id = r.tenant_id and p.person_id = r.person_id
  join persons o on o.tenant_id = r.tenant_id
    and o.person_id = any (persons_of_v1(r.tenant_id, r.person_id))
  where r.tenant_id = :tenant::bigint and r.request_id = :request::bigint
    and r.kind = 'ERASURE' and r.state in ('REQUESTED', 'RUNNING')
  order by o.person_id`

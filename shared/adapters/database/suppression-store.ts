import type { Caller } from '../../domain/caller.ts'
import type { Channel } from '../../domain/channel.ts'
import type { RefusalCode } from '../../domain/errors.ts'
import type { Suppression, SuppressionReason, SuppressionSource } from '../../domain/suppression.ts'
import type { Page, PageRequest } from '../../ports/chat-store.ts'
import type { Randomness } from '../../ports/randomness.ts'
import type { Sealer, TenantSealer } from '../../ports/sealer.ts'
import type {
  AddSuppression,
  SuppressionFilter,
  SuppressionStore,
} from '../../ports/suppression-store.ts'
import { callAs, queryAs } from './client-call.ts'
import { pageOf, readCursor } from './cursor.ts'
import type { DataApi, Row } from './data-api.ts'
import { sealRequestKey } from './request-key.ts'
import { optionalNumber, text } from './row-values.ts'
import { base64, fromBase64, identityHash, identityKindOf } from './sealed-cells.ts'

interface Parts {
  readonly database: DataApi
  readonly sealer: Sealer
  readonly randomness: Randomness
}

/** What `shown_suppression_v1` answers. */
interface SealedSuppression {
  readonly suppressionId: string
  readonly channel: Channel
  readonly value: string
  readonly rowToken: string
  readonly reason: SuppressionReason
  readonly source: SuppressionSource
  readonly clientId: string | null
  readonly createdAt: string
  readonly expiresAt: string | null
}

/** Suppressions in PostgreSQL; rows of other tenants do not exist for it. */
export function makeSuppressionStore(parts: Parts): SuppressionStore {
  return {
    list: (caller, page) => listSuppressions(parts, caller, page),
    add: async (command) => {
      const sealer = await parts.sealer.forTenant(command.tenantId)
      const input = addInput(sealer, command, parts.randomness.uuid())
      const [row] = await callAs(parts.database, command, { name: 'add_suppression_v1', input })
      return addAnswer(sealer, row)
    },
    remove: async (caller, suppressionId) => {
      const rows = await queryAs(parts.database, caller, {
        sql: removeSql,
        parameters: { suppression: suppressionId },
        shows: { ids: { suppressionId: 'w.suppression_id::text' } },
      })
      return rows.length > 0
    },
  }
}

/** What was removed keeps who did it; a second removal finds it as it is. */
const removeSql = `update suppressions s
  set removed_at = coalesce(s.removed_at, now()), removed_by = coalesce(s.removed_by, 'client'),
    removed_by_client_id = case when s.removed_at is null then :client::bigint
      else s.removed_by_client_id end
  where s.tenant_id = :tenant::bigint and s.suppression_id = :suppression::bigint
    and (select k.outcome from client k) = 'taken'
  returning s.suppression_id`

async function listSuppressions(
  { database, sealer: sealers }: Parts,
  caller: Caller,
  { limit, cursor, filter }: PageRequest & { readonly filter: SuppressionFilter },
): Promise<Page<Suppression>> {
  const sealer = await sealers.forTenant(caller.tenantId)
  const { channel } = filter
  const hash =
    channel !== undefined && filter.address !== undefined
      ? addressHash(sealer, channel, filter.address)
      : undefined
  const scope = `suppressions:${JSON.stringify([channel ?? null, hash ?? null])}`
  const [after] = readCursor(sealer, scope, cursor) ?? []
  const rows = await queryAs(database, caller, {
    sql: `select shown_suppression_v1(s)::text as suppression, s.suppression_id::text as position
      from suppressions s
      where s.tenant_id = :tenant::bigint and s.removed_at is null and s.value is not null
        and (s.expires_at is null or s.expires_at > now())
        ${channel === undefined ? '' : 'and s.channel = :channel'}
        ${hash === undefined ? '' : `and s.value_hash = decode(:hash, 'base64')`}
        ${after === undefined ? '' : 'and s.suppression_id < :after::bigint'}
      order by s.suppression_id desc limit :limit::integer`,
    parameters: {
      ...(channel !== undefined && { channel }),
      ...(hash !== undefined && { hash }),
      ...(after !== undefined && { after }),
      limit: limit + 1,
    },
    shows: { ids: { suppressionId: 'w.position' }, most: limit },
  })
  return pageOf(rows, {
    limit,
    sealer,
    scope,
    cursorAfter: (row) => [text(row, 'position')],
    item: (row) => opened(sealer, JSON.parse(text(row, 'suppression')) as SealedSuppression),
  })
}

/** The hash by which the identities of contacts are found, too. */
export function addressHash(sealer: TenantSealer, channel: Channel, address: string): string {
  return identityHash(sealer, identityKindOf(channel), address)
}

/** Sealed as the value of a suppression, wherever it stands until it becomes one. */
export function sealAddress(sealer: TenantSealer, address: string, rowToken: string): string {
  return base64(sealer.seal(valueCell(rowToken), address))
}

function valueCell(rowToken: string) {
  return { table: 'suppressions', column: 'value', rowToken }
}

function addInput(sealer: TenantSealer, command: AddSuppression, rowToken: string): unknown {
  const { tenantId, clientId, channel, address, reason, expiresAt } = command
  return {
    ...{ tenantId, clientId, channel, reason, expiresAt, rowToken },
    ...sealRequestKey(sealer, command.request),
    hash: addressHash(sealer, channel, address),
    value: sealAddress(sealer, address, rowToken),
  }
}

function addAnswer(sealer: TenantSealer, row: Row): Awaited<ReturnType<SuppressionStore['add']>> {
  const outcome = text(row, 'outcome')
  if (outcome !== 'suppressed' && outcome !== 'replayed') {
    const code = outcome === 'key-mismatch' ? 'idempotency-key-mismatch' : outcome
    return {
      outcome: 'refused',
      code: code as RefusalCode,
      retryAfterSeconds: optionalNumber(row, 'retry_after_seconds'),
    }
  }
  const answer = JSON.parse(text(row, 'answer')) as SealedSuppression & { readonly isNew: boolean }
  return { outcome: 'suppressed', suppression: opened(sealer, answer), isNew: answer.isNew }
}

function opened(sealer: TenantSealer, sealed: SealedSuppression): Suppression {
  return {
    suppressionId: sealed.suppressionId,
    channel: sealed.channel,
    address: sealer.open(valueCell(sealed.rowToken), fromBase64(sealed.value)),
    reason: sealed.reason,
    source: sealed.source,
    clientId: sealed.clientId ?? undefined,
    createdAt: sealed.createdAt,
    expiresAt: sealed.expiresAt ?? undefined,
  }
}

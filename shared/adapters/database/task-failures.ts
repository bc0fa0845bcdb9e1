import type { DataApi, Row } from './data-api.ts'
import { bytes, flag, optionalText, text } from './row-values.ts'

/** What a dead-letter queue held, without its body. */
export interface RecordedFailure {
  readonly taskFailureId: string
  /** 0 is the deployment itself: nobody could read whose it was. */
  readonly tenantId: string
  /** The dead-letter queue's name. */
  readonly queue: string
  readonly queueMessageId: string
  readonly reason: string
  /** False once the cleanup has taken the body: nobody resolved the failure in the time of tasks. */
  readonly hasBody: boolean
  readonly createdAt: string
  /** When an operator put it back or dismissed it. */
  readonly resolvedAt: string | undefined
}

export interface TaskFailures {
  /** Newest first. */
  list(filter: {
    readonly tenantId: string | undefined
    readonly withResolved: boolean
    readonly limit: number
  }): Promise<readonly RecordedFailure[]>
  find(taskFailureId: string): Promise<RecordedFailure | undefined>
  /** In the transit envelope it was recorded in; undefined once it has gone. */
  sealedBody(taskFailureId: string): Promise<string | undefined>
  /** A second time changes nothing. */
  resolve(taskFailureId: string): Promise<void>
}

/** A body may be larger than a row (64 KB) and than a result (1 MiB) of the Data API. */
const pieceBytes = 45_000
const piecesPerCall = 15

const columns = `task_failure_id::text as id, tenant_id::text, queue, queue_message_id, reason,
  body is not null as has_body, iso_utc(created_at) as created_at, iso_utc(resolved_at) as resolved_at`

/** The rows of dead letters, for operators. */
export function makeTaskFailures(database: DataApi): TaskFailures {
  return {
    list: async ({ tenantId, withResolved, limit }) => {
      const rows = await database.query(
        `select ${columns} from task_failures
         where (:tenant::bigint is null or tenant_id = :tenant::bigint)
           and (:all::boolean or resolved_at is null)
         order by task_failure_id desc limit :limit::integer`,
        { tenant: tenantId ?? null, all: withResolved, limit },
      )
      return rows.map(toFailure)
    },
    find: async (taskFailureId) => {
      const rows = await database.query(
        `select ${columns} from task_failures where task_failure_id = :id::bigint`,
        { id: taskFailureId },
      )
      return rows.map(toFailure)[0]
    },
    sealedBody: (taskFailureId) => readBody(database, taskFailureId),
    resolve: async (taskFailureId) => {
      await database.query(
        `update task_failures set resolved_at = coalesce(resolved_at, now())
         where task_failure_id = :id::bigint`,
        { id: taskFailureId },
      )
    },
  }
}

/** One call for 675 KB, which holds all but the largest bodies that SQS takes. */
async function readBody(database: DataApi, taskFailureId: string): Promise<string | undefined> {
  const pieces: Uint8Array[] = []
  for (;;) {
    const rows = await database.query(
      `select substring(f.body from n * ${pieceBytes} + 1 for ${pieceBytes}) as piece
       from task_failures f
       cross join generate_series(:first::integer, :first::integer + ${piecesPerCall - 1}) n
       where f.task_failure_id = :id::bigint and n * ${pieceBytes} < octet_length(f.body)
       order by n`,
      { id: taskFailureId, first: pieces.length },
    )
    pieces.push(...rows.map((row) => bytes(row, 'piece')))
    if (rows.length < piecesPerCall) break
  }
  return pieces.length === 0 ? undefined : Buffer.concat(pieces).toString('utf8')
}

function toFailure(row: Row): RecordedFailure {
  return {
    taskFailureId: text(row, 'id'),
    tenantId: text(row, 'tenant_id'),
    queue: text(row, 'queue'),
    queueMessageId: text(row, 'queue_message_id'),
    reason: text(row, 'reason'),
    hasBody: flag(row, 'has_body'),
    createdAt: text(row, 'created_at'),
    resolvedAt: optionalText(row, 'resolved_at'),
  }
}

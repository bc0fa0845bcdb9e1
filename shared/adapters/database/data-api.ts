import {
  BeginTransactionCommand,
  CommitTransactionCommand,
  ExecuteStatementCommand,
  type ExecuteStatementCommandOutput,
  type Field,
  type RDSDataClient,
  RollbackTransactionCommand,
  type SqlParameter,
} from '@aws-sdk/client-rds-data'
import type { Clock } from '../../ports/clock.ts'
import type { Randomness } from '../../ports/randomness.ts'

type Value = string | number | boolean | Uint8Array | null
export type Row = Readonly<Record<string, Value>>

export interface DataApiSettings {
  readonly clusterArn: string
  readonly secretArn: string
  readonly database: string
}

/** SQL over the RDS Data API: one statement a call, rows as records of column name to value. */
export interface DataApi {
  /** bigint columns come as strings. Throws DatabaseError with the SQLState. */
  query(sql: string, parameters?: Readonly<Record<string, Value>>): Promise<readonly Row[]>
  transaction<T>(work: (transaction: Pick<DataApi, 'query'>) => Promise<T>): Promise<T>
}

/** The database refused a statement. Its text may hold values, so it is not kept. */
export class DatabaseError extends Error {
  readonly sqlState: string

  constructor(sqlState: string) {
    super(`the database refused a statement (SQLState ${sqlState})`)
    this.name = 'DatabaseError'
    this.sqlState = sqlState
  }
}

/** Serialisation failure and deadlock: the same call again is right. */
const retriedStates = new Set(['40001', '40P01'])
const attemptsForStates = 6
/** Aurora wakes in about 15 s (30 s after a long pause); the SDK does not retry this one. */
const resumeWaitMs = 40_000

/** `pause` waits between retries; it is a parameter so that tests need not. */
export function makeDataApi(
  client: RDSDataClient,
  settings: DataApiSettings,
  {
    clock,
    randomness,
    pause,
  }: {
    clock: Clock
    randomness: Randomness
    pause: (ms: number) => Promise<void>
  },
): DataApi {
  const target = {
    resourceArn: settings.clusterArn,
    secretArn: settings.secretArn,
    database: settings.database,
  }

  async function once(
    sql: string,
    parameters: Readonly<Record<string, Value>>,
    transactionId?: string,
  ): Promise<readonly Row[]> {
    const answer = await client.send(
      new ExecuteStatementCommand({
        ...target,
        sql,
        parameters: toParameters(parameters),
        includeResultMetadata: true,
        resultSetOptions: { longReturnType: 'STRING' },
        ...(transactionId === undefined ? {} : { transactionId }),
      }),
    )
    return toRows(answer)
  }

  async function retrying<T>(call: () => Promise<T>): Promise<T> {
    const until = clock.now() + resumeWaitMs
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await call()
      } catch (error) {
        const wait = waitBeforeRetry(error, attempt, clock.now() < until)
        if (wait === undefined) throw toDatabaseError(error)
        await pause(wait * randomness.fraction())
      }
    }
  }

  return {
    query: (sql, parameters = {}) => retrying(() => once(sql, parameters)),
    transaction: async (work) => {
      const { transactionId } = await retrying(() =>
        client.send(new BeginTransactionCommand(target)),
      )
      if (transactionId === undefined) throw new Error('the Data API began no transaction')
      const end = { resourceArn: target.resourceArn, secretArn: target.secretArn, transactionId }
      try {
        const result = await work({
          query: (sql, parameters = {}) => once(sql, parameters, transactionId),
        })
        await client.send(new CommitTransactionCommand(end))
        return result
      } catch (error) {
        await client.send(new RollbackTransactionCommand(end)).catch(() => undefined)
        throw toDatabaseError(error)
      }
    },
  }
}

function waitBeforeRetry(error: unknown, attempt: number, mayWait: boolean): number | undefined {
  const state = sqlStateOf(error)
  if (state !== undefined && retriedStates.has(state)) {
    return attempt < attemptsForStates ? 20 * 2 ** attempt : undefined
  }
  const resuming = error instanceof Error && error.name === 'DatabaseResumingException'
  return resuming && mayWait ? 3000 : undefined
}

/** The service names the exception differently by age; the state stands in the text. */
function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  return /SQLState:\s*([A-Z0-9]{5})/i.exec(error.message)?.[1]
}

function toDatabaseError(error: unknown): unknown {
  const state = sqlStateOf(error)
  return state === undefined ? error : new DatabaseError(state)
}

function toParameters(values: Readonly<Record<string, Value>>): SqlParameter[] {
  return Object.entries(values).map(([name, value]) => ({ name, value: toField(value) }))
}

function toField(value: Value): Field {
  if (value === null) return { isNull: true }
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { booleanValue: value }
  if (typeof value === 'number') {
    return Number.isInteger(value) ? { longValue: value } : { doubleValue: value }
  }
  return { blobValue: value }
}

function toRows(answer: ExecuteStatementCommandOutput): readonly Row[] {
  const names = (answer.columnMetadata ?? []).map((column) => column.label ?? column.name ?? '')
  return (answer.records ?? []).map((record) =>
    Object.fromEntries(record.map((field, index) => [names[index] ?? '', fromField(field)])),
  )
}

function fromField(field: Field): Value {
  return (
    field.stringValue ??
    field.longValue ??
    field.doubleValue ??
    field.booleanValue ??
    field.blobValue ??
    null
  )
}

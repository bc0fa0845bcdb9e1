import pg from 'pg'
import type { Connection } from './connections.ts'
import { DataApiError, errorOfStatement } from './errors.ts'
import type { BoundValue } from './parameters.ts'
import type { RawRow } from './results.ts'

export interface RawResult {
  readonly rows: readonly RawRow[]
  /** Empty when the statement returns no rows at all. */
  readonly fields: readonly pg.FieldDef[]
  /** First word of the command tag, as `INSERT`. */
  readonly command: string
  readonly rowCount: number
}

interface ExtendedQuery extends pg.QueryArrayConfig<BoundValue['value'][]> {
  /** One statement only, which PostgreSQL itself enforces; missing from pg's types. */
  readonly queryMode: 'extended'
}

const queryCancelled = '57014'

/**
 * Runs one statement; values come back in text form.
 * @throws DataApiError: StatementTimeoutException after the session's timeout, or what PostgreSQL said.
 */
export async function runStatement(
  connection: Connection,
  text: string,
  values: readonly BoundValue[],
): Promise<RawResult> {
  const query: ExtendedQuery = {
    text,
    values: values.map(({ value }) => value),
    types: parameterTypesAndTextResults(values),
    rowMode: 'array',
    queryMode: 'extended',
  }
  try {
    const { rows, fields, command, rowCount } = await settled(connection, (client) =>
      client.query<(string | null)[]>(query),
    )
    return { rows, fields, command, rowCount: rowCount ?? 0 }
  } catch (error) {
    if (isTimeout(error)) throw timedOut(connection)
    throw errorOfStatement(error)
  }
}

/**
 * PostgreSQL sends an error at once and only then aborts the transaction, so pg rejects while it
 * still shows the old transaction status: after an error this waits until the session is ready.
 */
export async function settled<T>(
  { client }: Connection,
  work: (client: pg.ClientBase) => Promise<T>,
): Promise<T> {
  try {
    return await work(client)
  } catch (error) {
    await client.query('').catch(() => undefined)
    throw error
  }
}

/** What a call is answered with when its statement takes too long. */
export function timedOut(connection?: Connection): DataApiError {
  const message = 'Request timed out'
  return new DataApiError('StatementTimeoutException', message, connection?.client.processID)
}

/**
 * Runs `work` with the session's timeout switched off, and switches it on again where the session
 * goes on, in a transaction.
 */
export async function withoutTimeout<T>(
  connection: Connection,
  timeoutSeconds: number,
  work: () => Promise<T>,
): Promise<T> {
  const { client } = connection
  const isTransaction = client.getTransactionStatus() === 'T'
  try {
    await client.query('set statement_timeout = 0')
    return await work()
  } catch (error) {
    throw errorOfStatement(error)
  } finally {
    if (isTransaction && client.getTransactionStatus() === 'T') {
      await client.query(`set statement_timeout = ${Math.ceil(timeoutSeconds * 1000)}`)
    }
  }
}

/**
 * pg sends `types` to the server as the types of the parameters when it is a list, and asks it for
 * parsers when it has `getTypeParser`: this one is both.
 */
function parameterTypesAndTextResults(values: readonly BoundValue[]): pg.CustomTypesConfig {
  return Object.assign(
    values.map(({ typeOid }) => typeOid),
    { getTypeParser: () => asIs },
  )
}

function asIs(text: string): string {
  return text
}

function isTimeout(error: unknown): boolean {
  return (
    error instanceof pg.DatabaseError &&
    error.code === queryCancelled &&
    error.message.includes('statement timeout')
  )
}

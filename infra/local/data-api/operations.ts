import type { Operation } from './call-log.ts'
import { columnTypesOf } from './column-types.ts'
import type { Connection, Connections, Login } from './connections.ts'
import { DataApiError, invalid, multistatements } from './errors.ts'
import { metadataOf } from './metadata.ts'
import { bindParameters } from './parameters.ts'
import { type ParsedSql, parseSql } from './placeholders.ts'
import {
  type BatchRequest,
  batchRequest,
  beginRequest,
  type EndRequest,
  type ExecuteRequest,
  endRequest,
  executeRequest,
  readRequest,
  type Target,
} from './request.ts'
import { fieldsOf, formatRecords } from './results.ts'
import { type RawResult, runStatement, timedOut, withoutTimeout } from './statements.ts'
import type { Transactions } from './transactions.ts'

export interface OperationsOptions {
  readonly connections: Connections
  readonly transactions: Transactions
  /** Reads a secret; whatever it throws is answered as a secret that cannot be used. */
  readonly credentials: (secretArn: string) => Promise<{ user: string; password: string }>
  /** ARN calls must name; undefined takes any. */
  readonly cluster: string | undefined
  readonly statementTimeoutSeconds: number
}

/** Takes the request's JSON, answers the response's; throws DataApiError. */
export type RunOperation = (input: unknown) => Promise<object>

const updatingCommands = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE'])
const batchVerbs = new Set(['insert', 'update', 'delete', 'merge', 'with'])

/** The five operations over sessions of PostgreSQL. */
export function makeOperations(
  options: OperationsOptions,
): Readonly<Record<Operation, RunOperation>> {
  const { transactions, cluster } = options
  const targeted = <T extends Target>(request: T): T => {
    if (cluster === undefined || request.resourceArn === cluster) return request
    const message = `HttpEndpoint is not enabled for cluster ${request.resourceArn}`
    throw new DataApiError('HttpEndpointNotEnabledException', message)
  }
  const readEnd = (input: unknown): EndRequest => targeted(readRequest(endRequest, input))
  return {
    ExecuteStatement: (input) => execute(options, targeted(readRequest(executeRequest, input))),
    BatchExecuteStatement: (input) => batch(options, targeted(readRequest(batchRequest, input))),
    async BeginTransaction(input) {
      const request = targeted(readRequest(beginRequest, input))
      const login = await loginOf(options, request)
      return { transactionId: await transactions.begin(login, request.secretArn) }
    },
    async CommitTransaction(input) {
      const request = readEnd(input)
      await transactions.commit(request.transactionId, request)
      return { transactionStatus: 'Transaction Committed' }
    },
    async RollbackTransaction(input) {
      const request = readEnd(input)
      await transactions.rollback(request.transactionId, request)
      return { transactionStatus: 'Rollback Complete' }
    },
  }
}

async function execute(options: OperationsOptions, request: ExecuteRequest): Promise<object> {
  const sql = singleStatement(request.sql)
  const values = bindParameters(sql, request.parameters ?? [])
  const { statementTimeoutSeconds } = options
  const running = inSession(options, request, async (connection) => {
    const run = () => runStatement(connection, sql.text, values)
    const result =
      request.continueAfterTimeout === true
        ? await withoutTimeout(connection, statementTimeoutSeconds, run)
        : await run()
    return describeResult(connection, request, result)
  })
  return request.continueAfterTimeout === true
    ? await answerWithin(statementTimeoutSeconds, running)
    : await running
}

/** One statement for each set, in order; without a transaction those before a failure stay. */
async function batch(options: OperationsOptions, request: BatchRequest): Promise<object> {
  const sql = singleStatement(request.sql)
  if (sql.endsWithSemicolon) throw multistatements()
  if (!batchVerbs.has(sql.verb)) {
    throw invalid('Only data manipulation statements can run in a batch')
  }
  const sets = (request.parameterSets ?? [[]]).map((set) => bindParameters(sql, set))
  await inSession(options, request, async (connection) => {
    for (const values of sets) await runStatement(connection, sql.text, values)
  })
  return { updateResults: sets.map(() => ({ generatedFields: [] })) }
}

async function describeResult(
  connection: Connection,
  request: ExecuteRequest,
  result: RawResult,
): Promise<object> {
  const { fields, rows, command, rowCount } = result
  const wantsMetadata = request.includeResultMetadata === true
  if (fields.length === 0) {
    return {
      numberOfRecordsUpdated: updatingCommands.has(command) ? rowCount : 0,
      generatedFields: [],
      ...(wantsMetadata ? { columnMetadata: [] } : {}),
    }
  }
  const types = await columnTypesOf(connection.client, fields)
  const resultSetOptions = request.resultSetOptions ?? {}
  if (request.formatRecordsAs === 'JSON' && command === 'SELECT') {
    const names = fields.map(({ name }) => name)
    const formattedRecords = formatRecords({ rows, names }, types, resultSetOptions)
    return { numberOfRecordsUpdated: 0, formattedRecords }
  }
  return {
    records: fieldsOf(rows, types, resultSetOptions),
    numberOfRecordsUpdated: 0,
    ...(wantsMetadata
      ? { columnMetadata: await metadataOf(connection.client, fields, types) }
      : {}),
  }
}

async function inSession<T>(
  options: OperationsOptions,
  request: ExecuteRequest | BatchRequest,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  if (request.transactionId != null) {
    return await options.transactions.use(request.transactionId, request, work)
  }
  return await options.connections.use(await loginOf(options, request), work)
}

async function loginOf(options: OperationsOptions, target: Target): Promise<Login> {
  try {
    const { user, password } = await options.credentials(target.secretArn)
    return { user, password, database: target.database ?? undefined }
  } catch {
    const message = `The secret ${target.secretArn} cannot be used`
    throw new DataApiError('BadRequestException', message)
  }
}

function singleStatement(text: string): ParsedSql {
  const sql = parseSql(text)
  if (sql.isMultistatement) throw multistatements()
  if (sql.verb === '' && sql.text.trim() === '') throw invalid('The SQL statement is empty')
  return sql
}

/** The statement goes on after the answer, as `continueAfterTimeout` asks. */
async function answerWithin<T>(seconds: number, running: Promise<T>): Promise<T> {
  const { promise: timeout, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(timedOut()), seconds * 1000)
  try {
    return await Promise.race([running, timeout])
  } finally {
    clearTimeout(timer)
  }
}

import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import * as z from 'zod'
import { type HttpOutcome, type HttpRequest, json, startHttpServer } from '../http-server.ts'
import { type CallLog, type DataApiCall, makeCallLog, type Operation } from './call-log.ts'
import { openConnections } from './connections.ts'
import { DataApiError } from './errors.ts'
import { type Effects, type Fault, type Faults, faultSchema, makeFaults } from './faults.ts'
import { makeOperations, type RunOperation } from './operations.ts'
import { Transactions } from './transactions.ts'

export interface DataApiOptions {
  /** 0 takes a free one. */
  readonly port: number
  readonly postgres: { readonly host: string; readonly port: number }
  /** Reads a secret by ARN; throws when there is none. */
  readonly credentials: (secretArn: string) => Promise<{ user: string; password: string }>
  /** The only resource ARN that is served; default any. */
  readonly cluster?: string
  /** Default 45, as on AWS. */
  readonly statementTimeoutSeconds?: number
  /** Default 180, as on AWS. */
  readonly transactionIdleTimeoutSeconds?: number
  /** Default 86,400, as on AWS. */
  readonly transactionLifetimeSeconds?: number
  /** For each user and database; default 50. */
  readonly maxConnections?: number
  /** For faults with a probability; default Math.random. */
  readonly random?: () => number
}

export interface DataApi {
  /** `http://127.0.0.1:PORT`: the `endpoint` of RDSDataClient. */
  readonly url: string
  readonly port: number
  /** Requests since the start or the last reset, in the order of arrival. */
  calls(): readonly DataApiCall[]
  resetCalls(): void
  fail(fault: Fault): void
  clearFaults(): void
  /** Rolls open transactions back and ends every connection, within about a second. May be repeated. */
  close(): Promise<void>
}

const operationByPath = new Map<string, Operation>([
  ['/Execute', 'ExecuteStatement'],
  ['/BatchExecute', 'BatchExecuteStatement'],
  ['/BeginTransaction', 'BeginTransaction'],
  ['/CommitTransaction', 'CommitTransaction'],
  ['/RollbackTransaction', 'RollbackTransaction'],
])

const maxRequestBytes = 4 * 1024 * 1024
const steeringPath = '/_data-api'

/**
 * Serves the RDS Data API for Aurora PostgreSQL over a PostgreSQL of one's own.
 * @throws when the port is taken. PostgreSQL itself may be away; calls are answered accordingly.
 */
export async function startDataApi(options: DataApiOptions): Promise<DataApi> {
  const limits = {
    statementTimeoutSeconds: options.statementTimeoutSeconds ?? 45,
    transactionIdleTimeoutSeconds: options.transactionIdleTimeoutSeconds ?? 180,
    transactionLifetimeSeconds: options.transactionLifetimeSeconds ?? 86_400,
  }
  const connections = openConnections({
    ...options.postgres,
    maxConnections: options.maxConnections ?? 50,
    ...limits,
  })
  const transactions = new Transactions(connections, limits)
  const { credentials, cluster } = options
  const operations = makeOperations({
    connections,
    transactions,
    credentials,
    cluster,
    statementTimeoutSeconds: limits.statementTimeoutSeconds,
  })
  const log = makeCallLog()
  const faults = makeFaults(options.random ?? Math.random)
  const http = await startHttpServer({
    port: options.port,
    // Twice the limit, so that what is over it is still answered in the service's words.
    maxBodyBytes: 2 * maxRequestBytes,
    handle: (request) =>
      request.path.startsWith(`${steeringPath}/`)
        ? steer(request, log, faults)
        : serve({ request, operations, log, faults }),
  })
  const closeAll = async () => {
    transactions.close()
    await http.close()
    await connections.close()
  }
  let closing: Promise<void> | undefined
  return {
    url: http.url,
    port: http.port,
    calls: log.calls,
    resetCalls: log.reset,
    fail: faults.add,
    clearFaults: faults.clear,
    close() {
      closing ??= closeAll()
      return closing
    },
  }
}

interface Service {
  readonly request: HttpRequest
  readonly operations: Readonly<Record<Operation, RunOperation>>
  readonly log: CallLog
  readonly faults: Faults
}

async function serve({ request, operations, log, faults }: Service): Promise<HttpOutcome> {
  const operation = request.method === 'POST' ? operationByPath.get(request.path) : undefined
  if (operation === undefined) {
    const message = `${request.method} ${request.path} is no operation of the Data API`
    return answerError(new DataApiError('UnknownOperationException', message))
  }
  const input = readInput(request)
  const sql = sqlOf(input)
  const end = log.start(operation, sql)
  const effects = faults.take({ operation, sql })
  const outcome = await attempt(effects, input, operations[operation])
  if (outcome instanceof DataApiError) end(outcome.name)
  else end(outcome === 'reset' ? 'connection reset' : undefined)
  if (outcome === 'reset' || effects.losesAnswer) return 'drop'
  if (outcome instanceof DataApiError) return answerError(outcome)
  return json(200, outcome, { 'x-amzn-requestid': randomUUID() })
}

async function attempt(
  effects: Effects,
  input: unknown,
  run: RunOperation,
): Promise<object | 'reset' | DataApiError> {
  try {
    if (effects.delayMs > 0) await delay(effects.delayMs)
    if (effects.refusal !== undefined) return effects.refusal
    if (input instanceof DataApiError) return input
    return await run(input)
  } catch (error) {
    if (error instanceof DataApiError) return error
    console.error('data api: a call failed for a reason of its own', error)
    return new DataApiError('InternalServerErrorException', 'Internal error')
  }
}

function readInput(request: HttpRequest): unknown {
  const headerBytes = Object.entries(request.headers)
    .map(([name, value]) => name.length + String(value).length)
    .reduce((sum, bytes) => sum + bytes, 0)
  if (headerBytes + request.body.length > maxRequestBytes) {
    return new DataApiError('RequestEntityTooLargeException', 'The request is larger than 4 MiB')
  }
  try {
    return JSON.parse(request.body.toString('utf8'))
  } catch {
    return new DataApiError('SerializationException', 'The request is not JSON')
  }
}

function sqlOf(input: unknown): string {
  const isObject = typeof input === 'object' && input !== null
  return isObject && 'sql' in input && typeof input.sql === 'string' ? input.sql : ''
}

function answerError(error: DataApiError): HttpOutcome {
  const { name, status, message, dbConnectionId } = error
  return json(
    status,
    { __type: name, message, ...(dbConnectionId === undefined ? {} : { dbConnectionId }) },
    { 'x-amzn-errortype': name, 'x-amzn-requestid': randomUUID() },
  )
}

function steer(request: HttpRequest, log: CallLog, faults: Faults): HttpOutcome {
  switch (`${request.method} ${request.path.slice(steeringPath.length)}`) {
    case 'GET /calls': {
      const calls = log.calls()
      return json(200, { count: calls.length, calls })
    }
    case 'DELETE /calls':
      log.reset()
      return { status: 204 }
    case 'GET /faults':
      return json(200, { faults: faults.active() })
    case 'DELETE /faults':
      faults.clear()
      return { status: 204 }
    case 'POST /faults':
      return addFaults(readInput(request), faults)
    default:
      return json(404, { message: `no ${request.method} ${request.path} here` })
  }
}

/** One fault or a list of them. */
function addFaults(input: unknown, faults: Faults): HttpOutcome {
  const parsed = z.array(faultSchema).safeParse(Array.isArray(input) ? input : [input])
  if (!parsed.success) return json(400, { message: z.prettifyError(parsed.error) })
  for (const fault of parsed.data) faults.add(fault)
  return json(200, { faults: faults.active() })
}

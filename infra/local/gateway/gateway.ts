import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type Invoke, InvokeRefused } from '../lambda/invocation.ts'
import { type Authorize, type JwtSettings, jwtAuthorizer } from './jwt-authorizer.ts'
import { type ApiIdentity, sourceIpOf, splitTarget, toEvent } from './request-event.ts'
import { type GatewayResponse, internalServerError, refuse, toResponse } from './response.ts'
import {
  MalformedPath,
  type MatchRoute,
  type RouteMatch,
  routeKeyOf,
  routeMatcher,
} from './routes.ts'

interface GatewayRoute {
  readonly method: string
  readonly path: string
  readonly functionName: string
  readonly scopes: readonly string[]
  readonly authorizer: JwtSettings | undefined
}

export interface AccessLogEntry {
  readonly at: Date
  readonly requestId: string
  readonly sourceIp: string
  readonly method: string
  readonly path: string
  readonly routeKey: string | undefined
  readonly status: number
  readonly durationMilliseconds: number
  /** Why the gateway, not the function, chose the answer. */
  readonly reason: string | undefined
}

export interface GatewayOptions {
  readonly host: string
  /** 0 for any free one. */
  readonly port: number
  readonly accountId: string
  readonly routes: readonly GatewayRoute[]
  readonly invoke: Invoke
  readonly accessLog?: (entry: AccessLogEntry) => void
  /** 30 unless told. */
  readonly integrationTimeoutSeconds?: number
}

export interface Gateway {
  /** `http://host:port`. */
  readonly url: string
  /** Refuses new requests and waits for running ones, at most `limitSeconds` (3). */
  close(limitSeconds?: number): Promise<void>
}

interface Answer {
  readonly response: GatewayResponse
  readonly routeKey?: string
  readonly reason?: string
}

interface Api {
  readonly identity: ApiIdentity
  readonly match: MatchRoute<GatewayRoute>
  readonly authorizers: ReadonlyMap<GatewayRoute, Authorize>
  readonly invoke: Invoke
  readonly timeoutMilliseconds: number
}

const maxBodyBytes = 10 * 1024 * 1024

/**
 * Serves an HTTP API: matches the route, checks the JWT, gives the function an event of payload
 * format 2.0 and turns what it returns into the response. Refusals have the bodies of AWS:
 * 401, 403, 404, 413, 500 and 503 with `{"message": …}`.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const api: Api = {
    identity: { accountId: options.accountId, apiId: 'local' },
    match: routeMatcher(options.routes),
    authorizers: authorizersOf(options.routes),
    invoke: options.invoke,
    timeoutMilliseconds: (options.integrationTimeoutSeconds ?? 30) * 1000,
  }
  const server = createServer((message, response) => {
    void serve(api, message, response).then((entry) => options.accessLog?.(entry))
  })
  server.listen(options.port, options.host)
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    url: `http://${options.host}:${port}`,
    close: (limitSeconds = 3) => closeServer(server, limitSeconds),
  }
}

function authorizersOf(routes: readonly GatewayRoute[]): Map<GatewayRoute, Authorize> {
  const bySettings = new Map<string, Authorize>()
  const byRoute = new Map<GatewayRoute, Authorize>()
  for (const route of routes) {
    if (route.authorizer === undefined) continue
    const key = JSON.stringify(route.authorizer)
    const authorize = bySettings.get(key) ?? jwtAuthorizer(route.authorizer)
    bySettings.set(key, authorize)
    byRoute.set(route, authorize)
  }
  return byRoute
}

async function serve(
  api: Api,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<AccessLogEntry> {
  const at = new Date()
  const startedAt = performance.now()
  const requestId = randomUUID()
  const answer = await answerTo(api, { message, requestId, receivedAt: at }).catch(
    (error): Answer => ({ response: internalServerError(), reason: String(error) }),
  )
  const status = send(response, answer.response, requestId)
  return {
    at,
    requestId,
    sourceIp: sourceIpOf(message),
    method: message.method ?? '',
    path: splitTarget(message).rawPath,
    routeKey: answer.routeKey,
    status,
    durationMilliseconds: performance.now() - startedAt,
    reason: answer.reason,
  }
}

interface Incoming {
  readonly message: IncomingMessage
  readonly requestId: string
  readonly receivedAt: Date
}

async function answerTo(api: Api, incoming: Incoming): Promise<Answer> {
  const { message } = incoming
  try {
    const match = api.match(message.method ?? '', splitTarget(message).rawPath)
    if (match === undefined) return { response: refuse(404, 'Not Found'), reason: 'no route' }
    return { ...(await answerRoute(api, incoming, match)), routeKey: routeKeyOf(match.route) }
  } catch (error) {
    if (!(error instanceof MalformedPath)) throw error
    return { response: refuse(400, 'Bad Request'), reason: error.message }
  }
}

async function answerRoute(
  api: Api,
  incoming: Incoming,
  match: RouteMatch<GatewayRoute>,
): Promise<Answer> {
  const header = incoming.message.headers.authorization
  const decision = await api.authorizers.get(match.route)?.(header, match.route.scopes)
  if (decision?.allowed === false) {
    const text = decision.status === 401 ? 'Unauthorized' : 'Forbidden'
    const challenge = { 'www-authenticate': decision.challenge }
    return { response: refuse(decision.status, text, challenge), reason: decision.reason }
  }
  const body = await readBody(incoming.message)
  if (body === 'too-large') return tooLarge('the body exceeds 10 MB')
  const context = { api: api.identity, jwt: decision?.jwt }
  return integrate(api, match.route, toEvent({ ...incoming, body }, match, context))
}

async function integrate(api: Api, route: GatewayRoute, event: unknown): Promise<Answer> {
  const { promise: timeout, resolve } = Promise.withResolvers<'timeout'>()
  const timer = setTimeout(resolve, api.timeoutMilliseconds, 'timeout')
  try {
    const result = await Promise.race([api.invoke(route.functionName, event), timeout])
    if (result === 'timeout') {
      return { response: refuse(503, 'Service Unavailable'), reason: 'integration timeout' }
    }
    const response = toResponse(result)
    if (result.outcome === 'returned') return { response }
    return { response, reason: `${result.error.errorType}: ${result.error.errorMessage}` }
  } catch (error) {
    if (!(error instanceof InvokeRefused) || error.reason !== 'request-too-large') throw error
    return tooLarge(error.message)
  } finally {
    clearTimeout(timer)
  }
}

function tooLarge(reason: string): Answer {
  return { response: refuse(413, 'Request Entity Too Large'), reason }
}

/** Reads to the end even when it is too large: a client that still writes would see a reset. */
async function readBody(message: IncomingMessage): Promise<Buffer | undefined | 'too-large'> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of message) {
    size += chunk.length
    if (size <= maxBodyBytes) chunks.push(chunk)
  }
  if (size > maxBodyBytes) return 'too-large'
  return size === 0 ? undefined : Buffer.concat(chunks)
}

/** Returns the status sent; a header that HTTP does not allow makes it a 500. */
function send(response: ServerResponse, answer: GatewayResponse, requestId: string): number {
  try {
    for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value)
    response.statusCode = answer.status
    response.setHeader('apigw-requestid', requestId)
    response.end(answer.body)
    return answer.status
  } catch {
    for (const name of response.getHeaderNames()) response.removeHeader(name)
    return send(response, internalServerError(), requestId)
  }
}

async function closeServer(server: Server, limitSeconds: number): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), limitSeconds * 1000)
  await closed
  clearTimeout(timer)
}

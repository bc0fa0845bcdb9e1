import type { IncomingMessage } from 'node:http'
import { type RouteKey, type RouteMatch, routeKeyOf } from './routes.ts'

/** The JWT of a request that an authorizer let through, as the function sees it. */
export interface JwtContext {
  readonly claims: Readonly<Record<string, string>>
  readonly scopes: readonly string[] | null
}

/** Where the API lives. */
export interface ApiIdentity {
  readonly accountId: string
  readonly apiId: string
}

export interface ReceivedRequest {
  readonly message: IncomingMessage
  readonly requestId: string
  readonly receivedAt: Date
  /** Undefined when the request has none, or an empty one. */
  readonly body: Buffer | undefined
}

/** Headers that end at the gateway. */
const hopByHop = new Set([
  'connection',
  'cookie',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * Only these reach the function as text; every other body, also a form or one without a
 * Content-Type, is base64. Observed on AWS: ministackorg/ministack#766.
 */
const textTypes = /^(text\/[^;]+|application\/(json|xml|javascript))\s*(;|$)/i

/** Splits a request target into its path and its query string, both as sent. */
export function splitTarget(message: IncomingMessage): { rawPath: string; rawQueryString: string } {
  const target = message.url ?? '/'
  const mark = target.indexOf('?')
  if (mark === -1) return { rawPath: target, rawQueryString: '' }
  return { rawPath: target.slice(0, mark), rawQueryString: target.slice(mark + 1) }
}

/** The event of payload format 2.0; a part that a request lacks is a missing key. */
export function toEvent(
  request: ReceivedRequest,
  match: RouteMatch<RouteKey>,
  context: { readonly api: ApiIdentity; readonly jwt: JwtContext | undefined },
): Record<string, unknown> {
  const { rawPath, rawQueryString } = splitTarget(request.message)
  const routeKey = routeKeyOf(match.route)
  return {
    version: '2.0',
    routeKey,
    rawPath,
    rawQueryString,
    ...unlessEmpty('cookies', request.message.headers.cookie?.split(/;\s*/) ?? []),
    headers: headersOf(request.message),
    ...unlessEmpty('queryStringParameters', queryOf(rawQueryString)),
    requestContext: {
      accountId: context.api.accountId,
      apiId: context.api.apiId,
      ...(context.jwt === undefined ? {} : { authorizer: { jwt: context.jwt } }),
      domainName: hostOf(request.message),
      domainPrefix: hostOf(request.message).split('.')[0],
      http: {
        method: request.message.method,
        path: rawPath,
        protocol: `HTTP/${request.message.httpVersion}`,
        sourceIp: sourceIpOf(request.message),
        userAgent: request.message.headers['user-agent'] ?? '',
      },
      requestId: request.requestId,
      routeKey,
      stage: '$default',
      time: accessTime(request.receivedAt),
      timeEpoch: request.receivedAt.getTime(),
    },
    ...unlessEmpty('pathParameters', match.pathParameters),
    ...bodyOf(request),
  }
}

export function sourceIpOf({ socket }: IncomingMessage): string {
  return socket.remoteAddress?.replace(/^::ffff:/, '') ?? ''
}

function bodyOf({ body, message }: ReceivedRequest): { body?: string; isBase64Encoded: boolean } {
  if (body === undefined) return { isBase64Encoded: false }
  const isText = textTypes.test(message.headers['content-type'] ?? '')
  return { body: body.toString(isText ? 'utf8' : 'base64'), isBase64Encoded: !isText }
}

function headersOf(message: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, values = []] of Object.entries(message.headersDistinct)) {
    if (!hopByHop.has(name)) headers[name] = values.join(',')
  }
  const forwarded = [...(message.headersDistinct['x-forwarded-for'] ?? []), sourceIpOf(message)]
  headers['x-forwarded-for'] = forwarded.join(', ')
  headers['x-forwarded-port'] = String(message.socket.localPort)
  headers['x-forwarded-proto'] = 'http'
  return headers
}

function queryOf(rawQueryString: string): Record<string, string> {
  const grouped = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(rawQueryString)) {
    const known = grouped.get(name)
    grouped.set(name, known === undefined ? value : `${known},${value}`)
  }
  // fromEntries defines properties, so that `__proto__` is a name like any other.
  return Object.fromEntries(grouped)
}

function hostOf(message: IncomingMessage): string {
  return (message.headers.host ?? 'localhost').replace(/:\d+$/, '')
}

/** As in access logs: `09/Jul/2026:12:00:00 +0000`. */
function accessTime(at: Date): string {
  const [, day, month, year, time] = at.toUTCString().split(' ')
  return `${day}/${month}/${year}:${time} +0000`
}

function unlessEmpty<T extends object>(key: string, value: T): Record<string, T> {
  return Object.keys(value).length === 0 ? {} : { [key]: value }
}

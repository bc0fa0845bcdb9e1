import type { InvokeResult } from '../lambda/invocation.ts'

export interface GatewayResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: Buffer
}

/** The gateway's own answers: `{"message": …}`. */
export function refuse(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): GatewayResponse {
  const body = Buffer.from(JSON.stringify({ message }))
  return { status, headers: { 'content-type': 'application/json', ...headers }, body }
}

export const internalServerError = () => refuse(500, 'Internal Server Error')

/**
 * Reads what a function returned by the rules of payload format 2.0: with a `statusCode` it is a
 * response, without one it is the JSON body of a 200. An error, or a response with parts of the
 * wrong type, is a 500.
 */
export function toResponse(result: InvokeResult): GatewayResponse {
  if (result.outcome === 'failed') return internalServerError()
  const { payload } = result
  if (!isObject(payload) || !('statusCode' in payload)) {
    const body = typeof payload === 'string' ? payload : JSON.stringify(payload)
    const headers = { 'content-type': 'application/json' }
    return { status: 200, headers, body: Buffer.from(body) }
  }
  return proxyResponse(payload) ?? internalServerError()
}

function proxyResponse(payload: Record<string, unknown>): GatewayResponse | undefined {
  const { body = '', isBase64Encoded = false } = payload
  const status = Number(payload.statusCode)
  const headers = headersOf(payload)
  if (!Number.isInteger(status) || status < 200 || status > 599) return undefined
  if (headers === undefined || (typeof body !== 'string' && body !== null)) return undefined
  const encoding = isBase64Encoded === true ? 'base64' : 'utf8'
  return { status, headers, body: Buffer.from(body ?? '', encoding) }
}

/** The gateway frames the response itself. */
const framing = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

function headersOf(payload: Record<string, unknown>): GatewayResponse['headers'] | undefined {
  const { headers: given, cookies } = payload
  const hasCookies = cookies !== undefined && cookies !== null
  if (hasCookies && !isTextList(cookies)) return undefined
  const headers: Record<string, string | readonly string[]> = {
    'content-type': 'text/plain; charset=utf-8',
  }
  for (const [name, value] of Object.entries(isObject(given) ? given : {})) {
    if (!['string', 'number', 'boolean'].includes(typeof value)) return undefined
    if (!framing.has(name.toLowerCase())) headers[name.toLowerCase()] = String(value)
  }
  return hasCookies ? { ...headers, 'set-cookie': cookies } : headers
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

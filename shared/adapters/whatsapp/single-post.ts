import { type ClientRequest, Agent as HttpAgent, type IncomingMessage, request } from 'node:http'
import { Agent as HttpsAgent, request as secureRequest } from 'node:https'
import type { Socket } from 'node:net'

/**
 * How one POST ended. `not-sent`: no byte of the request left this machine (DNS, refused, TLS, no
 * connection before the deadline). `lost`: something was sent and no whole answer came back.
 */
export type PostResult =
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly body: string
      readonly retryAfterSeconds: number | undefined
    }
  | { readonly kind: 'not-sent' }
  | { readonly kind: 'lost'; readonly detail: 'timeout' | 'connection-lost' | 'unreadable-answer' }

export interface JsonPost {
  readonly url: URL
  readonly token: string
  readonly body: string
  /** The deadline of the whole exchange. */
  readonly signal: AbortSignal
}

const maxAnswerBytes = 64 * 1024
const maxRetryAfterSeconds = 24 * 3600
/** Idle connections are dropped before a server does it, so that few requests meet a dead one. */
const idleConnectionMs = 15_000

/**
 * Makes a function that sends one POST over kept-alive connections, at most once: no redirects
 * are followed and nothing is repeated. Never rejects.
 *
 * `fetch` hides when a connection became usable and tells failures apart only by error codes,
 * some of which (ECONNRESET) occur on both sides of the first byte; the socket's events do not.
 */
export function makeSinglePost(): (post: JsonPost) => Promise<PostResult> {
  const settings = { keepAlive: true, timeout: idleConnectionMs }
  const plain = new HttpAgent(settings)
  const secure = new HttpsAgent(settings)
  return (post) =>
    new Promise((resolve) => {
      if (post.signal.aborted) return resolve({ kind: 'not-sent' })
      const isSecure = post.url.protocol === 'https:'
      const options = { method: 'POST', headers: headersOf(post), signal: post.signal }
      const call = isSecure
        ? secureRequest(post.url, { ...options, agent: secure })
        : request(post.url, { ...options, agent: plain })
      follow(call, { isSecure, signal: post.signal, resolve })
      call.end(post.body)
    })
}

interface Exchange {
  readonly isSecure: boolean
  readonly signal: AbortSignal
  /** Only its first call counts. */
  readonly resolve: (result: PostResult) => void
}

function follow(call: ClientRequest, { isSecure, signal, resolve }: Exchange): void {
  let sent = false
  const fail = (error?: NodeJS.ErrnoException) => {
    if (!sent) return resolve({ kind: 'not-sent' })
    if (signal.aborted) return resolve({ kind: 'lost', detail: 'timeout' })
    // llhttp names what it could not parse HPE_…
    const detail = error?.code?.startsWith('HPE_') ? 'unreadable-answer' : 'connection-lost'
    resolve({ kind: 'lost', detail })
  }
  call.once('socket', (socket: Socket) => {
    if (!socket.connecting) sent = true
    else socket.once(isSecure ? 'secureConnect' : 'connect', () => (sent = true))
  })
  call.once('response', (response) => readBody(response, resolve, fail))
  call.on('error', fail)
  // Also after an answer that ends without an error of its own, e.g. a switch of protocols.
  call.once('close', () => fail())
}

function readBody(
  response: IncomingMessage,
  resolve: (result: PostResult) => void,
  fail: (error?: NodeJS.ErrnoException) => void,
): void {
  const chunks: Buffer[] = []
  let size = 0
  response.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= maxAnswerBytes) chunks.push(chunk)
    else {
      resolve({ kind: 'lost', detail: 'unreadable-answer' })
      response.destroy()
    }
  })
  response.on('error', fail)
  response.once('end', () => {
    if (!response.complete) return fail()
    resolve({
      kind: 'answered',
      status: response.statusCode ?? 0,
      body: Buffer.concat(chunks).toString('utf8'),
      retryAfterSeconds: retryAfterOf(response),
    })
  })
}

function headersOf({ token, body }: JsonPost): Record<string, string | number> {
  return {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    accept: 'application/json',
  }
}

/** Seconds, or a date (RFC 9110 §10.2.3) taken relative to the answer's own `Date`. */
function retryAfterOf({ headers }: IncomingMessage): number | undefined {
  const given = headers['retry-after']
  if (given === undefined) return undefined
  const seconds = /^\d{1,9}$/.test(given)
    ? Number(given)
    : Math.ceil((Date.parse(given) - Date.parse(headers.date ?? '')) / 1000)
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(seconds, 0), maxRetryAfterSeconds)
}

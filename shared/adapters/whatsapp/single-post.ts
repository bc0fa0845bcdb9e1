import { type ClientRequest, Agent as HttpAgent, type IncomingMessage, request } from 'node:http'
import { Agent as HttpsAgent, request as secureRequest } from 'node:https'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

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

export interface Post {
  readonly url: URL
  readonly token: string
  /** JSON, or a stream whose length is known before. */
  readonly body: string | StreamedBody
  /** The deadline of the whole exchange. */
  readonly signal: AbortSignal
}

export interface StreamedBody {
  readonly contentType: string
  readonly contentLength: number
  readonly bytes: AsyncIterable<Uint8Array>
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
export function makeSinglePost(): (post: Post) => Promise<PostResult> {
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
      write(call, post.body)
    })
}

/** A stream that breaks off takes the request with it: its length will never be reached. */
function write(call: ClientRequest, body: Post['body']): void {
  if (typeof body === 'string') call.end(body)
  else pipeline(Readable.from(body.bytes, { objectMode: false }), call).catch(() => call.destroy())
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

function headersOf({ token, body }: Post): Record<string, string | number> {
  const isJson = typeof body === 'string'
  return {
    authorization: `Bearer ${token}`,
    'content-type': isJson ? 'application/json' : body.contentType,
    'content-length': isJson ? Buffer.byteLength(body) : body.contentLength,
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

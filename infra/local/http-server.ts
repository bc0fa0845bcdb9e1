import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'

export interface HttpRequest {
  readonly method: string
  /** Path without the query, still percent-encoded. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface HttpAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** `drop` resets the connection without an answer; `hang` leaves the caller waiting. */
export type HttpOutcome = HttpAnswer | 'drop' | 'hang'

export interface HttpServerOptions {
  /** 0 takes a free one. */
  readonly port: number
  readonly handle: (request: HttpRequest) => HttpOutcome | Promise<HttpOutcome>
  /** Larger bodies are answered 413; default 10 MiB. */
  readonly maxBodyBytes?: number
}

export interface HttpServer {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string
  readonly port: number
  /** Lets running requests end, and ends every connection within a second. */
  close(): Promise<void>
}

const closeWithinMs = 1000
const defaultMaxBodyBytes = 10 * 1024 * 1024

/**
 * Listens on 127.0.0.1 and hands whole requests to `handle`.
 * @throws when the port is taken (`EADDRINUSE`).
 */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const server = createServer((incoming, response) => {
    serve(options, incoming, response).catch((error: unknown) => {
      console.error('local server: a handler failed', error)
      write(response, json(500, { message: 'the local server failed; see its log' }))
    })
  })
  server.listen(options.port, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    async close() {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      const cut = setTimeout(() => server.closeAllConnections(), closeWithinMs)
      await closed
      clearTimeout(cut)
    },
  }
}

/** A JSON answer. */
export function json(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(value),
  }
}

/** The body as JSON; undefined when it is empty or not JSON. */
export function readJson(request: HttpRequest): unknown {
  try {
    return JSON.parse(request.body.toString('utf8'))
  } catch {
    return undefined
  }
}

async function serve(
  options: HttpServerOptions,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(incoming, options.maxBodyBytes ?? defaultMaxBodyBytes)
  // A caller that went away while it was sending gets no answer.
  if (body === 'aborted') return
  if (body === 'too-large') {
    write(response, json(413, { message: 'request too large' }, { connection: 'close' }))
    return
  }
  const url = new URL(`http://127.0.0.1${incoming.url ?? '/'}`)
  const outcome = await options.handle({
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: incoming.headers,
    body,
  })
  if (outcome === 'hang') return
  if (outcome === 'drop') incoming.socket.resetAndDestroy()
  else write(response, outcome)
}

async function readBody(
  incoming: IncomingMessage,
  maxBytes: number,
): Promise<Buffer | 'too-large' | 'aborted'> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      bytes += chunk.length
      // Read to the end all the same: a client still writing would see a reset, not the 413.
      if (bytes <= maxBytes) chunks.push(chunk)
    }
  } catch {
    return 'aborted'
  }
  return bytes > maxBytes ? 'too-large' : Buffer.concat(chunks)
}

function write(response: ServerResponse, answer: HttpAnswer): void {
  if (response.destroyed || response.headersSent) return
  const body = Buffer.from(answer.body ?? '')
  response.writeHead(answer.status, { ...answer.headers, 'content-length': body.length })
  response.end(body)
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as z from 'zod'

export interface Exchange {
  readonly url: URL
  /** Named groups of the route's pattern. */
  readonly params: Readonly<Record<string, string | undefined>>
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** What a route answers; `cut` ends the connection instead. */
export type Answer =
  | { readonly status: number; readonly json: unknown }
  | { readonly status: number; readonly bytes: Buffer | string; readonly contentType: string }
  | { readonly cut: 'reset' | 'hang' | 'truncated'; readonly json?: unknown }

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: RegExp
  readonly handle: (exchange: Exchange) => Answer | Promise<Answer>
}

const maxBodyBytes = 101 * 1024 * 1024

/** A small HTTP server over a list of routes. */
export class HttpServer {
  readonly #server: Server
  readonly #routes: readonly Route[]
  readonly #baseHeaders: Readonly<Record<string, string>>

  constructor(routes: readonly Route[], baseHeaders: Readonly<Record<string, string>>) {
    this.#routes = routes
    this.#baseHeaders = baseHeaders
    this.#server = createServer({ keepAliveTimeout: 30_000 }, (request, response) => {
      void this.#serve(request, response)
    })
  }

  /** Listens on 127.0.0.1 and answers with the port; 0 takes a free one. */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, '127.0.0.1', 1024, () => {
        resolve((this.#server.address() as AddressInfo).port)
      })
    })
  }

  /** Stops listening and cuts every connection. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      this.#server.closeAllConnections()
    })
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const body = await readBody(request)
      this.#send(response, await this.#answer(request, body))
    } catch (error) {
      if (error instanceof BodyTooLarge) this.#send(response, problem(413, 'body too large'))
      else response.destroy()
    }
  }

  async #answer(request: IncomingMessage, body: Buffer): Promise<Answer> {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    for (const { method, path, handle } of this.#routes) {
      const match = method === request.method ? path.exec(url.pathname) : null
      if (match) return answerOf(handle, exchangeOf(request, { url, match, body }))
    }
    return problem(404, `no route for ${request.method} ${url.pathname}`)
  }

  #send(response: ServerResponse, answer: Answer): void {
    if ('cut' in answer) {
      this.#cut(response, answer)
      return
    }
    const isJson = 'json' in answer
    const bytes = isJson ? JSON.stringify(answer.json) : answer.bytes
    response.writeHead(answer.status, {
      ...this.#baseHeaders,
      'content-type': isJson ? 'application/json; charset=UTF-8' : answer.contentType,
      'content-length': Buffer.byteLength(bytes),
    })
    response.end(bytes)
  }

  #cut(response: ServerResponse, { cut, json }: Extract<Answer, { cut: string }>): void {
    if (cut === 'hang') return
    if (cut === 'reset') {
      response.socket?.resetAndDestroy()
      return
    }
    const whole = Buffer.from(JSON.stringify(json))
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': whole.length })
    response.write(whole.subarray(0, whole.length / 2), () => response.destroy())
  }
}

/** JSON of a steering call. Throws a ZodError when it is not what the schema says. */
export function jsonBody<Schema extends z.ZodType>(
  exchange: Exchange,
  schema: Schema,
): z.output<Schema> {
  return schema.parse(JSON.parse(exchange.body.toString('utf8') || '{}'))
}

export function problem(status: number, detail: string): Answer {
  return { status, json: { status, detail } }
}

class BodyTooLarge extends Error {}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBodyBytes) throw new BodyTooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function exchangeOf(
  { headers }: IncomingMessage,
  { url, match, body }: { url: URL; match: RegExpExecArray; body: Buffer },
): Exchange {
  return { url, params: match.groups ?? {}, headers, body }
}

/** A mistake of the caller is told to him; anything else is a bug and ends as 500. */
async function answerOf(handle: Route['handle'], exchange: Exchange): Promise<Answer> {
  try {
    return await handle(exchange)
  } catch (error) {
    if (error instanceof z.ZodError) return problem(400, z.prettifyError(error))
    const isMistake = error instanceof SyntaxError || error instanceof RangeError
    if (isMistake) return problem(400, error.message)
    console.error('whatsapp simulator:', error)
    return problem(500, 'the simulator failed; see its log')
  }
}

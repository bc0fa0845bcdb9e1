import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** What was asked and answered. */
interface Exchange {
  /** Method, path and body. */
  readonly request: string
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

export interface RecordingRoad {
  readonly url: string
  readonly exchanges: readonly Exchange[]
  close(): Promise<void>
}

/** Of one connection, and what Node has undone or sets itself. */
const ownHeaders = ['connection', 'content-length', 'host', 'keep-alive', 'transfer-encoding']
const undone = [...ownHeaders, 'content-encoding']

/** Stands before a service and remembers all that passes; changes nothing. */
export async function startRecordingRoad(target: string): Promise<RecordingRoad> {
  const exchanges: Exchange[] = []

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = incoming
    const body = await buffer(incoming)
    const answer = await fetch(`${target}${url}`, {
      method,
      headers: headersOf(incoming),
      redirect: 'manual',
      ...(body.length > 0 && { body: new Uint8Array(body) }),
    })
    const bytes = Buffer.from(await answer.arrayBuffer())
    exchanges.push({
      request: `${method} ${url}\n${body}`,
      status: answer.status,
      headers: answer.headers,
      text: bytes.toString(),
    })
    const headers = [...answer.headers].filter(([name]) => !undone.includes(name))
    response.writeHead(answer.status, headers.flat()).end(bytes)
  }

  const server = createServer((incoming, response) => {
    serve(incoming, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    exchanges,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function headersOf({ headers }: IncomingMessage): [string, string][] {
  return Object.entries(headers).flatMap(([name, value]) =>
    value === undefined || ownHeaders.includes(name) ? [] : [[name, String(value)]],
  )
}

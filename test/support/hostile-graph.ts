import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net'
import { text as readText } from 'node:stream/consumers'
import { afterEach } from 'vitest'

interface Seen {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}
export interface Reply {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()))
})

/** Listens on a free port of 127.0.0.1 until the test ends; gives the port. */
export async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  return (server.address() as AddressInfo).port
}

/** A Graph API that answers in turn (the last answer stays) and keeps what it was asked. */
export async function graph(...replies: [Reply, ...Reply[]]) {
  const seen: Seen[] = []
  let connections = 0
  const answer = async (call: IncomingMessage, response: ServerResponse) => {
    seen.push({
      method: call.method,
      url: call.url,
      headers: call.headers,
      body: await readText(call),
    })
    const { status, body, headers } = replies[seen.length - 1] ?? replies.at(-1) ?? replies[0]
    response.writeHead(status, headers)
    response.end(typeof body === 'object' ? JSON.stringify(body) : body)
  }
  const server = createServer((call, response) => void answer(call, response))
  server.on('connection', () => connections++)
  const port = await listen(server)
  return { seen, url: `http://127.0.0.1:${port}`, connections: () => connections }
}

/** A server that does what it likes with the bytes; `onRequest` runs once the whole body came. */
export async function wire(onRequest: (socket: Socket, count: number) => void) {
  let count = 0
  const received: string[] = []
  const port = await listen(
    createTcpServer((socket) => {
      let pending = ''
      socket.on('data', (chunk) => {
        received.push(chunk.toString('latin1'))
        pending += received.at(-1)
        if (!pending.includes('"recipient_type"') || !pending.endsWith('}')) return
        pending = ''
        onRequest(socket, ++count)
      })
    }),
  )
  return { url: `http://127.0.0.1:${port}`, count: () => count, received }
}

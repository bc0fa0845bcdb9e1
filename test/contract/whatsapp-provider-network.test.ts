import type { Socket } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { makeCloudApiProvider } from '#shared/adapters/whatsapp/cloud-api-provider.ts'
import type { CloudApiOptions } from '#shared/adapters/whatsapp/messages-call.ts'
import type { DeliveryRequest } from '#shared/ports/message-provider.ts'
import { listen, wire } from '#test/support/hostile-graph.ts'

const body = JSON.stringify({ messages: [{ id: 'wamid.A=' }] })
const whole = `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`
const request: DeliveryRequest = {
  attemptId: '0198c1d2-7b1e-7c7a-9a50-5f0f4e7a9b11',
  sender: { phoneNumberId: '106540000000001', secretName: 'numero' },
  recipient: { phone: '+5511987654321' },
  content: { type: 'text', text: 'Olá' },
}
const notSent = { outcome: 'unavailable', scope: 'provider', reason: 'provider-unavailable' }
/** Long enough to connect on a busy machine, short enough to wait for. */
const hangingMs = 1_000

const provider = (graphUrl: string, options: Partial<CloudApiOptions> = {}) =>
  makeCloudApiProvider({
    graphUrl,
    version: 'v26.0',
    token: async () => 'EAAtoken',
    timeoutMs: 20_000,
    ...options,
  })

/** A port that nobody listens on. */
async function refusedPort(): Promise<number> {
  const server = createTcpServer()
  const port = await listen(server)
  server.close()
  return port
}

async function tcp(onConnection: (socket: Socket) => void) {
  const received: Buffer[] = []
  const port = await listen(
    createTcpServer((socket) => {
      socket.on('data', (chunk) => received.push(chunk))
      onConnection(socket)
    }),
  )
  return { port, received: () => Buffer.concat(received).toString('latin1') }
}

describe('before the first byte', () => {
  it('a refused connection is certainly not sent', async () => {
    expect(await provider(`http://127.0.0.1:${await refusedPort()}`).send(request)).toEqual(notSent)
    expect(await provider(`http://localhost:${await refusedPort()}`).send(request)).toEqual(notSent)
  })

  it('nor is one to a name that cannot exist', async () => {
    // A label over 63 characters fails in the resolver, before any question to the network.
    expect(await provider(`http://${'a'.repeat(64)}.invalid`).send(request)).toEqual(notSent)
  })

  it.each([
    ['speaks no TLS', (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
    [
      'resets the handshake',
      (socket: Socket) => socket.once('data', () => socket.resetAndDestroy()),
    ],
    ['closes during the handshake', (socket: Socket) => socket.once('data', () => socket.end())],
  ])('nor one to a server that %s', async (_, onConnection) => {
    const server = await tcp(onConnection)
    expect(await provider(`https://127.0.0.1:${server.port}`).send(request)).toEqual(notSent)
    expect(server.received()).not.toContain('EAAtoken')
  })

  it('nor one whose handshake never ends', async () => {
    const server = await tcp(() => undefined)
    const { send } = provider(`https://127.0.0.1:${server.port}`, { timeoutMs: hangingMs })
    expect(await send(request)).toEqual(notSent)
    expect(server.received()).not.toContain('EAAtoken')
  })

  it('nor one whose deadline passed while the token was read', async () => {
    const server = await wire((socket) => socket.end(whole))
    const { send } = provider(server.url, {
      timeoutMs: 1,
      token: () => new Promise((resolve) => setTimeout(resolve, 50, 'EAAtoken')),
    })
    expect(await send(request)).toEqual(notSent)
    expect(server.count()).toBe(0)
  })
})

describe('after the first byte', () => {
  const lost = { outcome: 'unknown', detail: 'connection-lost' }
  const unreadable = { outcome: 'unknown', detail: 'unreadable-answer' }

  it.each([
    ['reset before the answer', (socket: Socket) => socket.resetAndDestroy(), lost],
    ['closed before the answer', (socket: Socket) => socket.end(), lost],
    [
      'reset in the middle of the answer',
      (socket: Socket) => socket.write(whole.slice(0, -5), () => socket.resetAndDestroy()),
      lost,
    ],
    [
      'closed in the middle of the answer',
      (socket: Socket) => socket.end(whole.slice(0, -5)),
      lost,
    ],
    ['closed within the headers', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nconte'), lost],
    [
      'closed within a chunk',
      (socket: Socket) =>
        socket.end(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\n${body}`),
      lost,
    ],
    [
      'a protocol switch',
      (socket: Socket) =>
        socket.end('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
      lost,
    ],
    ['no HTTP at all', (socket: Socket) => socket.end('SSH-2.0-OpenSSH\r\n\r\n'), unreadable],
    [
      'headers without end',
      (socket: Socket) => socket.end(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(100_000)}\r\n\r\n${body}`),
      unreadable,
    ],
    [
      'an answer cut short by its own length',
      (socket: Socket) =>
        socket.end(`HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n${body.slice(0, -3)}`),
      unreadable,
    ],
    [
      'a body without end',
      (socket: Socket) => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        const pour = () => {
          while (!socket.destroyed && socket.write('x'.repeat(16_384)));
        }
        socket.on('drain', pour)
        pour()
      },
      unreadable,
    ],
  ])('%s is unknown, and called once', async (_, onRequest, expected) => {
    const server = await wire(onRequest)
    expect(await provider(server.url).send(request)).toEqual(expected)
    expect(server.count()).toBe(1)
  })

  it.each([
    ['no answer', ''],
    ['headers that stop', 'HTTP/1.1 200 OK\r\ncontent-le'],
    ['a body that stops', whole.slice(0, -5)],
    ['only an interim answer', 'HTTP/1.1 102 Processing\r\n\r\n'],
  ])('%s is unknown once the time is over', async (_, bytes) => {
    const server = await wire((socket) => socket.write(bytes))
    const { send } = provider(server.url, { timeoutMs: hangingMs })
    expect(await send(request)).toEqual({ outcome: 'unknown', detail: 'timeout' })
    expect(server.count()).toBe(1)
  })

  it('a kept connection that dies under the next send is unknown, not tried again', async () => {
    const server = await wire((socket, count) => {
      if (count === 1) socket.write(whole)
      else socket.resetAndDestroy()
    })
    const { send } = provider(server.url)
    expect(await send(request)).toHaveProperty('outcome', 'accepted')
    expect(await send(request)).toEqual(lost)
    expect(server.count()).toBe(2)
  })

  it('the next send after a lost one goes by a new connection', async () => {
    const server = await wire((socket, count) => {
      if (count === 1) socket.resetAndDestroy()
      else socket.write(whole)
    })
    const { send } = provider(server.url)
    expect(await send(request)).toEqual(lost)
    expect(await send(request)).toHaveProperty('outcome', 'accepted')
  })
})

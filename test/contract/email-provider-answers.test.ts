import { createServer, type Server, type Socket } from 'node:net'
import { SESClient } from '@aws-sdk/client-ses'
import { afterEach, describe, expect, it } from 'vitest'
import { makeSesProvider } from '#shared/adapters/email/ses-provider.ts'
import { delivery } from '#test/support/email.ts'

function providerAt(endpoint: string) {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const client = new SESClient({ endpoint, region: 'sa-east-1', credentials, maxAttempts: 1 })
  return makeSesProvider({ client, timeoutMs: 20_000 })
}

describe('an answer that is none of SES', () => {
  let server: Server
  let requests = 0
  const open = new Set<Socket>()

  /** Answers each request, read whole, with these bytes and hangs up. */
  async function answering(bytes: string): Promise<string> {
    requests = 0
    server = createServer((socket) => {
      open.add(socket)
      let text = ''
      socket.on('error', () => undefined)
      socket.on('close', () => open.delete(socket))
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1')
        const head = text.indexOf('\r\n\r\n')
        const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? Number.NaN)
        if (head < 0 || text.length < head + 4 + length) return
        text = ''
        requests += 1
        socket.end(bytes)
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  }
  afterEach(async () => {
    for (const socket of open) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })

  const http = (status: string, body: string, type = 'text/xml') =>
    `HTTP/1.1 ${status}\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  const error = (code: string, message = 'x') =>
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`
  const result = (id: string) =>
    `<SendRawEmailResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><SendRawEmailResult>${id}</SendRawEmailResult></SendRawEmailResponse>`
  const unreadable = { outcome: 'unknown', detail: 'unreadable-answer' }
  const serverError = { outcome: 'unknown', detail: 'server-error' }
  const lost = { outcome: 'unknown', detail: 'connection-lost' }

  it.each<[string, string, object]>([
    ['200 without a body', http('200 OK', ''), unreadable],
    ['200 without an id', http('200 OK', result('')), unreadable],
    ['200 with an empty id', http('200 OK', result('<MessageId></MessageId>')), unreadable],
    [
      '200 with an id of another form',
      http('200 OK', result('<MessageId>a b</MessageId>')),
      unreadable,
    ],
    ['200 with HTML', http('200 OK', '<html><body>ok', 'text/html'), unreadable],
    ['200 with no XML', http('200 OK', 'ok'), unreadable],
    ['301', http('301 Moved', ''), unreadable],
    ['400 without a body', http('400 Bad Request', ''), unreadable],
    ['403 of an edge', http('403 Forbidden', '<html>no</html>', 'text/html'), unreadable],
    ['413 of an edge', http('413 Too Large', 'too large', 'text/plain'), unreadable],
    ['502 of an edge', http('502 Bad Gateway', '<html>502</html>', 'text/html'), serverError],
    ['503 without a body', http('503 Unavailable', ''), serverError],
    ['504 of an edge', http('504 Gateway Timeout', 'x'), serverError],
    ['500 of SES', http('500 Error', error('InternalFailure')), serverError],
    ['503 of SES', http('503 Error', error('ServiceUnavailable')), serverError],
    [
      '503 that throttles',
      http('503 Error', error('Throttling')),
      { outcome: 'throttled', scope: 'sender' },
    ],
    [
      'a code nobody knows',
      http('400 Bad', error('Invented')),
      { outcome: 'rejected', reason: 'unknown-error' },
    ],
    [
      'an answer cut short',
      http('200 OK', result('<MessageId>1-1</MessageId>')).slice(0, -40),
      unreadable,
    ],
    ['half a status line', 'HTTP/1.1 20', lost],
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n', lost],
    ['nothing', '', lost],
  ])('%s', async (_case, bytes, expected) => {
    expect(await providerAt(await answering(bytes)).send(delivery())).toEqual(expected)
    expect(requests).toBe(1)
  })

  it('a port where nobody listens is certainly unsent, with and without TLS', async () => {
    const url = await answering('')
    await new Promise((resolve) => server.close(resolve))
    const unsent = { outcome: 'unavailable', scope: 'provider', reason: 'provider-unavailable' }
    expect(await providerAt(url).send(delivery())).toEqual(unsent)
    expect(await providerAt(url.replace('http:', 'https:')).send(delivery())).toEqual(unsent)
  })
})

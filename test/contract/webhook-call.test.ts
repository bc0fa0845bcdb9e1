import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { makeEventWebhooks, type WebhookOptions } from '#shared/adapters/events/webhook-call.ts'
import { newSigningSecret, signedHeaders } from '#shared/adapters/events/webhook-signature.ts'
import { systemClock } from '#shared/runtime/system.ts'
import { listen } from '#test/support/hostile-graph.ts'
import { isSignedBy, receiver } from '#test/support/receiver.ts'

const body = JSON.stringify({ id: '77', type: 'message.sent', createdAt: '…', data: { ç: 'ã' } })

const webhooks = (more: Partial<WebhookOptions> = {}) =>
  makeEventWebhooks({
    addresses: 'any',
    resolve: async () => [],
    timeoutMs: 5000,
    clock: systemClock,
    ...more,
  })

const secret = newSigningSecret()
const call = (url: string, more: Partial<WebhookOptions> = {}, secrets = [secret]) =>
  webhooks(more).call({ url, secrets, webhookId: '77', body })

describe('signatures', () => {
  it('are those of the published example', () => {
    const headers = signedHeaders(['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'], {
      webhookId: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      timestamp: 1614265330,
      body: '{"test": 2432232314}',
    })
    expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
  })

  it('are made with 32 random bytes', () => {
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect(newSigningSecret()).not.toBe(secret)
  })

  it('are taken by a receiver, by each of two secrets, and by no other', async () => {
    const program = await receiver()
    const older = newSigningSecret()
    expect(await call(program.url, {}, [secret, older])).toEqual({
      outcome: 'delivered',
      statusCode: 204,
    })
    const [got] = program.seen
    if (got === undefined) throw new Error('nobody was called')
    expect(got.body).toBe(body)
    expect(got.headers).toMatchObject({
      'content-type': 'application/json',
      'webhook-id': '77',
      'webhook-timestamp': expect.stringMatching(/^\d{10}$/),
    })
    expect([secret, older, newSigningSecret()].map((each) => isSignedBy(each, got))).toEqual([
      true,
      true,
      false,
    ])
  })
})

describe('what a receiver does', () => {
  const answers: readonly (readonly [number, Record<string, string>, object])[] = [
    [200, {}, { outcome: 'delivered', statusCode: 200 }],
    [299, {}, { outcome: 'delivered', statusCode: 299 }],
    [301, { location: 'http://169.254.169.254/' }, { outcome: 'refused', statusCode: 301 }],
    [307, { location: 'http://169.254.169.254/' }, { outcome: 'refused', statusCode: 307 }],
    [404, {}, { outcome: 'refused', statusCode: 404 }],
    [410, {}, { outcome: 'refused', statusCode: 410 }],
    [
      429,
      { 'retry-after': '120' },
      { outcome: 'refused', statusCode: 429, retryAfterSeconds: 120 },
    ],
    [503, { 'retry-after': 'soon' }, { outcome: 'refused', statusCode: 503 }],
    [503, { 'retry-after': '-5' }, { outcome: 'refused', statusCode: 503 }],
  ]
  it.each(answers)('%i %j', async (status, headers, wanted) => {
    const program = await receiver((response) => response.writeHead(status, headers).end('{}'))
    expect(await call(program.url)).toEqual(wanted)
    expect(program.connections()).toBe(1)
  })

  it('a redirect is not followed, not even to where a call would be right', async () => {
    const other = await receiver()
    const program = await receiver((response) =>
      response.writeHead(308, { location: other.url }).end(),
    )
    expect(await call(program.url)).toEqual({ outcome: 'refused', statusCode: 308 })
    expect(other.seen).toEqual([])
  })

  it('no answer in time', async () => {
    const program = await receiver(() => undefined)
    expect(await call(program.url, { timeoutMs: 300 })).toEqual({ outcome: 'timeout' })
  })

  it('a reset in place of an answer', async () => {
    const program = await receiver((response) => response.socket?.resetAndDestroy())
    expect(await call(program.url)).toEqual({ outcome: 'connection-failed' })
  })

  it('something that is not HTTP', async () => {
    const port = await listen(createServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n')))
    expect(await call(`http://127.0.0.1:${port}/`)).toEqual({ outcome: 'connection-failed' })
  })

  it('nobody there', async () => {
    const program = await receiver()
    const { port } = program
    const closed = createServer()
    const free = await listen(closed)
    closed.close()
    expect(free).not.toBe(port)
    expect(await call(`http://127.0.0.1:${free}/`)).toEqual({ outcome: 'connection-failed' })
  })

  it('a body without end is not read to it', async () => {
    let written = 0
    const program = await receiver((response) => {
      response.writeHead(200)
      const more = () => {
        while (!response.destroyed) {
          written += 65_536
          if (!response.write(Buffer.alloc(65_536))) return response.once('drain', more)
        }
        return undefined
      }
      more()
    })
    expect(await call(program.url)).toEqual({ outcome: 'delivered', statusCode: 200 })
    expect(written).toBeLessThan(20_000_000)
  })

  it.each([
    ['stops in the middle', (response: import('node:http').ServerResponse) => response.write('{')],
    [
      'breaks off',
      (response: import('node:http').ServerResponse) => response.socket?.resetAndDestroy(),
    ],
  ])('a body that %s has been an answer all the same', async (_, after) => {
    const program = await receiver((response) => {
      response.writeHead(202, { 'content-length': 100 })
      response.flushHeaders()
      response.write('x', () => after(response))
    })
    expect(await call(program.url, { timeoutMs: 500 })).toEqual({
      outcome: 'delivered',
      statusCode: 202,
    })
  })
})

describe('where receivers may be', () => {
  const at = (...addresses: readonly string[]) => ({
    addresses: 'public' as const,
    resolve: async () => addresses,
  })
  const literal = { addresses: 'public' as const, resolve: async (host: string) => [host] }
  const nowhere = {
    addresses: 'public' as const,
    resolve: async () => {
      throw new Error('ENOTFOUND')
    },
  }

  it.each([
    ['plain HTTP', 'http://example.com/', at('93.184.215.14')],
    ['another scheme', 'ftp://example.com/', at('93.184.215.14')],
    ['a user', 'https://u:p@example.com/', at('93.184.215.14')],
    ['no address', 'nonsense', at('93.184.215.14')],
    ['an address too long', `https://example.com/${'x'.repeat(2048)}`, at('93.184.215.14')],
    ['a name that leads inside', 'https://example.com/', at('10.0.0.7')],
    ['one bad address among good ones', 'https://example.com/', at('93.184.215.14', '127.0.0.1')],
    ['the metadata service', 'https://169.254.169.254/latest', literal],
    ['loopback', 'https://127.0.0.1/', literal],
    ['loopback as a number', 'https://2130706433/', literal],
    ['loopback in IPv6', 'https://[::1]/', literal],
    ['a mapped address', 'https://[::ffff:10.0.0.1]/', literal],
  ])('%s is refused, by a look and by a call', async (_, url, options) => {
    expect(await webhooks(options).mayCall(url)).toBe(false)
    expect(await call(url, options)).toEqual({ outcome: 'address-refused' })
  })

  it('a name that nobody knows yet may be named, and is not called', async () => {
    expect(await webhooks(nowhere).mayCall('https://example.com/')).toBe(true)
    expect(await call('https://example.com/', nowhere)).toEqual({ outcome: 'name-unknown' })
  })

  it('a name that takes too long to look up is given up', async () => {
    const slow = {
      addresses: 'public' as const,
      resolve: () => new Promise<never>(() => undefined),
    }
    expect(await call('https://example.com/', { ...slow, timeoutMs: 200 })).toEqual({
      outcome: 'timeout',
    })
  })

  it('public addresses are right, and one machine takes any', async () => {
    expect(
      await webhooks(at('93.184.215.14', '2606:2800:21f::1')).mayCall('https://a.example/'),
    ).toBe(true)
    expect(await webhooks().mayCall('http://127.0.0.1:8080/')).toBe(true)
  })

  it('looks once, and connects to what it saw', async () => {
    const looked: string[] = []
    const resolve = async (host: string) => {
      looked.push(host)
      return looked.length === 1 ? ['10.1.1.1'] : ['93.184.215.14']
    }
    expect(await call('https://example.com/', { addresses: 'public', resolve })).toEqual({
      outcome: 'address-refused',
    })
    expect(looked).toEqual(['example.com'])
  })
})

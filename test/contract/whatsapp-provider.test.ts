import { createServer } from 'node:http'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeCloudApiProvider } from '#shared/adapters/whatsapp/cloud-api-provider.ts'
import type { CloudApiOptions } from '#shared/adapters/whatsapp/messages-call.ts'
import type { DeliveryRequest } from '#shared/ports/message-provider.ts'
import { graph, listen, type Reply, wire } from '#test/support/hostile-graph.ts'

const attemptId = '0198c1d2-7b1e-7c7a-9a50-5f0f4e7a9b11'
const wamid = 'wamid.HBgNNTUxMTk4NzY1NDMyMRUCABEY='
const token = 'EAAtoken-canary'
const request: DeliveryRequest = {
  attemptId,
  sender: { phoneNumberId: '106540000000001', secretName: 'numero' },
  recipient: { phone: '+5511987654321' },
  content: { type: 'text', text: 'Olá, ação 👍' },
}
const acceptance = {
  messaging_product: 'whatsapp',
  contacts: [{ input: '+5511987654321', wa_id: '551187654321' }],
  messages: [{ id: wamid }],
}
const errorBody = (code: number, more: object = {}) => ({
  error: { message: 'canary +5511987654321', type: 'OAuthException', code, ...more },
})

const provider = (graphUrl: string, options: Partial<CloudApiOptions> = {}) =>
  makeCloudApiProvider({
    graphUrl,
    version: 'v26.0',
    token: async () => token,
    timeoutMs: 20_000,
    ...options,
  })

async function outcomeFor(reply: Reply) {
  const { url, seen } = await graph(reply)
  const result = await provider(url).send(request)
  expect(seen).toHaveLength(1)
  expect(JSON.stringify(result)).not.toMatch(/canary|987654321/)
  return result
}

describe('a send', () => {
  it('posts once and reads the acceptance', async () => {
    const { url, seen } = await graph({ status: 200, body: acceptance })
    const result = await provider(`${url}/`).send(request)
    expect(result).toEqual({
      outcome: 'accepted',
      providerMessageId: wamid,
      held: false,
      waId: '551187654321',
    })
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: '/v26.0/106540000000001/messages',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    })
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      to: '+5511987654321',
      biz_opaque_callback_data: attemptId,
      type: 'text',
      text: { body: 'Olá, ação 👍', preview_url: false },
    })
  })

  it.each([
    ['accepted', false],
    ['held_for_quality_assessment', true],
    ['paused', true],
    [undefined, false],
    [5, false],
  ])('with message_status %s is held: %s', async (message_status, held) => {
    const body = { messages: [{ id: wamid, message_status }] }
    expect(await outcomeFor({ status: 200, body })).toEqual({
      outcome: 'accepted',
      providerMessageId: wamid,
      held,
    })
  })

  it('keeps its connection', async () => {
    const server = await graph({ status: 200, body: acceptance })
    const { send } = provider(server.url)
    for (const _ of Array(5)) expect(await send(request)).toHaveProperty('outcome', 'accepted')
    expect(server.seen).toHaveLength(5)
    expect(server.connections()).toBe(1)
  })

  it('keeps the answers of many at once apart', async () => {
    const server = await wire((socket) => {
      const body = JSON.stringify({ messages: [{ id: wamid }] })
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
    })
    const { send } = provider(server.url)
    const results = await Promise.all(Array.from({ length: 40 }, () => send(request)))
    expect(results.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(40)
    expect(server.count()).toBe(40)
  })

  it.each([
    [
      'content it cannot carry',
      { content: { type: 'other', providerType: 'x', raw: 1 } },
      'unsupported-content',
    ],
    ['a number without +', { recipient: { phone: '5511987654321' } }, 'invalid-request'],
    ['an empty user id', { recipient: { userId: '' } }, 'invalid-request'],
  ] as const)('refuses %s without a call', async (_, fields, reason) => {
    const { url, seen } = await graph({ status: 200, body: acceptance })
    expect(await provider(url).send({ ...request, ...fields })).toEqual({
      outcome: 'rejected',
      reason,
    })
    expect(seen).toEqual([])
  })
})

describe('an error of Meta', () => {
  it.each([
    [400, 131047, { outcome: 'rejected', reason: 'service-window-closed' }],
    [404, 132001, { outcome: 'rejected', reason: 'template-missing' }],
    [400, 131050, { outcome: 'rejected', reason: 'marketing-stopped' }],
    [400, 987654, { outcome: 'rejected', reason: 'unknown-error' }],
    [500, 987654, { outcome: 'unavailable', scope: 'provider', reason: 'unknown-error' }],
    [500, 131016, { outcome: 'unavailable', scope: 'provider', reason: 'provider-unavailable' }],
    [
      500,
      131000,
      { outcome: 'unavailable', scope: 'provider', reason: 'provider-error', maxAttempts: 3 },
    ],
    [500, 3, { outcome: 'unavailable', scope: 'sender', reason: 'sender-permission' }],
    [403, 368, { outcome: 'unavailable', scope: 'sender', reason: 'sender-restricted' }],
    [400, 131042, { outcome: 'unavailable', scope: 'sender', reason: 'sender-payment' }],
    [400, 130429, { outcome: 'throttled', scope: 'sender' }],
    [400, 131056, { outcome: 'throttled', scope: 'pair' }],
    [200, 131026, { outcome: 'rejected', reason: 'recipient-unreachable' }],
  ])('HTTP %i, code %i', async (status, code, expected) => {
    expect(await outcomeFor({ status, body: errorBody(code) })).toEqual({ ...expected, code })
  })

  it('that calls itself passing is retried', async () => {
    const body = errorBody(987654, { is_transient: true })
    expect(await outcomeFor({ status: 400, body })).toMatchObject({ outcome: 'unavailable' })
  })

  const date = 'Mon, 23 Nov 2026 12:00:00 GMT'
  it.each([
    [{ 'retry-after': '17' }, 17],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '999999999' }, 86_400],
    [{ 'retry-after': 'Mon, 23 Nov 2026 12:01:30 GMT', date }, 90],
    [{ 'retry-after': 'Mon, 23 Nov 2026 11:00:00 GMT', date }, 0],
    [{ 'retry-after': 'depois' }, undefined],
    [{ 'retry-after': '-5', date: 'x' }, undefined],
  ])('honours %j', async (headers, retryAfterSeconds) => {
    const result = await outcomeFor({ status: 400, body: errorBody(80007), headers })
    expect(result).toEqual({
      outcome: 'throttled',
      scope: 'sender',
      code: 80007,
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    })
  })

  it('HTTP 429 from an edge is a wait even without an error object', async () => {
    const result = await outcomeFor({
      status: 429,
      body: '<html>',
      headers: { 'retry-after': '3' },
    })
    expect(result).toEqual({ outcome: 'throttled', scope: 'sender', retryAfterSeconds: 3 })
  })
})

describe('a refused token', () => {
  const unauthorised = { status: 401, body: errorBody(190) }
  const refused = { outcome: 'unavailable', scope: 'sender', reason: 'sender-token', code: 190 }
  const rotating: CloudApiOptions['token'] = async (_, options) => (options?.fresh ? 'new' : 'old')

  it('is read again and the attempt repeated once, under the same id', async () => {
    const { url, seen } = await graph(unauthorised, { status: 200, body: acceptance })
    const asked: unknown[] = []
    const result = await provider(url, {
      token: (name, options) => {
        asked.push([name, options?.fresh ?? false])
        return rotating(name, options)
      },
    }).send(request)
    expect(result).toMatchObject({ outcome: 'accepted', providerMessageId: wamid })
    expect(asked).toEqual([
      ['numero', false],
      // What is kept may be another one by now.
      ['numero', false],
      ['numero', true],
    ])
    expect(seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer old', 'Bearer new'])
    expect(seen[0]?.body).toBe(seen[1]?.body)
  })

  it('is not read again where somebody else has done so by now', async () => {
    const { url, seen } = await graph(unauthorised, { status: 200, body: acceptance })
    const kept = ['old', 'new']
    const result = await provider(url, {
      token: async (_, options) => (options?.fresh ? 'read once more' : (kept.shift() ?? '')),
    }).send(request)
    expect(result).toMatchObject({ outcome: 'accepted' })
    expect(seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer old', 'Bearer new'])
  })

  it('stays refused after the second time', async () => {
    const { url, seen } = await graph(unauthorised)
    expect(await provider(url, { token: rotating }).send(request)).toEqual(refused)
    expect(seen).toHaveLength(2)
  })

  it('is not tried again when it is the same', async () => {
    const { url, seen } = await graph({ status: 401, body: errorBody(0) })
    expect(await provider(url).send(request)).toEqual({ ...refused, code: 0 })
    expect(seen).toHaveLength(1)
  })

  it('is not tried again when no other can be read', async () => {
    const { url, seen } = await graph(unauthorised)
    const failing: CloudApiOptions['token'] = async (_, options) => {
      if (options?.fresh) throw new Error('no secrets today')
      return 'old'
    }
    expect(await provider(url, { token: failing }).send(request)).toEqual(refused)
    expect(seen).toHaveLength(1)
  })

  it.each(['', ' ', 'a\nb', 'a b', 'ç'])('that is no token (%j) is never sent', async (bad) => {
    const { url, seen } = await graph(unauthorised)
    const { code: _, ...unusable } = refused
    expect(await provider(url, { token: async () => bad }).send(request)).toEqual(unusable)
    expect(seen).toEqual([])
  })

  it('loses its stray line break before it is sent', async () => {
    const { url, seen } = await graph({ status: 200, body: acceptance })
    await provider(url, { token: async () => 'abc\n' }).send(request)
    expect(seen[0]?.headers.authorization).toBe('Bearer abc')
  })
})

describe('an answer that says nothing', () => {
  it.each([
    ['500 without a body', { status: 500 }, 'server-error'],
    ['502 in HTML', { status: 502, body: '<html>Bad Gateway</html>' }, 'server-error'],
    ['503 in JSON that is not Meta’s', { status: 503, body: { message: 'busy' } }, 'server-error'],
    [
      '500 with an error without code',
      { status: 500, body: { error: { message: 'x' } } },
      'server-error',
    ],
    ['503 that accepts', { status: 503, body: acceptance }, 'server-error'],
    ['204', { status: 204 }, 'unreadable-answer'],
    ['200 without a body', { status: 200 }, 'unreadable-answer'],
    ['200 in HTML', { status: 200, body: '<html>' }, 'unreadable-answer'],
    ['200 without messages', { status: 200, body: { messages: [] } }, 'unreadable-answer'],
    [
      '200 with an empty id',
      { status: 200, body: { messages: [{ id: '' }] } },
      'unreadable-answer',
    ],
    [
      '200 with an id not fit to store',
      { status: 200, body: { messages: [{ id: 'a\u0000' }] } },
      'unreadable-answer',
    ],
    ['404 in HTML', { status: 404, body: '<html>' }, 'unreadable-answer'],
    [
      '400 with a code that is a word',
      { status: 400, body: { error: { code: 'x' } } },
      'unreadable-answer',
    ],
    ['null', { status: 200, body: 'null' }, 'unreadable-answer'],
    [
      'too much',
      { status: 200, body: { ...acceptance, more: 'x'.repeat(1_000_000) } },
      'unreadable-answer',
    ],
  ])('%s is unknown', async (_, reply, detail) => {
    expect(await outcomeFor(reply)).toEqual({ outcome: 'unknown', detail })
  })

  it('a redirect is not followed', async () => {
    const other = await graph({ status: 200, body: acceptance })
    const result = await outcomeFor({ status: 307, headers: { location: `${other.url}/` } })
    expect(result).toEqual({ outcome: 'unknown', detail: 'unreadable-answer' })
    expect(other.seen).toEqual([])
  })

  it('whatever its bytes, resolves, and accepts only a readable id', async () => {
    const json = fc.oneof(
      fc.json({ stringUnit: 'binary' }),
      fc.string(),
      fc.record({ messages: fc.jsonValue() }).map((value) => JSON.stringify(value)),
      fc
        .record({ error: fc.record({ code: fc.jsonValue() }) })
        .map((value) => JSON.stringify(value)),
    )
    const replies: Reply[] = []
    const server = createServer((call, response) => {
      call.resume().once('end', () => {
        const reply = replies.pop()
        response.writeHead(reply?.status ?? 500).end(reply?.body)
      })
    })
    const { send } = provider(`http://127.0.0.1:${await listen(server)}`)
    const statuses = fc.constantFrom(200, 201, 400, 401, 404, 429, 500, 503)
    await fc.assert(
      fc.asyncProperty(statuses, json, async (status, body) => {
        replies.push({ status, body })
        const result = await send(request)
        const outcomes = ['rejected', 'throttled', 'unavailable', 'unknown']
        expect(outcomes).toContain(result.outcome)
        if (result.outcome !== 'unknown' && status !== 429) expect(body).toContain('"error"')
      }),
      { numRuns: 300 },
    )
  })
})

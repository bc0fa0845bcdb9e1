import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, type Flow, startFlow, textMessage, until } from '#test/support/stack.ts'
import { openSigner, type SignToken } from '#test/support/tokens.ts'
import { type BodyRow, chatRows, messageRows } from './rows/api.ts'

describe('what the API refuses, and stores nothing of', () => {
  let flow: Flow
  let directory: string
  let chatId: string
  let closed: string
  let sign: SignToken

  beforeAll(async () => {
    // A kept folder holds the issuer's key, so that any token can be signed.
    directory = await mkdtemp(join(tmpdir(), 'recado-refusals-'))
    // PostgreSQL runs as another user when this process is root.
    await chmod(directory, 0o711)
    flow = await startFlow({ directory })
    sign = await openSigner(directory, flow.stack.ready.issuer)
    // Nothing may move in the background while rows are counted.
    flow.phones.fail({ kind: 'silence' })
    chatId = await flow.openChat()
    closed = await flow.openChat()
    await flow.rows(`update chats set status = 'CLOSED' where chat_id = $1`, [closed])
  })
  afterAll(async () => {
    await flow?.stop()
    await rm(directory, { recursive: true, force: true })
  })

  /** The answer is this problem, and no row is there that was not there before. */
  async function expectRefused(
    work: () => Promise<Answer>,
    wanted: { status: number; code: string },
  ) {
    const before = await flow.countRows()
    const { status, json, headers } = await work()
    expect({ status, code: json?.code }).toEqual({ status: wanted.status, code: wanted.code })
    expect(headers.get('content-type')).toBe('application/problem+json')
    expect(json).toMatchObject({
      type: `urn:recado:problem:${wanted.code}`,
      status: wanted.status,
      title: expect.any(String),
      requestId: expect.any(String),
    })
    expect(await flow.countRows()).toEqual(before)
  }

  /** It is accepted, and sent before anything else is counted. */
  async function expectSent(more: Parameters<Flow['post']>[1]) {
    const { status, json } = await flow.post(chatId, more)
    expect(status).toBe(202)
    await until(
      () => flow.rows('select status from chat_messages where message_id = $1', [json?.messageId]),
      ([message]) => message?.status === 'SENT',
    )
  }

  describe('POST /chats/{chatId}/messages', () => {
    it.each(messageRows)('$name: $status $code', (row: BodyRow) =>
      expectRefused(() => flow.post(chatId, { body: row.body }), row),
    )

    it('a text of exactly 4,096 characters is fine', () =>
      expectSent({ body: textMessage('x'.repeat(4096)) }))

    it('bytes that are not UTF-8: 400 invalid-json', () =>
      expectRefused(
        () =>
          flow.post(chatId, {
            // The gateway passes any type but JSON and text as it came.
            headers: { 'content-type': 'application/octet-stream' },
            body: Buffer.from(JSON.stringify(textMessage('maçã')), 'latin1'),
          }),
        { status: 400, code: 'invalid-json' },
      ))

    it('every zone of RFC 3339 is fine', async () => {
      const sendAt = '2030-01-01T00:00:00.123456+23:59'
      const answer = await flow.post(chatId, { body: { ...textMessage('Olá'), sendAt } })
      expect(answer.status).toBe(202)
    })

    it.each(['', 'a b', 'ç', 'x'.repeat(256)])('the key %j', (key) =>
      expectRefused(
        () =>
          flow.post(chatId, {
            headers: { 'idempotency-key': Buffer.from(key).toString('latin1') },
          }),
        { status: 422, code: 'invalid-idempotency-key' },
      ),
    )
  })

  describe('POST /chats', () => {
    it.each(chatRows)('$name: $status $code', (row: BodyRow) =>
      expectRefused(() => flow.ask('POST /chats', { body: row.body }), row),
    )

    it("another person's contact: 409 contact-taken", async () => {
      const contacts = [{ channel: 'WHATSAPP', address: '+5511944440001' }]
      await flow.ask('POST /chats', { body: { person: { externalId: 'first' }, contacts } })
      await expectRefused(
        () => flow.ask('POST /chats', { body: { person: { externalId: 'second' }, contacts } }),
        { status: 409, code: 'contact-taken' },
      )
    })
  })

  describe('chats that are not there to be used', () => {
    const ids = [
      '999999999999',
      '0',
      '-1',
      '01',
      'abc',
      '1.5',
      '1e3',
      '%20',
      `${'9'.repeat(18)}`,
      `${'9'.repeat(30)}`,
      "1'%20or%20'1'='1",
      '%00',
      '__proto__',
    ]
    it.each(ids)('%s: 404', async (id) => {
      const notFound = { status: 404, code: 'chat-not-found' }
      await expectRefused(() => flow.post(id), notFound)
      await expectRefused(() => flow.ask(`GET /chats/${id}`), notFound)
      await expectRefused(() => flow.ask(`GET /chats/${id}/messages`), notFound)
    })

    it("another tenant's: 404", async () => {
      const token = flow.stack.ready.otherTenantToken
      const notFound = { status: 404, code: 'chat-not-found' }
      await expectRefused(() => flow.post(chatId, { token }), notFound)
      await expectRefused(() => flow.ask(`GET /chats/${chatId}`, { token }), notFound)
      await expectRefused(() => flow.ask(`GET /chats/${chatId}/messages`, { token }), notFound)
    })

    it('a closed one: 409', () =>
      expectRefused(() => flow.post(closed), { status: 409, code: 'chat-closed' }))

    it('a person without WhatsApp: 422', async () => {
      const contacts = [{ channel: 'EMAIL', address: 'so-email@example.com' }]
      const { json } = await flow.ask('POST /chats', {
        body: { person: { externalId: 'mail-only' }, contacts },
      })
      await expectRefused(() => flow.post(String(json?.chatId)), {
        status: 422,
        code: 'contact-missing',
      })
    })
  })

  describe('queries', () => {
    const queries = [
      'limit=0',
      'limit=101',
      'limit=-1',
      'limit=ten',
      'limit=1.5',
      'limit=',
      'limit=5&limit=6',
      'offset=5',
      'order=sideways',
      'cursor=',
      `cursor=${'x'.repeat(513)}`,
    ]
    it.each(queries)('%s: 422 invalid-query', async (query) => {
      const refused = { status: 422, code: 'invalid-query' }
      await expectRefused(() => flow.ask(`GET /chats?${query}`), refused)
      await expectRefused(() => flow.ask(`GET /chats/${chatId}/messages?${query}`), refused)
    })

    it.each(['made-up', '%F0%9F', 'AAAAAAAAAAAAAAAAAAAAWyIxIl0'])(
      'the cursor %s',
      async (cursor) => {
        const refused = { status: 422, code: 'invalid-cursor' }
        await expectRefused(() => flow.ask(`GET /chats?cursor=${cursor}`), refused)
        await expectRefused(
          () => flow.ask(`GET /chats/${chatId}/messages?cursor=${cursor}`),
          refused,
        )
      },
    )

    it("another list's cursor", async () => {
      const { json } = await flow.ask('GET /chats?limit=1')
      const cursor = String(json?.nextCursor)
      await expectRefused(() => flow.ask(`GET /chats/${chatId}/messages?cursor=${cursor}`), {
        status: 422,
        code: 'invalid-cursor',
      })
      const token = flow.stack.ready.otherTenantToken
      await expectRefused(() => flow.ask(`GET /chats?cursor=${cursor}`, { token }), {
        status: 422,
        code: 'invalid-cursor',
      })
    })
  })

  describe('callers', () => {
    /** The gateway answers before any function runs, in its own words. */
    async function expectTurnedAway(token: string | null, status: number) {
      const before = await flow.countRows()
      expect((await flow.post(chatId, { token })).status).toBe(status)
      expect(await flow.countRows()).toEqual(before)
    }

    it('a token signed as these are is fine', async () => expectSent({ token: await sign() }))

    it('no token: 401', () => expectTurnedAway(null, 401))
    it('no token at all, but text: 401', () => expectTurnedAway('not.a.token', 401))
    it('a token for another audience: 401', async () =>
      expectTurnedAway(await sign({ audience: 'elsewhere' }), 401))
    it("another issuer's token: 401", async () =>
      expectTurnedAway(await sign({ issuer: 'http://127.0.0.1:1' }), 401))
    it('an expired token: 401', async () => expectTurnedAway(await sign({ expiresAt: 1000 }), 401))
    it('a token that was changed: 401', async () => {
      const [head, body, signature = ''] = (await sign()).split('.')
      const bent = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
      await expectTurnedAway(`${head}.${body}.${bent}`, 401)
    })
    it('a token without signature: 401', async () => {
      const [, body] = (await sign()).split('.')
      const head = Buffer.from('{"alg":"none"}').toString('base64url')
      await expectTurnedAway(`${head}.${body}.`, 401)
    })
    it('a token without the scope: 403', async () =>
      expectTurnedAway(await sign({ scopes: ['chats:read', 'chats:write'] }), 403))

    it('a client that nobody registered: 403 client-unknown', async () => {
      const token = await sign({ client: 'nobody' })
      const unknown = { status: 403, code: 'client-unknown' }
      await expectRefused(() => flow.post(chatId, { token }), unknown)
      await expectRefused(() => flow.ask('GET /chats', { token }), unknown)
    })
  })

  it('nothing of it woke anybody', () => {
    expect(flow.phones.ledger().calls).toHaveLength(2)
  })
})

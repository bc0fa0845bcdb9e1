import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, type Flow, startFlow, textMessage, until } from '#test/support/stack.ts'

const later = '2030-01-01T12:00:00.000Z'

/** What programs do with messages besides posting one, over HTTP. */
describe('messages, end to end', () => {
  let flow: Flow

  beforeAll(async () => {
    flow = await startFlow()
  })
  afterAll(() => flow?.stop())

  const items = ({ json }: Answer) => json?.items as readonly Record<string, unknown>[]
  const batch = (messages: readonly unknown[], key: string = crypto.randomUUID()) =>
    flow.ask('POST /messages', { body: { messages }, headers: { 'idempotency-key': key } })
  const said = (chatId: string, text = 'Olá', more: object = {}) => ({
    ...textMessage(text),
    chatId,
    ...more,
  })
  const at = (chatId: string, messageId: unknown) =>
    `/chats/${chatId}/messages/${messageId}` as const
  const reached = (chatId: string, ...statuses: readonly string[]) =>
    until(
      () => flow.thread(chatId),
      (messages) => statuses.every((status, index) => messages[index]?.status === status),
    )
  /** A message that is planned for another year. */
  async function planned(chatId: string): Promise<string> {
    const { status, json } = await flow.post(chatId, {
      body: { ...textMessage('Ano novo'), sendAt: later },
    })
    expect(status).toBe(202)
    return String(json?.messageId)
  }
  async function cancelled(chatId: string): Promise<string> {
    const messageId = await planned(chatId)
    expect((await flow.ask(`POST ${at(chatId, messageId)}/cancel`)).status).toBe(200)
    return messageId
  }
  const foreign = () => ({ token: flow.stack.ready.otherTenantToken })

  describe('POST /messages', () => {
    it('100 messages: those that the rules refuse have a problem, the others go when they are due', async () => {
      const chats = await Promise.all(Array.from({ length: 7 }, () => flow.openChat()))
      const [closed = '', ...open] = chats
      await flow.rows(`update chats set status = 'CLOSED' where chat_id = $1`, [closed])
      flow.phones.clearLedger()
      const strange = new Map([
        [7, closed],
        [9, '999999999999'],
      ])
      const messages = Array.from({ length: 100 }, (_, index) => {
        const chatId = strange.get(index % 20) ?? open[index % 6] ?? ''
        return said(chatId, `mensagem ${index}`, index < 20 ? {} : { sendAt: later })
      })
      const key = crypto.randomUUID()
      const answer = await batch(messages, key)
      expect(answer.status).toBe(200)
      const shown = items(answer)
      expect(shown.map(({ index }) => index)).toEqual(Array.from({ length: 100 }, (_, at) => at))
      expect(shown[7]).toEqual({
        index: 7,
        problem: {
          type: 'urn:recado:problem:chat-closed',
          title: expect.any(String),
          text: 'Esta conversa está encerrada.',
          status: 409,
          code: 'chat-closed',
          retryable: false,
        },
      })
      expect(shown[9]).toMatchObject({ problem: { status: 404, code: 'chat-not-found' } })
      expect(shown[0]).toEqual({
        index: 0,
        messageId: expect.stringMatching(/^\d+$/),
        chatId: open[0],
        status: 'QUEUED',
        acceptedAt: expect.stringMatching(/Z$/),
      })
      expect(shown.filter((item) => 'problem' in item)).toHaveLength(10)
      const arrived = await until(
        () =>
          flow.rows(
            `select status, send_at is not null as planned from chat_messages
             where chat_id = any ($1)`,
            [chats],
          ),
        (rows) => rows.every(({ status, planned: waits }) => waits || status === 'READ'),
      )
      expect(arrived).toHaveLength(90)
      expect(flow.phones.ledger().calls).toHaveLength(18)
      // To the byte, although nothing is as it was.
      await flow.rows(`update chats set status = 'CLOSED' where chat_id = $1`, [open[0]])
      const before = await flow.countRows()
      const again = await batch(messages, key)
      expect(again.text).toBe(answer.text)
      expect(await flow.countRows()).toEqual(before)
      expect(flow.phones.ledger().calls).toHaveLength(18)
    })

    it('100 long texts fit into one request and one call', async () => {
      const chatId = await flow.openChat()
      const messages = Array.from({ length: 100 }, () =>
        said(chatId, 'ç'.repeat(4096), { sendAt: later }),
      )
      const answer = await batch(messages)
      expect(answer.status).toBe(200)
      expect(items(answer).every(({ status }) => status === 'QUEUED')).toBe(true)
      const listed = await flow.ask(`GET /chats/${chatId}/messages?limit=100`)
      expect(items(listed).length).toBeGreaterThan(50)
    })

    const both = { type: 'template', name: 'aviso_geral', language: 'pt_BR' }
    it.each([
      { index: 3, wrong: { content: { type: 'text', text: 'a\u0000' } }, path: 'content.text' },
      { index: 0, wrong: { subject: 'Olá' }, path: 'subject' },
      { index: 1, wrong: { chatId: 'abc' }, path: 'chatId' },
      { index: 2, wrong: { content: both, fallbackTemplate: both }, path: 'fallbackTemplate' },
    ])('a mistake in $path refuses the whole request', async ({ index, wrong, path }) => {
      const chatId = await flow.openChat()
      const messages = Array.from({ length: 5 }, (_each, place) =>
        said(chatId, 'Olá', place === index ? wrong : {}),
      )
      const before = await flow.countRows()
      const answer = await batch(messages)
      expect(answer).toMatchObject({
        status: 422,
        json: { code: 'invalid-body', errors: [{ path: `messages.${index}.${path}` }] },
      })
      expect(await flow.countRows()).toEqual(before)
    })

    it('takes 1 to 100 of them, and 1 MB', async () => {
      const chatId = await flow.openChat()
      for (const messages of [[], Array(101).fill(said(chatId)), undefined]) {
        const answer = await flow.ask('POST /messages', { body: { messages } })
        expect(answer).toMatchObject({ status: 422, json: { code: 'invalid-body' } })
      }
      const large = Array(100).fill(said(chatId, 'x'.repeat(11_000)))
      expect(await batch(large)).toMatchObject({ status: 413, json: { code: 'body-too-large' } })
    })

    it("finds no other tenant's chat, and lets its own key be used by others", async () => {
      const chatId = await flow.openChat()
      const key = crypto.randomUUID()
      await batch([said(chatId)], key)
      const messages = [said(chatId)]
      const theirs = await flow.ask('POST /messages', {
        ...foreign(),
        body: { messages },
        headers: { 'idempotency-key': key },
      })
      expect(items(theirs)).toMatchObject([{ problem: { code: 'chat-not-found' } }])
    })
  })

  it('50 identical posts at once are one message and 50 identical answers', async () => {
    const chatId = await flow.openChat()
    const headers = { 'idempotency-key': crypto.randomUUID() }
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => flow.post(chatId, { headers })),
    )
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
    expect(answers[0]?.status).toBe(202)
    await reached(chatId, 'READ')
    expect(await flow.thread(chatId)).toHaveLength(1)
  })

  describe('POST …/check', () => {
    const check = (chatId: string, body: unknown, more: object = {}) =>
      flow.ask(`POST /chats/${chatId}/messages/check`, { body, ...more })

    it('says that it would go, and what the rules go by; nothing is stored or sent', async () => {
      const chatId = await flow.openChat()
      flow.phones.clearLedger()
      const before = await flow.countRows()
      const answer = await check(chatId, textMessage('Olá'))
      expect(answer).toMatchObject({ status: 200 })
      expect(answer.json).toEqual({
        wouldSend: true,
        wouldUse: 'content',
        problem: null,
        channel: 'WHATSAPP',
        contactKnown: true,
        senderKnown: true,
        serviceWindow: { open: false, expiresAt: null, enforced: false },
        template: null,
        consent: { optedOut: false, optOuts: [] },
        limits: { uniqueUsers: null, chargedMessages: null },
        holds: [],
      })
      expect(await flow.countRows()).toEqual(before)
      expect(await flow.thread(chatId)).toEqual([])
      expect(flow.phones.ledger().calls).toEqual([])
    })

    it('says why not, in the words of the real post', async () => {
      const chatId = await flow.openChat()
      const body = { ...textMessage('Olá'), expiresAt: '2020-01-01T00:00:00Z' }
      const { json } = await check(chatId, body)
      const real = (await flow.post(chatId, { body })).json
      const { requestId, traceId, ...problem } = real ?? {}
      expect([requestId, traceId]).toEqual([expect.any(String), expect.any(String)])
      expect(json).toMatchObject({ wouldSend: false, wouldUse: null, problem })
      expect(problem).toMatchObject({ code: 'send-too-late', status: 422 })
    })

    it('of a fallback, and of a body that no post would take', async () => {
      const chatId = await flow.openChat()
      const fallbackTemplate = { type: 'template', name: 'aviso_geral', language: 'pt_BR' }
      const checked = await check(chatId, { ...textMessage('Olá'), fallbackTemplate })
      expect(checked.json).toMatchObject({
        wouldSend: true,
        wouldUse: 'fallbackTemplate',
        template: { name: 'aviso_geral', language: 'pt_BR' },
      })
      expect(await check(chatId, textMessage(''))).toMatchObject({
        status: 422,
        json: { code: 'invalid-body' },
      })
    })

    it('of a chat that is not there: 404', async () => {
      const chatId = await flow.openChat()
      const notFound = { status: 404, json: { code: 'chat-not-found' } }
      expect(await check('999999999999', textMessage('Olá'))).toMatchObject(notFound)
      expect(await check(chatId, textMessage('Olá'), foreign())).toMatchObject(notFound)
    })
  })

  describe('POST …/resend', () => {
    it('sends the content again as a new message, once a key', async () => {
      const chatId = await flow.openChat()
      const old = await cancelled(chatId)
      const headers = { 'idempotency-key': crypto.randomUUID() }
      const first = await flow.ask(`POST ${at(chatId, old)}/resend`, { headers })
      expect(first.status).toBe(202)
      const messageId = first.json?.messageId
      expect(first.headers.get('location')).toBe(at(chatId, messageId))
      const thread = await reached(chatId, 'CANCELLED', 'READ')
      expect(thread[1]).toMatchObject({
        messageId,
        resendOfMessageId: old,
        content: { type: 'text', text: 'Ano novo' },
      })
      const again = await flow.ask(`POST ${at(chatId, old)}/resend`, { headers })
      expect(again).toMatchObject({ status: 202, text: first.text })
      expect(await flow.thread(chatId)).toHaveLength(2)
    })

    it('later, when its body says so', async () => {
      const chatId = await flow.openChat()
      const old = await cancelled(chatId)
      const answer = await flow.ask(`POST ${at(chatId, old)}/resend`, { body: { sendAt: later } })
      expect(answer.status).toBe(202)
      expect((await flow.thread(chatId))[1]).toMatchObject({ status: 'QUEUED', sendAt: later })
      const wrong = await flow.ask(`POST ${at(chatId, old)}/resend`, { body: { content: {} } })
      expect(wrong).toMatchObject({ status: 422, json: { errors: [{ path: 'content' }] } })
    })

    it('not what has arrived or may still go: 409; not what is not there: 404', async () => {
      const chatId = await flow.openChat()
      const waiting = await planned(chatId)
      const { json } = await flow.post(chatId)
      await reached(chatId, 'QUEUED', 'READ')
      for (const messageId of [waiting, json?.messageId]) {
        const answer = await flow.ask(`POST ${at(chatId, messageId)}/resend`)
        expect(answer).toMatchObject({ status: 409, json: { code: 'message-not-ended' } })
      }
      const old = await cancelled(chatId)
      const notFound = { status: 404, json: { code: 'message-not-found' } }
      expect(await flow.ask(`POST ${at(chatId, old)}/resend`, foreign())).toMatchObject(notFound)
      expect(await flow.ask(`POST ${at(chatId, 'abc')}/resend`)).toMatchObject(notFound)
    })
  })

  describe('DELETE', () => {
    it('leaves a tombstone, as often as it is asked', async () => {
      const chatId = await flow.openChat()
      const { json } = await flow.post(chatId)
      await reached(chatId, 'READ')
      const path = at(chatId, json?.messageId)
      const first = await flow.ask(`DELETE ${path}`)
      expect(first).toMatchObject({
        status: 200,
        json: { messageId: json?.messageId, content: null, status: 'READ' },
      })
      expect(first.json?.deletedAt).toMatch(/Z$/)
      expect((await flow.ask(`DELETE ${path}`)).text).toBe(first.text)
      expect(await flow.thread(chatId)).toEqual([first.json])
      expect((await flow.ask(`GET ${path}`)).json).toMatchObject({ ...first.json })
      const resent = await flow.ask(`POST ${path}/resend`)
      expect(resent).toMatchObject({ status: 409, json: { code: 'message-content-gone' } })
    })

    it('not what may still be sent: 409; not what is not there: 404', async () => {
      const chatId = await flow.openChat()
      const path = at(chatId, await planned(chatId))
      const inFlight = { status: 409, json: { code: 'message-in-flight' } }
      expect(await flow.ask(`DELETE ${path}`)).toMatchObject(inFlight)
      await flow.ask(`POST ${path}/cancel`)
      const notFound = { status: 404, json: { code: 'message-not-found' } }
      expect(await flow.ask(`DELETE ${path}`, foreign())).toMatchObject(notFound)
      expect(await flow.ask(`DELETE ${at(chatId, '999999999999')}`)).toMatchObject(notFound)
      expect((await flow.ask(`DELETE ${path}`)).status).toBe(200)
    })
  })

  describe('GET one message', () => {
    it('tells its way and its attempts, with an ETag', async () => {
      const chatId = await flow.openChat()
      const { json } = await flow.post(chatId)
      const thread = await reached(chatId, 'READ')
      const path = at(chatId, json?.messageId)
      const read = await flow.ask(`GET ${path}`)
      const { history, attempts, ...message } = read.json ?? {}
      expect(message).toEqual(thread[0])
      expect(message).toMatchObject({ origin: 'api', content: { text: 'Olá' } })
      const steps = history as readonly { status: string; at: string; attempt?: number }[]
      expect(steps.map(({ status, attempt }) => [status, attempt])).toEqual([
        ['QUEUED', undefined],
        ['SENDING', 1],
        ['SENT', 1],
        ['DELIVERED', 1],
        ['READ', 1],
      ])
      expect(steps.map((step) => step.at)).toEqual(steps.map((step) => step.at).toSorted())
      expect(attempts).toMatchObject([{ number: 1, outcome: 'ACCEPTED', reason: null }])
      const etag = read.headers.get('etag') ?? ''
      const known = await flow.ask(`GET ${path}`, { headers: { 'if-none-match': etag } })
      expect(known).toMatchObject({ status: 304, text: '' })
    })

    it('why it failed', async () => {
      const chatId = await flow.openChat('+5511900131049')
      const { json } = await flow.post(chatId)
      await reached(chatId, 'FAILED')
      const read = await flow.ask(`GET ${at(chatId, json?.messageId)}`)
      expect(read.json).toMatchObject({
        status: 'FAILED',
        reasonCode: 131049,
        failure: { code: 131049, text: expect.stringMatching(/\.$/) },
      })
      const steps = read.json?.history as readonly { status: string; reasonCode?: number }[]
      expect(steps.at(-1)).toMatchObject({ status: 'FAILED', reasonCode: 131049, attempt: 1 })
    })

    it('not what is not there: 404', async () => {
      const chatId = await flow.openChat()
      const messageId = await planned(chatId)
      const notFound = { status: 404, json: { code: 'message-not-found' } }
      expect(await flow.ask(`GET ${at(chatId, messageId)}`, foreign())).toMatchObject(notFound)
      expect(await flow.ask(`GET ${at(await flow.openChat(), messageId)}`)).toMatchObject(notFound)
      for (const wrong of ['999999999999', '0', 'abc', '%00']) {
        expect(await flow.ask(`GET ${at(chatId, wrong)}`)).toMatchObject(notFound)
      }
      expect((await flow.ask(`GET ${at(chatId, messageId)}`, { token: null })).status).toBe(401)
    })
  })
})

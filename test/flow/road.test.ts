import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type Flow,
  metaBody,
  metaStatus,
  startFlow,
  textMessage,
  until,
} from '#test/support/stack.ts'

const phoneOf = (index: number) => `+55119${60_000_000 + index}`

describe('the two roads', () => {
  let flow: Flow
  let chats: readonly string[] = []

  beforeAll(async () => {
    flow = await startFlow()
  })
  afterAll(() => flow.stop())
  beforeEach(() => {
    flow.phones.clearLedger()
    flow.phones.clearFaults()
  })

  const reached = (chatId: string, ...statuses: readonly string[]) =>
    until(
      () => flow.thread(chatId),
      (messages) => statuses.every((status, index) => messages[index]?.status === status),
    )

  it('a message goes out, is read and answered, and the answer is answered', async () => {
    const phone = '+5511987654321'
    const chatId = await flow.openChat(phone)
    const posted = await flow.post(chatId, { body: textMessage('Sua parcela vence amanhã.') })
    expect(posted.status).toBe(202)
    expect(posted.json).toMatchObject({ chatId, status: 'QUEUED' })
    expect(posted.headers.get('location')).toBe(
      `/chats/${chatId}/messages/${posted.json?.messageId}`,
    )
    await reached(chatId, 'READ')
    const [call] = flow.phones.ledger().calls
    expect(call).toMatchObject({ to: phone, type: 'text', accepted: true })

    const reply = {
      from: phone,
      name: 'Ana',
      content: { type: 'text', text: 'Já paguei!' },
    } as const
    flow.phones.inbound({ ...reply, ...(call?.wamid && { replyTo: call.wamid }) })
    const [sent, answered] = await reached(chatId, 'READ', 'RECEIVED')
    expect(answered).toMatchObject({
      direction: 'INBOUND',
      content: { type: 'text', text: 'Já paguei!' },
      replyToMessageId: sent?.messageId,
    })
    const chat = await flow.ask(`GET /chats/${chatId}`)
    expect(chat.json).toMatchObject({ unreadCount: 1, lastMessageId: answered?.messageId })
    const listed = await flow.ask('GET /chats?limit=1')
    expect(listed.json?.items).toMatchObject([{ chatId }])

    await flow.post(chatId, { body: textMessage('Obrigado!') })
    await reached(chatId, 'READ', 'RECEIVED', 'READ')
    expect(flow.phones.ledger().calls).toHaveLength(2)
  })

  it('a template message goes out with its variables', async () => {
    const chatId = await flow.openChat()
    const content = {
      type: 'template',
      name: 'pagamento_confirmado',
      language: 'pt_BR',
      variables: { body: ['Ana', 'R$ 120,00'] },
    }
    const posted = await flow.post(chatId, { body: { channel: 'WHATSAPP', content } })
    expect(posted.status).toBe(202)
    await reached(chatId, 'READ')
    expect(JSON.stringify(flow.phones.ledger().calls[0]?.body)).toContain('R$ 120,00')
  })

  it("shows the provider's refusal with reason and code", async () => {
    flow.phones.fail({ kind: 'error', code: 131049, count: 1 })
    const chatId = await flow.openChat()
    await flow.post(chatId)
    const [message] = await reached(chatId, 'FAILED')
    expect(message).toMatchObject({ reason: 'ecosystem-limit', reasonCode: 131049 })
  })

  it('a mobile that is not reachable is dialled once more without its ninth digit', async () => {
    flow.phones.fail({ kind: 'error', code: 131026, count: 1 })
    const chatId = await flow.openChat('+5511976540001')
    await flow.post(chatId)
    await reached(chatId, 'READ')
    expect(flow.phones.ledger().calls.map(({ to }) => to)).toEqual([
      '+5511976540001',
      '+551176540001',
    ])
  })

  it('an answer that was lost is told by webhook: nothing is sent twice', async () => {
    flow.phones.fail({ kind: 'drop-after-accept', count: 1 })
    const chatId = await flow.openChat()
    await flow.post(chatId)
    const [message] = await reached(chatId, 'READ')
    expect(message?.possibleDuplicate).toBeUndefined()
    expect(flow.phones.ledger().calls).toHaveLength(1)
  })

  it('the same key gives the same bytes, 20 times at once, and one message', async () => {
    const chatId = await flow.openChat()
    const headers = { 'idempotency-key': 'parcela-8812-2026-11' }
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => flow.post(chatId, { headers })),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]))
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(new Set(answers.map(({ headers: each }) => each.get('location'))).size).toBe(1)
    await reached(chatId, 'READ')
    const late = await flow.post(chatId, { headers })
    expect(late.text).toBe(answers[0]?.text)
    expect(flow.phones.ledger().calls).toHaveLength(1)
    const other = await flow.post(chatId, { headers, body: textMessage('Outra coisa') })
    expect(other).toMatchObject({ status: 422, json: { code: 'idempotency-key-mismatch' } })
  })

  it('1,000 messages at once to 1,000 persons are all READ, one provider call each', async () => {
    const indexes = Array.from({ length: 1000 }, (_, index) => index)
    chats = await inParallel(50, indexes, (index) => flow.openChat(phoneOf(index)))
    // As Meta does under load.
    flow.phones.configure({ webhooks: { maxUpdatesPerPost: 100, lingerMs: 50 } })
    const posted = await Promise.all(chats.map((chatId) => flow.post(chatId)))
    expect(posted.filter(({ status }) => status === 202)).toHaveLength(1000)
    const ids = new Set(posted.map(({ json }) => String(json?.messageId)))
    expect(ids.size).toBe(1000)
    const statuses = await until(
      () =>
        flow.rows(
          `select status, count(*)::int from chat_messages
           where message_id = any ($1) group by status`,
          [[...ids]],
        ),
      (rows) => rows.length === 1 && rows[0]?.status === 'READ',
      150,
    )
    expect(statuses).toEqual([{ status: 'READ', count: 1000 }])
    const { calls } = flow.phones.ledger()
    expect(calls).toHaveLength(1000)
    expect(new Set(calls.map(({ to }) => to)).size).toBe(1000)
    expect(new Set(calls.map(({ attemptId }) => attemptId)).size).toBe(1000)
    flow.phones.configure({ webhooks: { maxUpdatesPerPost: 1, lingerMs: 0 } })
  }, 240_000)

  it('1,000 status webhooks, three times and shuffled, leave one row each', async () => {
    const some = chats.slice(0, 250)
    expect(some).toHaveLength(250)
    flow.phones.configure({
      delays: { sentMs: 80_000_000, deliveredMs: 80_000_000, readMs: 80_000_000 },
    })
    const posted = await Promise.all(some.map((chatId) => flow.post(chatId)))
    const ids = posted.map(({ json }) => String(json?.messageId))
    const attempts = await until(
      () =>
        flow.rows(
          `select provider_message_id as wamid, attempt_id from send_attempts
           where message_id = any ($1) and outcome = 'ACCEPTED'`,
          [ids],
        ),
      (rows) => rows.length === 250,
      150,
    )
    const stories = [
      ['sent', 'delivered', 'read', 'failed'],
      ['sent', 'delivered', 'read', 'played'],
    ]
    const reports = attempts.flatMap(({ wamid, attempt_id }, index) =>
      (stories[index % 2] ?? []).map((status) =>
        metaStatus(String(wamid), status, { biz_opaque_callback_data: attempt_id }),
      ),
    )
    expect(reports).toHaveLength(1000)
    // Once alone, and twice more in the packs that Meta makes under load.
    const repeated = shuffled([...reports, ...reports])
    const packs = Array.from({ length: 50 }, (_, pack) => repeated.slice(pack * 40, pack * 40 + 40))
    const posts = shuffled([...reports.map((report) => [report]), ...packs])
    const acknowledged = await inParallel(40, posts, (statuses) =>
      flow.webhook(metaBody(flow.stack.ready, { statuses })),
    )
    expect(acknowledged.every(({ status }) => status === 200)).toBe(true)
    // `played` counts as READ: 125 messages have 4 different statuses, 125 have 3.
    const stored = await until(
      () =>
        flow.rows(
          `select message_id, status, count(*)::int from message_status
           where message_id = any ($1) group by message_id, status`,
          [ids],
        ),
      (rows) => rows.length === 875,
      150,
    )
    expect(stored.every(({ count }) => count === 1)).toBe(true)
    const shown = await flow.rows(
      'select distinct status from chat_messages where message_id = any ($1)',
      [ids],
    )
    expect(shown).toEqual([{ status: 'READ' }])
    flow.phones.configure({ delays: { sentMs: 20, deliveredMs: 40, readMs: 60 } })
  }, 240_000)

  it("one tenant's chats do not exist for the other", async () => {
    const chatId = await flow.openChat()
    const token = flow.stack.ready.otherTenantToken
    expect((await flow.ask(`GET /chats/${chatId}`, { token })).status).toBe(404)
    const { json } = await flow.ask('GET /chats', { token })
    expect(json?.items).toEqual([])
  })
})

async function inParallel<T, R>(
  width: number,
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = []
  const waiting = items.entries()
  const lane = async () => {
    for (const [index, item] of waiting) results[index] = await work(item)
  }
  await Promise.all(Array.from({ length: width }, lane))
  return results
}

function shuffled<T>(items: readonly T[]): readonly T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ item }) => item)
}

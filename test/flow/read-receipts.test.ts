import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Flow, startFlow, until } from '#test/support/stack.ts'

let issued = 0
const freshPhone = () => {
  issued += 1
  return `+55119${String(85_000_000 + issued)}`
}

describe('POST /chats/{chatId}/read', () => {
  let flow: Flow

  beforeAll(async () => {
    flow = await startFlow()
  })
  afterAll(() => flow.stop())
  beforeEach(() => {
    flow.phones.clearLedger()
    flow.phones.clearFaults()
  })

  const chatOf = async (chatId: string) => (await flow.ask(`GET /chats/${chatId}`)).json
  const read = (chatId: string, body?: unknown) => flow.ask(`POST /chats/${chatId}/read`, { body })

  /** The person writes; answers the message's id once the chat shows it. */
  async function writes(chatId: string, from: string, unreadCount: number): Promise<string> {
    const { messageId } = flow.phones.inbound({ from, content: { type: 'text', text: 'Oi' } })
    await until(
      () => chatOf(chatId),
      (chat) => chat?.unreadCount === unreadCount,
    )
    return messageId
  }

  const receipts = () => flow.phones.ledger().calls.filter(({ type }) => type === 'read')
  const told = (count: number) =>
    until(receipts, (calls) => calls.filter(({ accepted }) => accepted).length === count)

  it('turns the ticks blue, once for all that was written', async () => {
    const phone = freshPhone()
    const chatId = await flow.openChat(phone)
    await writes(chatId, phone, 1)
    const newest = await writes(chatId, phone, 2)
    const answer = await read(chatId)
    expect({ status: answer.status, json: answer.json }).toEqual({
      status: 200,
      json: { chatId, unreadCount: 0 },
    })
    const [call] = await told(1)
    expect(call?.body).toEqual({
      messaging_product: 'whatsapp',
      status: 'read',
      message_id: newest,
    })
    expect(await chatOf(chatId)).toMatchObject({ unreadCount: 0 })
    expect((await read(chatId)).status).toBe(200)
    const later = await writes(chatId, phone, 1)
    await read(chatId)
    const calls = await told(2)
    expect(calls.map(({ body }) => (body as { message_id: string }).message_id)).toEqual([
      newest,
      later,
    ])
  })

  it('shows that somebody is writing, as often as asked', async () => {
    const phone = freshPhone()
    const chatId = await flow.openChat(phone)
    const newest = await writes(chatId, phone, 1)
    for (const count of [1, 2]) {
      expect((await read(chatId, { typing: true })).status).toBe(200)
      const calls = await told(count)
      expect(calls.at(-1)?.body).toMatchObject({
        message_id: newest,
        typing_indicator: { type: 'text' },
      })
    }
  })

  it('tells again what WhatsApp took without an answer', async () => {
    const phone = freshPhone()
    const chatId = await flow.openChat(phone)
    await writes(chatId, phone, 1)
    flow.phones.fail({ kind: 'drop-after-accept', count: 1 })
    await read(chatId)
    const calls = await told(2)
    expect(calls.map(({ httpStatus }) => httpStatus)).toEqual([undefined, 200])
  })

  it('gives up what WhatsApp refuses for good, and says why', async () => {
    const phone = freshPhone()
    const chatId = await flow.openChat(phone)
    await writes(chatId, phone, 1)
    flow.phones.fail({ kind: 'error', code: 131009, count: 1 })
    await read(chatId)
    const ended = () =>
      flow.rows(
        `select t.state, t.reason from tasks t join chat_messages m using (tenant_id, message_id)
         where t.type = 'READ_RECEIPT' and m.chat_id = $1`,
        [chatId],
      )
    await until(ended, ([task]) => task?.state === 'DEAD')
    expect(await ended()).toEqual([{ state: 'DEAD', reason: 'invalid-request' }])
    expect(receipts()).toHaveLength(1)
  })

  it.each([
    ['a body of another form', '{"typing":"yes"}', '422 invalid-body'],
    ['an unknown field', '{"messageId":"7"}', '422 invalid-body'],
    ['null', 'null', '422 invalid-body'],
    ['no JSON', '{', '400 invalid-json'],
  ])('%s is refused', async (_, body, problem) => {
    const phone = freshPhone()
    const chatId = await flow.openChat(phone)
    await writes(chatId, phone, 1)
    const answer = await read(chatId, body)
    expect(`${answer.status} ${answer.json?.code}`).toBe(problem)
    expect(await chatOf(chatId)).toMatchObject({ unreadCount: 1 })
  })

  it("another tenant's chat is not there", async () => {
    const chatId = await flow.openChat()
    const token = flow.stack.ready.otherTenantToken
    const answer = await flow.ask(`POST /chats/${chatId}/read`, { token })
    expect({ status: answer.status, code: answer.json?.code }).toEqual({
      status: 404,
      code: 'chat-not-found',
    })
    expect((await read('999999999')).status).toBe(404)
  })
})

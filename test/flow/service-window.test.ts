import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Flow, startFlow, textMessage, until } from '#test/support/stack.ts'

const notice = { type: 'template', name: 'aviso_geral', language: 'pt_BR' }
const template = { channel: 'WHATSAPP', content: notice }

/** The product's default: who has not written within 24 hours is sent templates only. */
describe('the service window, end to end', () => {
  let flow: Flow

  beforeAll(async () => {
    flow = await startFlow({ serviceWindow: 'enforced' })
    // The phones keep Meta's rule too.
    flow.phones.configure({ limits: { window: 'answer' } })
  })
  afterAll(() => flow?.stop())

  const chat = async (chatId: string) => (await flow.ask(`GET /chats/${chatId}`)).json
  const post = (chatId: string, body: unknown) => flow.post(chatId, { body })
  const reached = (chatId: string, status: string) =>
    until(
      () => flow.thread(chatId),
      (messages) => messages.at(-1)?.status === status,
    )
  const writes = async (chatId: string, phone: string, said = 'Oi') => {
    const { phoneNumberId } = flow.stack.ready
    flow.phones.inbound({
      from: phone,
      name: 'Ana Lima',
      phoneNumberId,
      content: { type: 'text', text: said },
    })
    await reached(chatId, 'RECEIVED')
  }

  it('a template first, then her answer, then a text that quotes it', async () => {
    const phone = '+5511976550001'
    const chatId = await flow.openChat(phone)
    expect(await chat(chatId)).toMatchObject({ serviceWindow: { open: false, expiresAt: null } })
    const refused = await post(chatId, textMessage('Olá'))
    expect(refused).toMatchObject({ status: 422, json: { code: 'service-window-closed' } })
    expect((await post(chatId, template)).status).toBe(202)
    await reached(chatId, 'READ')

    await writes(chatId, phone)
    expect(await chat(chatId)).toMatchObject({
      serviceWindow: { open: true, expiresAt: expect.stringMatching(/^\d{4}-.*Z$/) },
    })
    const answer = (await flow.thread(chatId)).at(-1)
    const text = { ...textMessage('Obrigado, Ana!'), replyToMessageId: answer?.messageId }
    expect((await post(chatId, text)).status).toBe(202)
    const sent = (await reached(chatId, 'READ')).at(-1)
    expect(sent).toMatchObject({ replyToMessageId: answer?.messageId })
    expect(sent?.fallbackUsed).toBeUndefined()
    const [inbound] = await flow.rows(
      'select provider_message_id as wamid from chat_messages where message_id = $1',
      [answer?.messageId],
    )
    expect(flow.phones.ledger().calls.at(-1)?.body).toMatchObject({
      context: { message_id: inbound?.wamid },
    })
  })

  it('the fallback template goes instead, and is shown as what went', async () => {
    const chatId = await flow.openChat()
    const body = { ...textMessage('Olá'), fallbackTemplate: notice }
    expect((await post(chatId, body)).status).toBe(202)
    const [shown] = await reached(chatId, 'READ')
    expect(shown).toMatchObject({ content: notice, fallbackUsed: true })
  })

  it('the phones say that the window is closed: the fallback goes at once', async () => {
    const phone = '+5511976550003'
    const chatId = await flow.openChat(phone)
    await writes(chatId, phone)
    flow.phones.fail({ kind: 'error', code: 131047, count: 1 })
    const body = { ...textMessage('Olá'), fallbackTemplate: notice }
    expect((await post(chatId, body)).status).toBe(202)
    const shown = (await reached(chatId, 'READ')).at(-1)
    expect(shown).toMatchObject({ content: notice, fallbackUsed: true })
    expect(shown?.possibleDuplicate).toBeUndefined()
  })

  it.each([
    ['a fallback beside a template', { ...template, fallbackTemplate: notice }],
    ['a fallback that is a text', { ...textMessage('Olá'), fallbackTemplate: { type: 'text' } }],
    ['a reply to what is no id', { ...template, replyToMessageId: 'wamid.1' }],
  ])('%s is no body of this operation', async (_, body) => {
    const chatId = await flow.openChat()
    expect(await post(chatId, body)).toMatchObject({ status: 422, json: { code: 'invalid-body' } })
  })

  it('a reply to a message of another chat is not found', async () => {
    const [chatId, other] = [await flow.openChat(), await flow.openChat()]
    const { json } = await post(other, template)
    const body = { ...template, replyToMessageId: json?.messageId }
    expect(await post(chatId, body)).toMatchObject({
      status: 404,
      json: { code: 'message-not-found' },
    })
  })
})

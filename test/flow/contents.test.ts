import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Flow, startFlow, until } from '#test/support/stack.ts'

const phone = '+5511986660001'
const contents = [
  { type: 'location', latitude: -23.55052, longitude: -46.63331, name: 'Loja' },
  {
    type: 'contacts',
    contacts: [{ name: { formattedName: 'Ana Lima', firstName: 'Ana' }, birthday: '1990-05-01' }],
  },
  {
    type: 'interactive',
    kind: 'buttons',
    body: 'Já pagou?',
    buttons: [{ id: 'sim', title: 'Sim' }],
  },
  {
    type: 'interactive',
    kind: 'list',
    body: 'Escolha',
    button: 'Opções',
    sections: [{ rows: [{ id: 'r1', title: '2ª via' }] }],
  },
  {
    type: 'interactive',
    kind: 'cta_url',
    body: 'Abra',
    displayText: 'Pagar',
    url: 'https://exemplo.com.br/1',
  },
] as const

describe('contents that are not texts', () => {
  let flow: Flow
  let chatId: string

  beforeAll(async () => {
    flow = await startFlow()
    chatId = await flow.openChat(phone)
    flow.phones.inbound({ from: phone, content: { type: 'text', text: 'Oi' } })
    await until(
      () => flow.thread(chatId),
      (messages) => messages.length === 1,
    )
  })
  afterAll(() => flow.stop())

  it.each(contents)(
    '$type $kind is read on the phone and shown as it was sent',
    async (content) => {
      const posted = await flow.post(chatId, { body: { channel: 'WHATSAPP', content } })
      expect(posted.status).toBe(202)
      const messages = await until(
        () => flow.thread(chatId),
        (thread) => thread.every(({ status }) => status === 'READ' || status === 'RECEIVED'),
      )
      expect(messages.at(-1)).toMatchObject({ messageId: posted.json?.messageId, content })
      expect(flow.phones.ledger().calls.at(-1)).toMatchObject({
        type: content.type,
        accepted: true,
      })
    },
  )

  it('a limit of Meta is refused with the path of its field', async () => {
    const [, , { buttons }] = contents
    const content = { ...contents[2], buttons: [...buttons, { id: 'não', title: 'x'.repeat(21) }] }
    const { status, json } = await flow.post(chatId, { body: { channel: 'WHATSAPP', content } })
    expect(status).toBe(422)
    expect(json).toMatchObject({
      code: 'invalid-body',
      errors: [{ path: 'content.buttons.1.title', message: expect.any(String) }],
    })
  })
})

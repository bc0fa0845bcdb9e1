import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type Bench,
  errorIn,
  number,
  otherNumber,
  type Receiver,
  startBench,
  startReceiver,
  templateSend,
  text,
} from '#test/support/whatsapp-bench.ts'

const phone = '+5511987654321'
let receiver: Receiver
let bench: Bench
beforeEach(async () => {
  receiver = await startReceiver()
  bench = await startBench(receiver.url)
})
afterEach(async () => {
  await bench.close()
  await receiver.close()
})

const write = async (content: object, more: object = {}) => {
  const answer = await bench.steer('POST', 'inbound', { from: phone, content, ...more })
  return { status: answer.status, messageId: String(answer.json.messageId) }
}
const received = async (count: number) => {
  await receiver.until(() => receiver.messages().length >= count)
  return receiver.messages()
}
const newsOf = async (field: string, count: number) => {
  await receiver.until(() => receiver.news(field).length >= count)
  return receiver.news(field)
}
/** What the phone page shows of the one conversation. */
const shown = async () => {
  const { json } = await bench.steer('GET', 'conversations')
  const [conversation] = json.conversations as { messages: Record<string, unknown>[] }[]
  return conversation?.messages ?? []
}

describe('news of templates', () => {
  const status = 'message_template_status_update'
  const put = (change: object) => bench.steer('PUT', 'templates', change)
  const aviso = { message_template_name: 'aviso_geral', message_template_language: 'pt-BR' }

  it('a status that changes is told to every account, and rules the sends', async () => {
    await put({ name: 'aviso_geral', status: 'PAUSED' })
    const told = await newsOf(status, 2)
    expect(told.map(({ wabaId }) => wabaId).sort()).toEqual([number.wabaId, otherNumber.wabaId])
    expect(told[0]).toMatchObject({
      ...aviso,
      event: 'PAUSED',
      message_template_id: expect.any(Number),
      message_template_category: 'UTILITY',
      reason: 'NONE',
      other_info: { title: 'FIRST_PAUSE' },
    })
    expect(errorIn(await bench.send(templateSend('aviso_geral'))).code).toBe(132015)
    await put({ name: 'aviso_geral', status: 'APPROVED' })
    expect((await newsOf(status, 4)).at(-1)).toMatchObject({ event: 'APPROVED' })
    expect((await bench.send(templateSend('aviso_geral'))).status).toBe(200)
  })

  it('the id is the one of the list, as a number', async () => {
    await put({ name: 'aviso_geral', status: 'DISABLED' })
    const [told] = await newsOf(status, 1)
    const listed = await bench.graph('GET', `${number.wabaId}/message_templates?name=aviso_geral`)
    const [template] = listed.json.data as { id: string }[]
    expect(String(told?.message_template_id)).toBe(template?.id)
    expect(told).toMatchObject({ event: 'DISABLED', disable_info: { disable_date: 'today' } })
  })

  it('a rejection says why', async () => {
    await put({ name: 'aviso_geral', status: 'REJECTED', rejected_reason: 'PROMOTIONAL' })
    expect((await newsOf(status, 1))[0]).toMatchObject({
      event: 'REJECTED',
      reason: 'PROMOTIONAL',
      rejection_info: { reason: 'PROMOTIONAL' },
    })
  })

  it('category, quality and components are told each by their own field', async () => {
    await put({
      name: 'aviso_geral',
      category: 'MARKETING',
      quality_score: { score: 'RED' },
      components: [
        { type: 'HEADER', format: 'TEXT', text: 'Promoção' },
        { type: 'BODY', text: 'Só hoje' },
        { type: 'BUTTONS', buttons: [{ type: 'QUICK_REPLY', text: 'Sair' }] },
      ],
    })
    expect((await newsOf('template_category_update', 1))[0]).toMatchObject({
      ...aviso,
      previous_category: 'UTILITY',
      new_category: 'MARKETING',
    })
    expect((await newsOf('message_template_quality_update', 1))[0]).toMatchObject({
      ...aviso,
      previous_quality_score: 'UNKNOWN',
      new_quality_score: 'RED',
    })
    expect((await newsOf('message_template_components_update', 1))[0]).toMatchObject({
      ...aviso,
      message_template_element: 'Só hoje',
      message_template_title: 'Promoção',
      message_template_buttons: [{ message_template_button_text: 'Sair' }],
    })
    expect(receiver.news(status)).toEqual([])
  })

  it('what is not given stays; what is new, or the same again, is told to nobody', async () => {
    await put({ name: 'novo', components: [{ type: 'BODY', text: 'Olá' }] })
    await put({ name: 'aviso_geral', status: 'APPROVED' })
    await put({ name: 'novo', status: 'PAUSED' })
    const told = await newsOf(status, 2)
    expect(told.map((it) => it.message_template_name)).toEqual(['novo', 'novo'])
    expect(await bench.steer('PUT', 'templates', { name: 'sem_corpo' })).toMatchObject({
      status: 400,
    })
  })

  it('a removal is told as DELETED', async () => {
    await bench.steer('DELETE', 'templates?name=aviso_geral')
    expect((await newsOf(status, 1))[0]).toMatchObject({ ...aviso, event: 'DELETED' })
    expect((await bench.steer('DELETE', 'templates?name=aviso_geral')).status).toBe(404)
  })
})

describe('news of accounts', () => {
  it('carry the value given, and the number where Meta names it', async () => {
    const alert = { entity_type: 'WABA', alert_info: { alert_severity: 'CRITICAL' } }
    await bench.steer('POST', 'account', { field: 'account_alerts', value: alert })
    expect(await newsOf('account_alerts', 1)).toMatchObject([{ ...alert, wabaId: number.wabaId }])
    const { phoneNumberId } = otherNumber
    bench.account({ field: 'security', value: { event: 'PIN_CHANGED' }, phoneNumberId })
    expect(await newsOf('security', 1)).toMatchObject([
      { event: 'PIN_CHANGED', display_phone_number: '551140000001', wabaId: otherNumber.wabaId },
    ])
    const errors = [{ code: 131042, title: 'Business eligibility payment issue' }]
    bench.account({ field: 'messages', value: { errors } })
    expect(await newsOf('messages', 1)).toMatchObject([
      { errors, metadata: { phone_number_id: number.phoneNumberId } },
    ])
  })

  it.each([
    { field: 'account_update' },
    { field: 'Account', value: {} },
    { field: 'security', value: {}, phoneNumberId: '9' },
  ])('refuses %j', async (news) => {
    expect((await bench.steer('POST', 'account', news)).status).toBe(400)
  })
})

describe('what a person can do', () => {
  it('edits and takes back', async () => {
    const { messageId } = await write({ type: 'text', text: 'Oi' })
    await write({ type: 'edit', messageId, content: { type: 'text', text: 'Olá' } })
    await write({ type: 'revoke', messageId })
    expect(await received(3)).toMatchObject([
      { type: 'text' },
      {
        type: 'edit',
        edit: { original_message_id: messageId, message: { type: 'text', text: { body: 'Olá' } } },
      },
      { type: 'revoke', revoke: { original_message_id: messageId } },
    ])
    expect((await shown()).map((message) => [message.text, message.quoted])).toEqual([
      ['Oi', undefined],
      ['✏️ Editou: Olá', 'Oi'],
      ['🚫 Apagou uma mensagem', 'Oi'],
    ])
  })

  it('changes the number, or only the user id, without a contact', async () => {
    await write({ type: 'number_changed', phone: '+55 21 98888-7777' }, { name: 'Ana' })
    await write({ type: 'user_id_changed', userId: 'BR.99' })
    const [numberNews, idNews] = await received(2)
    expect(numberNews).toMatchObject({
      from: '5511987654321',
      type: 'system',
      system: { type: 'user_changed_number', wa_id: '5521988887777' },
    })
    expect(idNews).toMatchObject({ system: { type: 'user_changed_user_id', user_id: 'BR.99' } })
    const { system } = numberNews as { system: Record<string, string> }
    expect(system.user_id).not.toBe(system.previous_user_id)
    for (const value of receiver.news('messages')) expect(value).not.toHaveProperty('contacts')
    bench.inbound({ from: '+5521988887777', content: { type: 'text', text: 'Sou eu' } })
    const third = (await received(3))[2]
    expect(third).toMatchObject({ from_user_id: system.user_id })
  })

  it('opens no service window by changing the number', async () => {
    await bench.steer('PUT', 'settings', { limits: { window: 'answer' } })
    await write({ type: 'user_id_changed', userId: 'BR.99' })
    expect(errorIn(await bench.send(text('Oi'))).code).toBe(131047)
  })

  it.each<[object, object]>([
    [
      {
        type: 'order',
        text: 'Para amanhã',
        items: [{ productRetailerId: 'sku-1', itemPrice: 9.9 }],
      },
      {
        type: 'order',
        order: {
          catalog_id: '1000',
          text: 'Para amanhã',
          product_items: [
            { product_retailer_id: 'sku-1', quantity: 1, item_price: 9.9, currency: 'BRL' },
          ],
        },
      },
    ],
    [
      { type: 'contacts', contacts: [{ name: 'Bia Sá', phone: '+5511900000000' }] },
      { type: 'contacts', contacts: [{ name: { formatted_name: 'Bia Sá', first_name: 'Bia' } }] },
    ],
    [
      { type: 'flow_reply', response: { nota: 5 } },
      {
        type: 'interactive',
        interactive: { type: 'nfm_reply', nfm_reply: { response_json: '{"nota":5}' } },
      },
    ],
    [
      { type: 'unsupported', kind: 'poll' },
      { type: 'unsupported', errors: [{ code: 131051 }], unsupported: { type: 'poll' } },
    ],
    [{ type: 'welcome' }, { type: 'request_welcome' }],
    [
      { type: 'media', mimeType: 'audio/ogg', base64: 'b2dn', voice: true },
      { type: 'audio', audio: { voice: true } },
    ],
    [
      { type: 'media', mimeType: 'image/webp', base64: 'd2VicA==' },
      { type: 'sticker', sticker: { animated: false } },
    ],
  ])('sends %j', async (content, message) => {
    await write(content)
    expect(await received(1)).toMatchObject([message])
  })

  it('is written to from the phone of the business', async () => {
    const { messageId } = await write({ type: 'echo', text: 'Aqui é o Beto' })
    expect(await newsOf('smb_message_echoes', 1)).toMatchObject([
      {
        metadata: { phone_number_id: number.phoneNumberId },
        message_echoes: [
          {
            id: messageId,
            from: '551140000000',
            to: '5511987654321',
            type: 'text',
            text: { body: 'Aqui é o Beto' },
          },
        ],
      },
    ])
    expect(await shown()).toMatchObject([{ direction: 'outbound', text: 'Aqui é o Beto' }])
  })

  it('turns marketing off and on, which the sends obey', async () => {
    const components = [{ type: 'BODY', text: 'Só hoje' }]
    await bench.steer('PUT', 'templates', { name: 'promo', category: 'MARKETING', components })
    await write({ type: 'preference', value: 'stop' })
    const [told] = await newsOf('user_preferences', 1)
    expect(told).toMatchObject({
      contacts: [{ wa_id: '5511987654321' }],
      user_preferences: [
        {
          wa_id: '5511987654321',
          category: 'marketing_messages',
          value: 'stop',
          timestamp: expect.any(Number),
        },
      ],
    })
    expect(errorIn(await bench.send(templateSend('promo'))).code).toBe(131050)
    expect((await bench.send(templateSend('aviso_geral'))).status).toBe(200)
    await write({ type: 'preference', value: 'resume' })
    expect((await bench.send(templateSend('promo'))).status).toBe(200)
  })

  it.each([
    { type: 'edit', messageId: 'wamid.x' },
    { type: 'number_changed', phone: 'amanhã' },
    { type: 'user_id_changed', userId: 'x' },
    { type: 'preference', value: 'maybe' },
    { type: 'order', items: [] },
  ])('refuses %j', async (content) => {
    expect((await write(content)).status).toBe(400)
  })
})

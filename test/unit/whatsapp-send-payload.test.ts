import { describe, expect, it } from 'vitest'
import { sendPayload } from '#shared/adapters/whatsapp/send-payload.ts'
import type { MessageContent } from '#shared/domain/content.ts'
import type { TemplateVariables } from '#shared/domain/template-content.ts'
import type { DeliveryRequest } from '#shared/ports/message-provider.ts'

const attemptId = '0198c1d2-7b1e-7c7a-9a50-5f0f4e7a9b11'
const request = (
  content: MessageContent,
  rest: Partial<DeliveryRequest> = {},
): DeliveryRequest => ({
  attemptId,
  sender: { phoneNumberId: '106540000000001', secretName: 'numero' },
  recipient: { phone: '+5511987654321' },
  content,
  ...rest,
})
const template = (variables?: TemplateVariables) =>
  sendPayload(
    request({
      type: 'template',
      name: 'lembrete',
      language: 'pt_BR',
      ...(variables !== undefined && { variables }),
    }),
  )?.template

describe('sendPayload', () => {
  it('writes a text', () => {
    expect(sendPayload(request({ type: 'text', text: 'Olá' }))).toEqual({
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      to: '+5511987654321',
      biz_opaque_callback_data: attemptId,
      type: 'text',
      text: { body: 'Olá', preview_url: false },
    })
  })

  it('quotes, previews and addresses by user id', () => {
    const payload = sendPayload(
      request(
        { type: 'text', text: 'https://exemplo.com.br', previewUrl: true },
        { recipient: { userId: 'BR.13491208655302741918' }, replyTo: 'wamid.AAA=' },
      ),
    )
    expect(payload).toMatchObject({
      recipient: 'BR.13491208655302741918',
      context: { message_id: 'wamid.AAA=' },
      text: { preview_url: true },
    })
    expect(payload).not.toHaveProperty('to')
  })

  it('leaves components out when a template has no variables', () => {
    const bare = { name: 'lembrete', language: { code: 'pt_BR' } }
    expect(template()).toEqual(bare)
    expect(template({})).toEqual(bare)
    expect(template({ header: [], body: {}, buttons: [] })).toEqual(bare)
  })

  it('writes positional variables in order', () => {
    expect(template({ header: ['Março'], body: ['Ana', 'R$ 10,00'] })).toMatchObject({
      components: [
        { type: 'header', parameters: [{ type: 'text', text: 'Março' }] },
        {
          type: 'body',
          parameters: [
            { type: 'text', text: 'Ana' },
            { type: 'text', text: 'R$ 10,00' },
          ],
        },
      ],
    })
  })

  it('writes named variables with their names', () => {
    expect(template({ body: { nome: 'Ana', valor: 'R$ 10,00' } })).toMatchObject({
      components: [
        {
          type: 'body',
          parameters: [
            { type: 'text', parameter_name: 'nome', text: 'Ana' },
            { type: 'text', parameter_name: 'valor', text: 'R$ 10,00' },
          ],
        },
      ],
    })
  })

  it('writes buttons with a string index', () => {
    expect(
      template({
        buttons: [
          { index: 0, type: 'url', text: 'A-123' },
          { index: 1, type: 'quick_reply', payload: 'AJUDA' },
        ],
      }),
    ).toMatchObject({
      components: [
        {
          type: 'button',
          sub_type: 'url',
          index: '0',
          parameters: [{ type: 'text', text: 'A-123' }],
        },
        {
          type: 'button',
          sub_type: 'quick_reply',
          index: '1',
          parameters: [{ type: 'payload', payload: 'AJUDA' }],
        },
      ],
    })
  })

  it('has no form for content that is only received', () => {
    expect(
      sendPayload(request({ type: 'other', providerType: 'sticker', raw: {} })),
    ).toBeUndefined()
  })
})

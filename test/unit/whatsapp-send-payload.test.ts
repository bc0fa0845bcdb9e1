import { describe, expect, it } from 'vitest'
import { sendPayload } from '#shared/adapters/whatsapp/send-payload.ts'
import type { MessageContent } from '#shared/domain/content.ts'
import { mediaIdsOf } from '#shared/domain/content-media.ts'
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

const mediaId = '0198c1d2-0000-7c7a-9a50-000000000001'
const media = new Map([[mediaId, '1099887766']])
const id = '1099887766'
const frame = { type: 'interactive', body: 'Escolha' } as const

const shapes: readonly (readonly [MessageContent, object])[] = [
  [
    { type: 'image', mediaId, caption: 'Boleto' },
    { type: 'image', image: { id, caption: 'Boleto' } },
  ],
  [
    { type: 'video', mediaId },
    { type: 'video', video: { id } },
  ],
  [
    { type: 'document', mediaId, filename: 'nf.pdf', caption: 'Nota fiscal' },
    { type: 'document', document: { id, caption: 'Nota fiscal', filename: 'nf.pdf' } },
  ],
  [
    { type: 'audio', mediaId, voice: true },
    { type: 'audio', audio: { id, voice: true } },
  ],
  [
    { type: 'audio', mediaId },
    { type: 'audio', audio: { id } },
  ],
  [
    { type: 'sticker', mediaId },
    { type: 'sticker', sticker: { id } },
  ],
  [
    { type: 'location', latitude: -23.55052, longitude: -1e-7, name: 'Loja', address: 'Rua A, 1' },
    {
      type: 'location',
      location: {
        latitude: '-23.55052',
        longitude: '-0.0000001',
        name: 'Loja',
        address: 'Rua A, 1',
      },
    },
  ],
  [
    { type: 'location', latitude: 90, longitude: -1e-9 },
    { type: 'location', location: { latitude: '90', longitude: '0' } },
  ],
  [
    {
      type: 'contacts',
      contacts: [
        {
          name: { formattedName: 'Ana Lima', firstName: 'Ana', lastName: 'Lima' },
          phones: [{ phone: '+5511912345678', type: 'WORK', waId: '5511912345678' }],
          emails: [{ email: 'ana@exemplo.com.br', type: 'WORK' }],
          urls: [{ url: 'https://exemplo.com.br' }],
          addresses: [{ city: 'São Paulo', countryCode: 'BR' }],
          org: { company: 'Exemplo', title: 'Gerente' },
          birthday: '1990-05-01',
        },
      ],
    },
    {
      type: 'contacts',
      contacts: [
        {
          name: { formatted_name: 'Ana Lima', first_name: 'Ana', last_name: 'Lima' },
          phones: [{ phone: '+5511912345678', type: 'WORK', wa_id: '5511912345678' }],
          emails: [{ email: 'ana@exemplo.com.br', type: 'WORK' }],
          urls: [{ url: 'https://exemplo.com.br' }],
          addresses: [{ city: 'São Paulo', country_code: 'BR' }],
          org: { company: 'Exemplo', title: 'Gerente' },
          birthday: '1990-05-01',
        },
      ],
    },
  ],
  [
    {
      ...frame,
      kind: 'buttons',
      header: { type: 'document', mediaId, filename: 'nf.pdf' },
      footer: 'Exemplo Ltda',
      buttons: [{ id: 'sim', title: 'Sim' }],
    },
    {
      type: 'interactive',
      interactive: {
        type: 'button',
        header: { type: 'document', document: { id, filename: 'nf.pdf' } },
        body: { text: 'Escolha' },
        footer: { text: 'Exemplo Ltda' },
        action: { buttons: [{ type: 'reply', reply: { id: 'sim', title: 'Sim' } }] },
      },
    },
  ],
  [
    {
      ...frame,
      kind: 'list',
      header: { type: 'text', text: 'Atendimento' },
      button: 'Opções',
      sections: [{ title: 'Suporte', rows: [{ id: 'r', title: '2ª via', description: 'Pix' }] }],
    },
    {
      type: 'interactive',
      interactive: {
        type: 'list',
        header: { type: 'text', text: 'Atendimento' },
        body: { text: 'Escolha' },
        action: {
          button: 'Opções',
          sections: [
            { title: 'Suporte', rows: [{ id: 'r', title: '2ª via', description: 'Pix' }] },
          ],
        },
      },
    },
  ],
  [
    { ...frame, kind: 'cta_url', displayText: 'Pagar', url: 'https://exemplo.com.br/1' },
    {
      type: 'interactive',
      interactive: {
        type: 'cta_url',
        body: { text: 'Escolha' },
        action: {
          name: 'cta_url',
          parameters: { display_text: 'Pagar', url: 'https://exemplo.com.br/1' },
        },
      },
    },
  ],
  [
    {
      type: 'template',
      name: 'nota',
      language: 'pt_BR',
      ttlSeconds: 3600,
      variables: {
        headerMedia: { type: 'image', mediaId },
        buttons: [{ index: 2, type: 'copy_code', code: 'PIX10' }],
      },
    },
    {
      type: 'template',
      message_send_ttl_seconds: 3600,
      template: {
        name: 'nota',
        language: { code: 'pt_BR' },
        components: [
          { type: 'header', parameters: [{ type: 'image', image: { id } }] },
          {
            type: 'button',
            sub_type: 'copy_code',
            index: '2',
            parameters: [{ type: 'coupon_code', coupon_code: 'PIX10' }],
          },
        ],
      },
    },
  ],
]

describe('the JSON of each type', () => {
  const envelope = {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    to: '+5511987654321',
    biz_opaque_callback_data: attemptId,
  }

  it.each(shapes)('%j', (content, expected) => {
    expect(JSON.parse(JSON.stringify(sendPayload(request(content, { media }))))).toEqual({
      ...envelope,
      ...expected,
    })
  })

  it.each(shapes.filter(([content]) => mediaIdsOf(content).length > 0))(
    'is none while its file is not at Meta: %j',
    (content) => {
      expect(sendPayload(request(content))).toBeUndefined()
      expect(sendPayload(request(content, { media: new Map([['other', '1']]) }))).toBeUndefined()
    },
  )

  it.each(['👍', ''])('puts the reaction %j on its target, without a context', (emoji) => {
    expect(sendPayload(request({ type: 'reaction', emoji }, { replyTo: 'wamid.AAA=' }))).toEqual({
      ...envelope,
      type: 'reaction',
      reaction: { message_id: 'wamid.AAA=', emoji },
    })
  })

  it('has no reaction to nothing', () => {
    expect(sendPayload(request({ type: 'reaction', emoji: '👍' }))).toBeUndefined()
  })
})

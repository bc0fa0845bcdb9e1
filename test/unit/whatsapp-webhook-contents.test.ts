import { describe, expect, it } from 'vitest'
import { readContent } from '#shared/adapters/whatsapp/webhook-contents.ts'

const mediaId = '7f9c24e5-3b1a-4c3e-9d52-0a4b8f1d6e01'
const hex = 'ab'.repeat(32)
const sha256 = Buffer.from(hex, 'hex').toString('base64')

/** A message of this type as Meta writes it. */
const message = (type: string, body: unknown, more: object = {}) => ({
  from: '5511987654321',
  id: 'wamid.1',
  timestamp: '1795430000',
  type,
  [type]: body,
  ...more,
})
const read = (type: string, body: unknown, more: object = {}) =>
  readContent(message(type, body, more), () => mediaId)
const contentOf = (type: string, body: unknown, more: object = {}) => read(type, body, more).content

describe('what a message says, by its type', () => {
  it.each([
    ['text', { body: 'Olá\u0000' }, { type: 'text', text: 'Olá' }],
    [
      'location',
      { latitude: -23.55, longitude: -46.63, name: 'Sé', address: 'Praça da Sé', url: 'x' },
      {
        type: 'location',
        latitude: -23.55,
        longitude: -46.63,
        name: 'Sé',
        address: 'Praça da Sé',
      },
    ],
    [
      'location',
      { latitude: '-23.55', longitude: '0' },
      { type: 'location', latitude: -23.55, longitude: 0 },
    ],
    [
      'button',
      { payload: 'PARCELAS', text: 'Ver parcelas' },
      { type: 'reply', kind: 'template-button', id: 'PARCELAS', title: 'Ver parcelas' },
    ],
    [
      'interactive',
      { type: 'button_reply', button_reply: { id: 'a', title: 'Sim' } },
      { type: 'reply', kind: 'button', id: 'a', title: 'Sim' },
    ],
    [
      'interactive',
      { type: 'list_reply', list_reply: { id: 'b', title: '2ª via', description: 'Boleto' } },
      { type: 'reply', kind: 'list', id: 'b', title: '2ª via', description: 'Boleto' },
    ],
    [
      'interactive',
      {
        type: 'nfm_reply',
        nfm_reply: { name: 'flow', body: 'Sent', response_json: '{"cpf":"1","n":[2]}' },
      },
      {
        type: 'reply',
        kind: 'flow',
        title: 'flow',
        description: 'Sent',
        response: { cpf: '1', n: [2] },
      },
    ],
    [
      'interactive',
      { type: 'nfm_reply', nfm_reply: { response_json: '{broken' } },
      { type: 'reply', kind: 'flow', response: '{broken' },
    ],
    [
      'order',
      {
        catalog_id: '77',
        text: 'Quero',
        product_items: [
          { product_retailer_id: 'sku', quantity: '2', item_price: 9.9, currency: 'BRL' },
        ],
      },
      {
        type: 'order',
        catalogId: '77',
        text: 'Quero',
        items: [{ productRetailerId: 'sku', quantity: 2, itemPrice: 9.9, currency: 'BRL' }],
      },
    ],
    [
      'system',
      { type: 'user_changed_number', body: 'Ana mudou de número', wa_id: '5511900000000' },
      { type: 'system', event: 'number-changed', text: 'Ana mudou de número' },
    ],
    ['system', { type: 'customer_changed_number' }, { type: 'system', event: 'number-changed' }],
    ['system', { type: 'user_changed_user_id' }, { type: 'system', event: 'user-id-changed' }],
    [
      'system',
      { type: 'customer_identity_changed' },
      { type: 'system', event: 'identity-changed' },
    ],
    ['system', { type: 'toString' }, { type: 'system', event: 'other' }],
  ])('%s %#', (type, body, content) => {
    expect(contentOf(type, body)).toEqual(content)
  })

  it.each([
    [{ message_id: 'wamid.0', emoji: '👍' }, '👍'],
    [{ message_id: 'wamid.0' }, ''],
  ])('a reaction is on its message: %j', (body, emoji) => {
    expect(read('reaction', body)).toEqual({
      content: { type: 'reaction', emoji },
      reactsTo: 'wamid.0',
    })
  })

  it.each(['unsupported', 'unknown'])('%s tells what it was and why', (type) => {
    const errors = [{ code: 131051, title: 'Unsupported message type' }]
    expect(contentOf(type, { type: 'poll' }, { errors })).toEqual({
      type: 'unsupported',
      providerType: 'poll',
      code: 131051,
    })
    expect(contentOf(type, undefined)).toEqual({ type: 'unsupported' })
  })

  it('business cards keep what we know of them', () => {
    const cards = [
      {
        name: { formatted_name: 'Ana Lima', first_name: 'Ana', last_name: 5 },
        phones: [{ phone: '+55 11 91234-5678', type: 'CELL', wa_id: '5511912345678' }, 7],
        emails: [{ email: 'ana@exemplo.com.br', type: 'WORK' }],
        addresses: [{ street: 'Rua A', country_code: 'BR', zip: '01000-000' }],
        org: { company: 'Exemplo', title: 'Gerente' },
        urls: 'x',
        birthday: '1990-05-01',
        vcard: 'BEGIN:VCARD',
      },
    ]
    expect(contentOf('contacts', cards)).toEqual({
      type: 'contacts',
      contacts: [
        {
          name: { formattedName: 'Ana Lima', firstName: 'Ana' },
          phones: [{ phone: '+55 11 91234-5678', type: 'CELL', waId: '5511912345678' }],
          emails: [{ email: 'ana@exemplo.com.br', type: 'WORK' }],
          addresses: [{ street: 'Rua A', countryCode: 'BR', zip: '01000-000' }],
          org: { company: 'Exemplo', title: 'Gerente' },
          birthday: '1990-05-01',
        },
      ],
    })
  })
})

describe('files', () => {
  const body = { id: 'media-1', mime_type: 'image/jpeg', sha256, url: 'https://x' }

  it.each([
    ['image', { caption: 'Foto' }, { caption: 'Foto' }, {}],
    ['video', { caption: 'Filme' }, { caption: 'Filme' }, {}],
    ['audio', { voice: true, caption: 'x' }, { voice: true }, {}],
    [
      'document',
      { filename: 'nf-123.pdf', caption: 'Nota' },
      { filename: 'nf-123.pdf', caption: 'Nota' },
      { filename: 'nf-123.pdf' },
    ],
    ['sticker', { animated: true }, {}, {}],
  ])('%s has an id of ours', (...row) => {
    const [type, more, shown, kept] = row
    expect(read(type, { ...body, ...more })).toEqual({
      content: { type, mediaId, ...shown },
      file: {
        mediaId,
        kind: type,
        mimeType: 'image/jpeg',
        sha256,
        providerMediaId: 'media-1',
        ...kept,
      },
    })
  })

  it.each([
    [sha256, sha256],
    [hex, sha256],
    [hex.toUpperCase(), sha256],
    ['c2hvcnQ=', undefined],
    ['', undefined],
    [5, undefined],
  ])('the digest %j reads as %j', (given, expected) => {
    expect(read('image', { ...body, sha256: given }).file?.sha256).toBe(expected)
  })

  it.each([undefined, '', 5, 'image/jpeg\n', 'x'.repeat(128), 'imagem/ção'])(
    'a type that is none (%j) is bytes',
    (mime_type) => {
      const { file } = read('image', { ...body, mime_type })
      expect(file?.mimeType).toBe('application/octet-stream')
    },
  )

  it('one that Meta could not take is shown as such', () => {
    const errors = [{ code: 131052, title: 'Media download error' }]
    expect(read('document', undefined, { errors })).toEqual({
      content: { type: 'unsupported', providerType: 'document', code: 131052 },
    })
  })
})

it.each([
  ['text', {}],
  ['text', { body: ['x'] }],
  ['image', { id: '' }],
  ['sticker', 'x'],
  ['location', { latitude: 91, longitude: 0 }],
  ['location', { latitude: 1 }],
  ['location', { latitude: '1e1', longitude: 0 }],
  ['contacts', []],
  ['contacts', [{ name: {} }]],
  ['reaction', { emoji: '👍' }],
  ['interactive', { type: 'call_permission_reply', call_permission_reply: {} }],
  ['interactive', { type: 'button_reply' }],
  ['order', { product_items: [] }],
  ['system', 'x'],
  ['futuro', { id: 1 }],
])('a %s of another form is kept whole: %j', (type, body) => {
  const whole = message(type, body)
  expect(read(type, body)).toEqual({ content: { type: 'other', providerType: type, raw: whole } })
})

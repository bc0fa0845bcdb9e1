import { textMessage } from '#test/support/stack.ts'

/** What a request with this body must be answered. */
export interface BodyRow {
  readonly name: string
  readonly body: unknown
  readonly status: number
  readonly code: string
}

const invalid = (name: string, body: unknown): BodyRow => ({
  name,
  body,
  status: 422,
  code: 'invalid-body',
})
const notJson = (name: string, body: string | Uint8Array): BodyRow => ({
  name,
  body,
  status: 400,
  code: 'invalid-json',
})
const tooLarge = (name: string, body: string): BodyRow => ({
  name,
  body,
  status: 413,
  code: 'body-too-large',
})

const notJsonRows: readonly BodyRow[] = [
  notJson('no body', ''),
  notJson('half a body', '{"channel":"WHATSAPP"'),
  notJson('a form', 'channel=WHATSAPP&text=Ola'),
  notJson('two values', '{} {}'),
  notJson('a comment', '{/* */}'),
  notJson('NaN', '{"channel":NaN}'),
  notJson('a control character in a string', '{"channel":"WHATS\u0007APP"}'),
  notJson('UTF-16', Buffer.from('{"channel":"WHATSAPP"}', 'utf16le')),
]

const otherFormRows = [
  ['null', null],
  ['a list', []],
  ['a text', '"text"'],
  ['an empty object', {}],
  ['very deep nesting', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ['deep nesting in a field', `{"channel":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`],
] as const

const text = (said: unknown) => ({ channel: 'WHATSAPP', content: { type: 'text', text: said } })
const template = (more: object) => ({
  channel: 'WHATSAPP',
  content: { type: 'template', name: 'aviso', language: 'pt_BR', ...more },
})
const good = textMessage('Olá')
const json = JSON.stringify

/** `POST /chats/{chatId}/messages`. */
export const messageRows: readonly BodyRow[] = [
  ...notJsonRows,
  ...otherFormRows.map(([name, body]) => invalid(name, body)),
  tooLarge('a body over 256 KB', json(text('x'.repeat(256 * 1024)))),
  tooLarge('spaces over 256 KB', `${json(good)}${' '.repeat(256 * 1024)}`),
  invalid('an unknown field', { ...good, subject: 'Olá' }),
  invalid('an unknown field of the content', { ...good, content: { ...good.content, bold: true } }),
  invalid('no channel', { content: good.content }),
  invalid('an unknown channel', { ...good, channel: 'SMS' }),
  invalid('a channel in lower case', { ...good, channel: 'whatsapp' }),
  invalid('a channel that is a list', { ...good, channel: ['WHATSAPP'] }),
  invalid('no content', { channel: 'WHATSAPP' }),
  invalid('an unknown content type', { ...good, content: { type: 'other', raw: {} } }),
  invalid('a content type from the prototype', { ...good, content: { type: 'constructor' } }),
  invalid('a text that is a number', text(1)),
  invalid('a text that is null', text(null)),
  invalid('an empty text', text('')),
  invalid('a text of spaces', text(' \n\t ')),
  invalid('a text over 4,096 characters', text('x'.repeat(4097))),
  invalid('U+0000', text('a\u0000b')),
  invalid('a control character', text('a\u001bb')),
  invalid('DEL', text('a\u007fb')),
  invalid('a control character of C1', text('a\u0085b')),
  invalid('a file name that turns around', {
    channel: 'WHATSAPP',
    content: { type: 'document', mediaId: crypto.randomUUID(), filename: 'a\u202efdp.exe' },
  }),
  invalid(
    'a lone high surrogate',
    '{"channel":"WHATSAPP","content":{"type":"text","text":"\\ud83d"}}',
  ),
  invalid(
    'a lone low surrogate',
    '{"channel":"WHATSAPP","content":{"type":"text","text":"\\ude00"}}',
  ),
  invalid(
    '__proto__',
    '{"__proto__":{"x":1},"channel":"WHATSAPP","content":{"type":"text","text":"a"}}',
  ),
  invalid(
    '__proto__ in the content',
    '{"channel":"WHATSAPP","content":{"type":"text","text":"a","__proto__":{"x":1}}}',
  ),
  invalid(
    'constructor',
    '{"constructor":1,"channel":"WHATSAPP","content":{"type":"text","text":"a"}}',
  ),
  invalid(
    'a field twice, the last one wrong',
    '{"channel":"WHATSAPP","content":{"type":"text","text":"a"},"channel":"SMS"}',
  ),
  invalid('a previewUrl that is a text', {
    ...good,
    content: { ...good.content, previewUrl: 'yes' },
  }),
  invalid('a template with a bad name', template({ name: 'Aviso Novo' })),
  invalid('a template with a bad language', template({ language: 'pt-BR' })),
  invalid('a variable with a newline', template({ variables: { body: ['a\nb'] } })),
  invalid('a variable with five spaces', template({ variables: { body: ['a     b'] } })),
  invalid('an empty variable', template({ variables: { body: [''] } })),
  invalid('51 variables', template({ variables: { body: Array(51).fill('x') } })),
  invalid('no variable in an object of them', template({ variables: { body: {} } })),
  invalid('a named variable with a bad name', template({ variables: { body: { 'A b': 'x' } } })),
  invalid(
    '__proto__ as a variable',
    '{"channel":"WHATSAPP","content":{"type":"template","name":"a","language":"pt_BR","variables":{"body":{"__proto__":"x"}}}}',
  ),
  invalid(
    'variables that are too large together',
    template({ variables: { body: Array(45).fill('ç'.repeat(1000)) } }),
  ),
  invalid('a sendAt with half a zone', { ...good, sendAt: '2030-01-01T00:00:00-3' }),
  invalid('a sendAt at 25 hours', { ...good, sendAt: '2030-01-01T25:00' }),
  invalid('a sendAt that is no date', { ...good, sendAt: '2030-02-30T00:00:00Z' }),
  invalid('a sendAt in words', { ...good, sendAt: 'tomorrow' }),
  invalid('a sendAt that is a number', { ...good, sendAt: 1_900_000_000 }),
  invalid('a sendAt in the year 0', { ...good, sendAt: '0000-01-01T00:00:00Z' }),
  invalid('a sendAt beyond the year 9998', { ...good, sendAt: '9999-12-31T23:59:59-23:00' }),
  invalid('an expiresAt that is empty', { ...good, expiresAt: '' }),
  invalid('an unknown policy', { ...good, deliveryPolicy: 'exactly-once' }),
  {
    name: 'an expiresAt in the past',
    body: { ...good, expiresAt: '2020-01-01T00:00:00Z' },
    status: 422,
    code: 'send-too-late',
  },
  {
    name: 'an expiresAt before the sendAt',
    body: { ...good, sendAt: '2031-01-01T00:00:00Z', expiresAt: '2030-01-01T00:00:00+15:00' },
    status: 422,
    code: 'send-too-late',
  },
]

const person = { externalId: 'bad-1', name: 'Ana Lima' }
const contact = { channel: 'WHATSAPP', address: '+5511955550001' }
const chat = (more: object) => ({ person, contacts: [contact], ...more })
const address = (to: unknown, channel = 'WHATSAPP') =>
  chat({ contacts: [{ channel, address: to }] })

/** `POST /chats`. */
export const chatRows: readonly BodyRow[] = [
  ...notJsonRows,
  ...otherFormRows.map(([name, body]) => invalid(name, body)),
  tooLarge('a body over 256 KB', json(chat({ person: { ...person, name: 'x'.repeat(262_144) } }))),
  invalid('an unknown field', chat({ status: 'ACTIVE' })),
  invalid('no person', { contacts: [contact] }),
  invalid('an unknown field of the person', chat({ person: { ...person, cpf: '1' } })),
  invalid('no externalId', chat({ person: { name: 'Ana' } })),
  invalid('an empty externalId', chat({ person: { externalId: '' } })),
  invalid('an externalId that is a number', chat({ person: { externalId: 8812 } })),
  invalid('an externalId over 200', chat({ person: { externalId: 'x'.repeat(201) } })),
  invalid('an externalId with a newline', chat({ person: { externalId: 'a\nb' } })),
  invalid('a name that is empty', chat({ person: { ...person, name: '' } })),
  invalid('a name with a line separator', chat({ person: { ...person, name: 'a\u2028b' } })),
  invalid('a name that turns around', chat({ person: { ...person, name: 'a\u2066b' } })),
  invalid('a name with U+0000', chat({ person: { ...person, name: 'a\u0000' } })),
  invalid(
    'a name with half a pair',
    '{"person":{"externalId":"1","name":"\\udc00"},"contacts":[]}',
  ),
  invalid('no contacts', { person }),
  invalid('an empty list of contacts', chat({ contacts: [] })),
  invalid('eleven contacts', chat({ contacts: Array(11).fill(contact) })),
  invalid('an unknown channel', address('+5511955550001', 'SMS')),
  invalid('a phone without country', address('11955550001')),
  invalid('a phone with letters', address('+55119abc')),
  invalid('a Brazilian phone that is too short', address('+551195555')),
  invalid('a phone with U+0000', address('+5511955550001\u0000')),
  invalid('a phone that is very long', address(`+55${'1'.repeat(5000)}`)),
  invalid('a mail address that is none', address('ana@', 'EMAIL')),
  invalid('a mail address with a newline', address('ana@example.com\nBcc: x@y.z', 'EMAIL')),
  invalid('a mail address over 320', address(`${'a'.repeat(320)}@example.com`, 'EMAIL')),
  invalid('__proto__', '{"person":{"externalId":"1","__proto__":{"x":1}},"contacts":[]}'),
]

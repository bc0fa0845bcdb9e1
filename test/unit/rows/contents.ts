/** Contents at Meta's limits: what is just within, and what is just outside and where. */
export const mediaId = '0198c1d2-7b1e-7c7a-9a50-5f0f4e7a9b11'

type Content = Readonly<Record<string, unknown>>
export type GoodRow = readonly [name: string, content: Content]
export type BadRow = readonly [name: string, content: Content, path: string]

const x = (length: number) => 'x'.repeat(length)
const list = <T>(length: number, make: (index: number) => T) =>
  Array.from({ length }, (_, i) => make(i))

const text = (said: unknown, more: object = {}) => ({ type: 'text', text: said, ...more })
const image = (more: object = {}) => ({ type: 'image', mediaId, ...more })
const document = (more: object = {}) => ({ type: 'document', mediaId, ...more })
const audio = (more: object = {}) => ({ type: 'audio', mediaId, ...more })
const sticker = (more: object = {}) => ({ type: 'sticker', mediaId, ...more })
const place = (more: object = {}) => ({ type: 'location', latitude: 0, longitude: 0, ...more })
const name = { formattedName: 'Ana Lima', firstName: 'Ana' }
const cards = (...contacts: unknown[]) => ({ type: 'contacts', contacts })
const card = (more: object = {}) => cards({ name, ...more })
const reaction = (emoji: unknown) => ({ type: 'reaction', emoji })

const button = (index: number) => ({ id: `b${index}`, title: `Botão ${index}` })
const interactive = { type: 'interactive', body: 'Escolha' }
const buttons = (given: unknown, more: object = {}) => ({
  ...interactive,
  kind: 'buttons',
  buttons: given,
  ...more,
})
const row = (index: number, more: object = {}) => ({ id: `r${index}`, title: 'Linha', ...more })
const rows = (count: number, from = 0) => list(count, (index) => row(from + index))
const menu = (sections: unknown, more: object = {}) => ({
  ...interactive,
  kind: 'list',
  button: 'Opções',
  sections,
  ...more,
})
const link = (more: object = {}) => ({
  ...interactive,
  kind: 'cta_url',
  displayText: 'Abrir',
  url: 'https://exemplo.com.br/boleto?id=1',
  ...more,
})
const template = (variables: unknown, more: object = {}) => ({
  type: 'template',
  name: 'aviso',
  language: 'pt_BR',
  variables,
  ...more,
})

const variableNamed = (value: unknown, key = 'a') => ({
  ...{ type: 'named-template', name: 'aviso', language: 'pt-BR' },
  variables: { [key]: value },
})

export const goodRows: readonly GoodRow[] = [
  ['a text of 4,096', text(x(4096), { previewUrl: true })],
  ['an image with a caption of 1,024', image({ caption: x(1024) })],
  ['a video', { type: 'video', mediaId, caption: 'Olá\nAna' }],
  ['a document with a name of 240', document({ filename: x(240), caption: x(1024) })],
  ['a voice message', audio({ voice: true })],
  ['a sticker', sticker()],
  ['a template of ours with a file', { ...variableNamed('x'), attachments: [{ mediaId }] }],
  ['a template of ours', variableNamed({ type: 'count', count: 3 }, 'diasDeAtraso')],
  ['the North Pole', place({ latitude: 90, longitude: -180, name: x(1000), address: x(1000) })],
  ['the South Pole', place({ latitude: -90, longitude: 180 })],
  ['5 cards', cards(...list(5, () => ({ name })))],
  [
    'a full card',
    card({
      name: { ...name, lastName: 'Lima', middleName: 'B.', prefix: 'Dra.', suffix: 'Jr.' },
      phones: [{ phone: '+5511912345678', type: 'WORK', waId: '5511912345678' }],
      emails: [{ email: 'ana@exemplo.com.br', type: 'WORK' }],
      urls: [{ url: 'https://exemplo.com.br', type: 'WORK' }],
      addresses: [{ street: 'Rua A, 1', city: 'São Paulo', countryCode: 'BR', type: 'HOME' }],
      org: { company: 'Exemplo', department: 'Vendas', title: 'Gerente' },
      birthday: '1990-05-01',
    }),
  ],
  ...['', '👍', '❤️', '❤', '👩🏽‍🚀', '🇧🇷', '1️⃣', '🏴󠁧󠁢󠁥󠁮󠁧󠁿'].map(
    (emoji) => [`the reaction ${JSON.stringify(emoji)}`, reaction(emoji)] as const,
  ),
  ['3 buttons', buttons(list(3, button), { body: x(1024), footer: x(60) })],
  ['a button at its limits', buttons([{ id: x(256), title: x(20) }])],
  ['buttons under a text', buttons([button(1)], { header: { type: 'text', text: x(60) } })],
  ['buttons under an image', buttons([button(1)], { header: { type: 'image', mediaId } })],
  ['buttons under a video', buttons([button(1)], { header: { type: 'video', mediaId } })],
  [
    'buttons under a document',
    buttons([button(1)], { header: { type: 'document', mediaId, filename: 'a.pdf' } }),
  ],
  ['a list of 10 rows', menu([{ rows: rows(10) }], { body: x(4096), button: x(20) })],
  ['a list of 10 sections', menu(list(10, (i) => ({ title: x(24), rows: rows(1, i) })))],
  [
    'a row at its limits',
    menu([{ rows: [{ id: x(200), title: x(24), description: x(72) }] }], {
      header: { type: 'text', text: x(60) },
      footer: x(60),
    }),
  ],
  ['a link', link({ displayText: x(20), body: x(1024) })],
  ['a link under an image', link({ header: { type: 'image', mediaId } })],
  ['a template without variables', template(undefined)],
  ['50 variables of 1,024', template({ body: list(30, () => x(1024)) })],
  ['50 variables', template({ body: list(50, () => 'a    b') })],
  ['named variables', template({ header: { mes: 'maio' }, body: { nome: 'Ana' } })],
  [
    'a template under a document',
    template({ headerMedia: { type: 'document', mediaId, filename: 'nf.pdf' }, body: ['Ana'] }),
  ],
  [
    'a template with every button',
    template({
      buttons: [
        { index: 0, type: 'url', text: 'A-123' },
        { index: 1, type: 'quick_reply', payload: x(256) },
        { index: 9, type: 'copy_code', code: 'PIX10' },
      ],
    }),
  ],
  ...[-1, 30, 2_592_000].map(
    (ttlSeconds) =>
      [`a time to live of ${ttlSeconds}`, template(undefined, { ttlSeconds })] as const,
  ),
]

const namedRows: readonly BadRow[] = [
  ['a name in capitals', { ...variableNamed('x'), name: 'Aviso' }, 'name'],
  ["Meta's form of a language", { ...variableNamed('x'), language: 'pt_BR' }, 'language'],
  ['a variable with a hyphen', variableNamed('x', 'a-b'), 'variables.a-b'],
  ['a value of two lines', variableNamed('a\nb'), 'variables.a'],
  ['a value of 1,025', variableNamed(x(1025)), 'variables.a'],
  ['a value that is a number', variableNamed(3), 'variables.a'],
  [
    'money in dollars',
    variableNamed({ type: 'money', cents: 1, currency: 'USD' }),
    'variables.a.currency',
  ],
  [
    'half a cent',
    variableNamed({ type: 'money', cents: 0.5, currency: 'BRL' }),
    'variables.a.cents',
  ],
  ['no such day', variableNamed({ type: 'date', date: '2026-02-30' }), 'variables.a.date'],
  [
    'no installments',
    variableNamed({ type: 'installments', installments: [] }),
    'variables.a.installments',
  ],
  [
    'two files on WhatsApp',
    { ...variableNamed('x'), attachments: [{ mediaId }, { mediaId }] },
    'attachments',
  ],
  [
    '51 values',
    { ...variableNamed('x'), variables: Object.fromEntries(list(51, (at) => [`v${at}`, 'x'])) },
    'variables',
  ],
]

const limits: readonly BadRow[] = [
  ['a text of 4,097', text(x(4097)), 'text'],
  ['an empty text', text(' \n'), 'text'],
  ['a caption of 1,025', image({ caption: x(1025) }), 'caption'],
  ['an empty caption', image({ caption: '' }), 'caption'],
  ['a caption with half a pair', image({ caption: 'a\ud83d' }), 'caption'],
  ['a caption with U+0000', image({ caption: 'a\u0000' }), 'caption'],
  ['a caption on audio', audio({ caption: 'Olá' }), 'caption'],
  ['a caption on a sticker', sticker({ caption: 'Olá' }), 'caption'],
  ['a name on an image', image({ filename: 'a.png' }), 'filename'],
  ['voice on a video', { type: 'video', mediaId, voice: true }, 'voice'],
  ['voice that is a word', audio({ voice: 'yes' }), 'voice'],
  ['a media id that is none', image({ mediaId: '1099887766' }), 'mediaId'],
  ['no media id', { type: 'sticker' }, 'mediaId'],
  ['a link instead of a file', { type: 'image', link: 'https://a.b/c.png' }, 'link'],
  ['a filename of 241', document({ filename: x(241) }), 'filename'],
  ['a filename of two lines', document({ filename: 'a\nb' }), 'filename'],
  ['a filename with a path', document({ filename: '../a.pdf' }), 'filename'],
  ['a latitude over 90', place({ latitude: 90.000001 }), 'latitude'],
  ['a latitude under -90', place({ latitude: -90.000001 }), 'latitude'],
  ['a latitude that is a text', place({ latitude: '0' }), 'latitude'],
  ['a longitude over 180', place({ longitude: 180.000001 }), 'longitude'],
  ['a longitude under -180', place({ longitude: -180.000001 }), 'longitude'],
  ['a place without longitude', { type: 'location', latitude: 0 }, 'longitude'],
  ['a place name of 1,001', place({ name: x(1001) }), 'name'],
  ['an address of 1,001', place({ address: x(1001) }), 'address'],
  ['no cards', cards(), 'contacts'],
  ['6 cards', cards(...list(6, () => ({ name }))), 'contacts'],
  ['a card without a name', cards({}), 'contacts.0.name'],
  ['a lone formattedName', cards({ name: { formattedName: 'Ana' } }), 'contacts.0.name'],
  ['no formattedName', cards({ name: { firstName: 'Ana' } }), 'contacts.0.name.formattedName'],
  [
    'a formattedName of 1,025',
    cards({ name: { ...name, formattedName: x(1025) } }),
    'contacts.0.name.formattedName',
  ],
  [
    'an unknown part of a name',
    cards({ name: { ...name, nick: 'Aninha' } }),
    'contacts.0.name.nick',
  ],
  ['a bad mail address', card({ emails: [{ email: 'ana@' }] }), 'contacts.0.emails.0.email'],
  ['a bad page', card({ urls: [{ url: 'ftp://a.b' }] }), 'contacts.0.urls.0.url'],
  ['a bad wa id', card({ phones: [{ phone: '1', waId: '+55' }] }), 'contacts.0.phones.0.waId'],
  ['a bad birthday', card({ birthday: '01/05/1990' }), 'contacts.0.birthday'],
  ['21 phones', card({ phones: list(21, () => ({ phone: '1' })) }), 'contacts.0.phones'],
  ['a word as a reaction', reaction('ok'), 'emoji'],
  ['a digit as a reaction', reaction('1'), 'emoji'],
  ['two emojis', reaction('👍👍'), 'emoji'],
  ['an emoji and a space', reaction('👍 '), 'emoji'],
  ['half a flag', reaction('🇧'), 'emoji'],
  ['half a pair', reaction('\ud83d'), 'emoji'],
  ['a reaction without emoji', { type: 'reaction' }, 'emoji'],
  ['a target in the content', { ...reaction('👍'), messageId: '7' }, 'messageId'],
]

const choices: readonly BadRow[] = [
  ['an unknown kind', { ...interactive, kind: 'flow' }, 'kind'],
  ['no kind', interactive, 'kind'],
  ['no buttons', buttons([]), 'buttons'],
  ['4 buttons', buttons(list(4, button)), 'buttons'],
  ['a button id of 257', buttons([{ id: x(257), title: 'a' }]), 'buttons.0.id'],
  ['a button title of 21', buttons([{ id: 'a', title: x(21) }]), 'buttons.0.title'],
  ['an empty button title', buttons([{ id: 'a', title: '' }]), 'buttons.0.title'],
  [
    'a button title twice',
    buttons([
      { id: 'a', title: 'Sim' },
      { id: 'b', title: 'Sim' },
    ]),
    'buttons.1.title',
  ],
  [
    'a button id twice',
    buttons([
      { id: 'a', title: 'Sim' },
      { id: 'a', title: 'Não' },
    ]),
    'buttons.1.id',
  ],
  ['a body of 1,025', buttons([button(1)], { body: x(1025) }), 'body'],
  ['no body', buttons([button(1)], { body: undefined }), 'body'],
  ['a footer of 61', buttons([button(1)], { footer: x(61) }), 'footer'],
  [
    'a header of 61',
    buttons([button(1)], { header: { type: 'text', text: x(61) } }),
    'header.text',
  ],
  [
    'a header of audio',
    buttons([button(1)], { header: { type: 'audio', mediaId } }),
    'header.type',
  ],
  [
    'a header without its file',
    buttons([button(1)], { header: { type: 'image' } }),
    'header.mediaId',
  ],
  [
    'a list under an image',
    menu([{ rows: rows(1) }], { header: { type: 'image', mediaId } }),
    'header.type',
  ],
  ['a list body of 4,097', menu([{ rows: rows(1) }], { body: x(4097) }), 'body'],
  ['a list button of 21', menu([{ rows: rows(1) }], { button: x(21) }), 'button'],
  ['no sections', menu([]), 'sections'],
  ['11 sections', menu(list(11, (i) => ({ title: 'a', rows: rows(1, i) }))), 'sections'],
  ['a section without rows', menu([{ rows: [] }]), 'sections.0.rows'],
  ['11 rows', menu([{ rows: rows(11) }]), 'sections'],
  [
    '11 rows of two sections',
    menu([
      { title: 'a', rows: rows(6) },
      { title: 'b', rows: rows(5, 6) },
    ]),
    'sections',
  ],
  ['a section title of 25', menu([{ title: x(25), rows: rows(1) }]), 'sections.0.title'],
  [
    'no title of two sections',
    menu([{ title: 'a', rows: rows(1) }, { rows: rows(1, 1) }]),
    'sections.1.title',
  ],
  ['a row id of 201', menu([{ rows: [row(0, { id: x(201) })] }]), 'sections.0.rows.0.id'],
  ['a row title of 25', menu([{ rows: [row(0, { title: x(25) })] }]), 'sections.0.rows.0.title'],
  [
    'a row description of 73',
    menu([{ rows: [row(0, { description: x(73) })] }]),
    'sections.0.rows.0.description',
  ],
  [
    'a row id twice',
    menu([
      { title: 'a', rows: rows(2) },
      { title: 'b', rows: [row(1)] },
    ]),
    'sections.1.rows.0.id',
  ],
  ['a link text of 21', link({ displayText: x(21) }), 'displayText'],
  ['a link to a file', link({ url: 'file:///etc/passwd' }), 'url'],
  ['a link that runs', link({ url: 'javascript:alert(1)' }), 'url'],
  ['a link without slashes', link({ url: 'https:exemplo.com.br' }), 'url'],
  ['a link with a newline', link({ url: 'https://a.b/\nc' }), 'url'],
  ['a link over 2,000', link({ url: `https://a.b/${x(1989)}` }), 'url'],
]

const variableRows: readonly BadRow[] = [
  ['a name in capitals', template(undefined, { name: 'Aviso' }), 'name'],
  ['a name of 513', template(undefined, { name: x(513) }), 'name'],
  ['a language of the web', template(undefined, { language: 'pt-BR' }), 'language'],
  ['a variable of 1,025', template({ body: ['a', x(1025)] }), 'variables.body.1'],
  ['a variable with a tab', template({ body: ['a\tb'] }), 'variables.body.0'],
  ['a variable with five spaces', template({ header: ['a     b'] }), 'variables.header.0'],
  ['51 variables', template({ body: list(51, () => 'x') }), 'variables.body'],
  ['an empty list', template({ body: [] }), 'variables.body'],
  ['a variable of two lines by name', template({ body: { nome: 'a\nb' } }), 'variables.body.nome'],
  ['a name with a space', template({ body: { 'o nome': 'a' } }), 'variables.body.?'],
  ['variables that are a text', template({ body: 'Ana' }), 'variables.body'],
  [
    'two forms in one template',
    template({ header: ['maio'], body: { nome: 'Ana' } }),
    'variables.body',
  ],
  [
    'a text and a file as header',
    template({ header: ['a'], headerMedia: { type: 'image', mediaId } }),
    'variables.headerMedia',
  ],
  [
    'a header of audio',
    template({ headerMedia: { type: 'audio', mediaId } }),
    'variables.headerMedia.type',
  ],
  [
    'a header file without id',
    template({ headerMedia: { type: 'video' } }),
    'variables.headerMedia.mediaId',
  ],
  [
    '11 buttons',
    template({
      buttons: list(11, (index) => ({ index: Math.min(9, index), type: 'url', text: 'a' })),
    }),
    'variables.buttons',
  ],
  [
    'a button at 10',
    template({ buttons: [{ index: 10, type: 'url', text: 'a' }] }),
    'variables.buttons.0.index',
  ],
  [
    'a button twice',
    template({ buttons: list(2, () => ({ index: 0, type: 'url', text: 'a' })) }),
    'variables.buttons.1.index',
  ],
  [
    'a payload of 257',
    template({ buttons: [{ index: 0, type: 'quick_reply', payload: x(257) }] }),
    'variables.buttons.0.payload',
  ],
  [
    'a button of another kind',
    template({ buttons: [{ index: 0, type: 'flow' }] }),
    'variables.buttons.0.type',
  ],
  [
    'a code without code',
    template({ buttons: [{ index: 0, type: 'copy_code' }] }),
    'variables.buttons.0.code',
  ],
  ['a time to live of 29', template(undefined, { ttlSeconds: 29 }), 'ttlSeconds'],
  ['a time to live of 2,592,001', template(undefined, { ttlSeconds: 2_592_001 }), 'ttlSeconds'],
  ['a time to live of 30.5', template(undefined, { ttlSeconds: 30.5 }), 'ttlSeconds'],
  ['what people send', { type: 'order', items: [] }, 'type'],
  ['an unknown type', { type: 'poll' }, 'type'],
  ['no type', { text: 'Olá' }, 'type'],
  ['an unknown field', text('Olá', { bold: true }), 'bold'],
  ['40,001 bytes', template({ body: list(45, () => 'ç'.repeat(1000)) }), ''],
]

/** Paths below `content`. */
export const badRows = [...limits, ...choices, ...variableRows, ...namedRows]

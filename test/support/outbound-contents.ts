import fc from 'fast-check'

/** Contents that a client may send, at random within their limits. */
const line = (maxLength: number) =>
  fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: Math.ceil(maxLength / 4) })
    .map((text) =>
      text
        .replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '.')
        .normalize('NFC')
        .slice(0, maxLength)
        .toWellFormed(),
    )
    .filter((text) => text.trim() !== '')
const variable = line(200).map((text) => text.replace(/ {5,}/g, ' '))
const mediaId = fc.uuid()
const unique = (maxLength: number, max: number) =>
  fc.uniqueArray(line(maxLength), { minLength: 1, maxLength: max })

const text = fc.record(
  { type: fc.constant('text'), text: line(4096), previewUrl: fc.boolean() },
  { requiredKeys: ['type', 'text'] },
)
const captioned = fc.record(
  { type: fc.constantFrom('image', 'video'), mediaId, caption: line(1024) },
  { requiredKeys: ['type', 'mediaId'] },
)
const document = fc.record(
  {
    type: fc.constant('document'),
    mediaId,
    caption: line(1024),
    filename: line(240).map((name) => name.replace(/[\\/]/g, '_')),
  },
  { requiredKeys: ['type', 'mediaId'] },
)
const audio = fc.record(
  { type: fc.constant('audio'), mediaId, voice: fc.boolean() },
  { requiredKeys: ['type', 'mediaId'] },
)
const sticker = fc.record({ type: fc.constant('sticker'), mediaId })
const location = fc.record(
  {
    type: fc.constant('location'),
    latitude: fc.double({ min: -90, max: 90, noNaN: true }),
    longitude: fc.double({ min: -180, max: 180, noNaN: true }),
    name: line(1000),
    address: line(1000),
  },
  { requiredKeys: ['type', 'latitude', 'longitude'] },
)

const card = fc.record(
  {
    name: fc.record(
      { formattedName: line(200), firstName: line(100), lastName: line(100), prefix: line(40) },
      { requiredKeys: ['formattedName', 'firstName'] },
    ),
    phones: fc.array(
      fc.record(
        { phone: line(40), type: line(40), waId: fc.constant('5511912345678') },
        { requiredKeys: ['phone'] },
      ),
      { maxLength: 3 },
    ),
    emails: fc.array(fc.record({ email: fc.constant('ana@exemplo.com.br') }), { maxLength: 2 }),
    urls: fc.array(fc.record({ url: fc.webUrl() }), { maxLength: 2 }),
    addresses: fc.array(fc.record({ city: line(60), countryCode: fc.constant('BR') }), {
      maxLength: 2,
    }),
    org: fc.record({ company: line(60) }, { requiredKeys: [] }),
    birthday: fc.constant('1990-05-01'),
  },
  { requiredKeys: ['name'] },
)
const contacts = fc.record({
  type: fc.constant('contacts'),
  contacts: fc.array(card, { minLength: 1, maxLength: 5 }),
})
const reaction = fc.record({
  type: fc.constant('reaction'),
  emoji: fc.constantFrom('', '👍', '❤️', '👩🏽‍🚀', '🇧🇷', '1️⃣', '👩🏻‍❤️‍💋‍👩🏼'),
})

const textHeader = fc.record({ type: fc.constant('text'), text: line(60) })
const fileHeader = fc.oneof(
  fc.record({ type: fc.constantFrom('image', 'video'), mediaId }),
  fc.record(
    { type: fc.constant('document'), mediaId, filename: fc.constant('nota.pdf') },
    { requiredKeys: ['type', 'mediaId'] },
  ),
)
const framed = { type: fc.constant('interactive'), footer: line(60) }
const buttons = fc.record(
  {
    ...framed,
    kind: fc.constant('buttons'),
    header: fc.oneof(textHeader, fileHeader),
    body: line(1024),
    buttons: unique(20, 3).map((titles) => titles.map((title, at) => ({ id: `b${at}`, title }))),
  },
  { requiredKeys: ['type', 'kind', 'body', 'buttons'] },
)
const list = fc.record(
  {
    ...framed,
    kind: fc.constant('list'),
    header: textHeader,
    body: line(4096),
    button: line(20),
    sections: unique(200, 10).chain((ids) =>
      fc
        .record({
          title: line(24),
          description: line(72),
          perSection: fc.integer({ min: 1, max: 10 }),
        })
        .map(({ title, description, perSection }) =>
          Array.from({ length: Math.ceil(ids.length / perSection) }, (_, at) => ({
            title,
            rows: ids
              .slice(at * perSection, (at + 1) * perSection)
              .map((id) => ({ id, title, description })),
          })),
        ),
    ),
  },
  { requiredKeys: ['type', 'kind', 'body', 'button', 'sections'] },
)
const link = fc.record(
  {
    ...framed,
    kind: fc.constant('cta_url'),
    header: fc.oneof(textHeader, fileHeader),
    body: line(1024),
    displayText: line(20),
    url: fc.webUrl({ withQueryParameters: true }),
  },
  { requiredKeys: ['type', 'kind', 'body', 'displayText', 'url'] },
)

const named = fc.dictionary(fc.constantFrom('nome', 'valor', 'data_2'), variable, { minKeys: 1 })
const positional = fc.array(variable, { minLength: 1, maxLength: 8 })
const templateButtons = fc.uniqueArray(
  fc.oneof(
    fc.record({ index: fc.nat(9), type: fc.constant('url'), text: variable }),
    fc.record({ index: fc.nat(9), type: fc.constant('quick_reply'), payload: line(256) }),
    fc.record({ index: fc.nat(9), type: fc.constant('copy_code'), code: variable }),
  ),
  { maxLength: 10, selector: ({ index }) => index },
)
const variables = fc.oneof(
  fc.record(
    { header: positional, body: positional, buttons: templateButtons },
    { requiredKeys: [] },
  ),
  fc.record({ header: named, body: named, buttons: templateButtons }, { requiredKeys: [] }),
  fc.record(
    { headerMedia: fileHeader, body: positional, buttons: templateButtons },
    { requiredKeys: ['headerMedia'] },
  ),
)
const template = fc.record(
  {
    type: fc.constant('template'),
    name: fc.constantFrom('aviso', 'parcela_2'),
    language: fc.constantFrom('pt_BR', 'en'),
    variables,
    ttlSeconds: fc.constantFrom(-1, 30, 43_200),
  },
  { requiredKeys: ['type', 'name', 'language'] },
)

const day = fc.constantFrom('2026-12-05', '2028-02-29')
const cents = fc.nat(1_000_000_000)
const place = fc.integer({ min: 1, max: 999 })
const value = fc.oneof(
  variable,
  fc.record({ type: fc.constant('money'), cents, currency: fc.constant('BRL') }),
  fc.record({ type: fc.constant('date'), date: day }),
  fc.record({ type: fc.constant('count'), count: fc.nat(1_000_000) }),
  fc.record({
    type: fc.constant('installments'),
    installments: fc.array(fc.record({ number: place, total: place, dueOn: day, cents }), {
      minLength: 1,
      maxLength: 12,
    }),
  }),
)
const namedTemplate = fc.record(
  {
    type: fc.constant('named-template'),
    name: fc.constantFrom('lembrete-de-parcela', 'aviso_2'),
    language: fc.constantFrom('pt-BR', 'en'),
    variables: fc.dictionary(fc.constantFrom('nome', 'valor', 'diasAtraso'), value, {
      noNullPrototype: true,
    }),
  },
  { requiredKeys: ['type', 'name'] },
)

/** As a provider is given them. */
export const outboundContents = {
  text,
  captioned,
  document,
  audio,
  sticker,
  location,
  contacts,
  reaction,
  buttons,
  list,
  link,
  template,
} as const

/** With what becomes one of those when it is sent. */
export const postedContents = { ...outboundContents, namedTemplate } as const

/** A message as a phone shows it; `text` alone says what it is. */
export interface ShownMessage {
  readonly header?: string | undefined
  readonly text: string
  readonly footer?: string | undefined
  readonly options?: readonly ShownOption[]
}

/** A button, a row of a list or a link under a message. */
interface ShownOption {
  readonly title: string
  readonly description?: string | undefined
  /** What opens. */
  readonly url?: string | undefined
  /** Content of `POST /_sim/inbound` that says: this was pressed. */
  readonly answer?: object
}

type Json = Readonly<Record<string, unknown>>

const record = (value: unknown): Json =>
  typeof value === 'object' && value !== null ? (value as Json) : {}
const list = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.map(record) : [])
const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined
const joined = (between: string, ...parts: readonly (string | undefined)[]) =>
  parts.filter((part) => part !== undefined).join(between)

const fileWords: Readonly<Record<string, string>> = {
  image: '📷 Imagem',
  video: '🎬 Vídeo',
  audio: '🎵 Áudio',
  document: '📄 Documento',
  sticker: '🏷️ Figurinha',
}

const showers: Readonly<Record<string, (content: Json) => ShownMessage>> = {
  text: ({ body }) => ({ text: text(body) ?? '' }),
  image: (file) => shownFile('image', file),
  video: (file) => shownFile('video', file),
  audio: (file) => ({ text: file.voice === true ? '🎤 Mensagem de voz' : (fileWords.audio ?? '') }),
  document: (file) => shownFile('document', file),
  sticker: (file) => shownFile('sticker', file),
  location: shownLocation,
  reaction: ({ emoji }) => ({
    text: text(emoji) === undefined ? 'Retirou a reação' : `Reagiu com ${emoji}`,
  }),
  button: ({ text: said }) => ({ text: text(said) ?? '' }),
  interactive: shownInteractive,
  order: shownOrder,
  system: ({ body }) => ({ text: text(body) ?? 'Aviso do WhatsApp' }),
  unsupported: () => ({ text: 'Mensagem que o WhatsApp não repassa' }),
  edit: ({ message }) => ({ text: `✏️ Editou: ${shownMessage(record(message)).text}` }),
  revoke: () => ({ text: '🚫 Apagou uma mensagem' }),
  request_welcome: () => ({ text: 'Abriu a conversa' }),
}

/** Reads a message object as Meta writes it, sent or received, of any type. */
export function shownMessage(message: Json): ShownMessage {
  const type = String(message.type)
  if (type === 'contacts') return { text: list(message.contacts).map(cardText).join('\n') }
  const shower = Object.hasOwn(showers, type) ? showers[type] : undefined
  return shower?.(record(message[type])) ?? { text: `[${type}]` }
}

function shownFile(kind: string, { caption, filename }: Json): ShownMessage {
  const name = text(filename)
  const word = name === undefined ? fileWords[kind] : `📄 ${name}`
  return { text: joined('\n', word, text(caption)) }
}

function shownLocation({ name, address, latitude, longitude }: Json): ShownMessage {
  return {
    text: joined(
      '\n',
      `📍 ${text(name) ?? 'Localização'}`,
      text(address),
      `${latitude}, ${longitude}`,
    ),
  }
}

function cardText({ name, phones }: Json): string {
  const numbers = list(phones).map(({ phone }) => text(phone))
  return joined(' · ', `👤 ${text(record(name).formatted_name) ?? ''}`, ...numbers)
}

function shownOrder({ text: said, product_items: items }: Json): ShownMessage {
  const lines = list(items).map(({ quantity, product_retailer_id: id }) => `${quantity} × ${id}`)
  return { text: joined('\n', '🛒 Pedido', text(said), ...lines) }
}

function shownInteractive(content: Json): ShownMessage {
  const reply = record(content.button_reply ?? content.list_reply)
  if (text(reply.title) !== undefined) return { text: String(reply.title) }
  if (content.nfm_reply !== undefined) return { text: '📝 Formulário respondido' }
  const header = content.header === undefined ? undefined : shownMessage(asMessage(content.header))
  return {
    header: header?.text,
    text: text(record(content.body).text) ?? `[${content.type}]`,
    footer: text(record(content.footer).text),
    options: optionsOf(record(content.action)),
  }
}

/** A text header holds its text itself; others are like messages. */
function asMessage(header: unknown): Json {
  const { type, ...rest } = record(header)
  return type === 'text' ? { type, text: { body: rest.text } } : { type, ...rest }
}

function optionsOf(action: Json): ShownOption[] {
  const buttons = list(action.buttons).map(({ reply }) => record(reply))
  const rows = list(action.sections).flatMap((section) =>
    list(section.rows).map((row) => ({ ...row, section: text(section.title) })),
  )
  const link = record(action.parameters)
  return [
    ...buttons.map(({ id, title }) => ({
      title: String(title),
      answer: { type: 'button_reply', id, title },
    })),
    ...rows.map(({ id, title, description, section }: Json & { section: string | undefined }) => ({
      title: String(title),
      description: joined(' · ', section, text(description)) || undefined,
      answer: { type: 'list_reply', id, title, ...(description ? { description } : {}) },
    })),
    ...(text(link.url) === undefined
      ? []
      : [{ title: String(link.display_text), url: String(link.url) }]),
  ]
}

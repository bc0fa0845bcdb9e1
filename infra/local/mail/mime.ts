export interface HeaderField {
  readonly name: string
  /** Unfolded; encoded words as they are. */
  readonly value: string
}

export interface MimeMessage {
  readonly fields: readonly (HeaderField & { readonly lines: Buffer })[]
  readonly body: Buffer
}

/** Splits a message into its header fields and its body, keeping the bytes of both. */
export function splitMime(raw: Buffer): MimeMessage {
  const [headerEnd, bodyStart] = boundaryOf(raw)
  const lines = raw
    .toString('latin1', 0, headerEnd)
    .split(/\r?\n(?![ \t])/)
    .filter((line) => line !== '')
  return {
    fields: lines.map((line) => {
      const bytes = Buffer.from(line, 'latin1')
      const [name = '', value = ''] = bytes.toString('utf8').split(/:(.*)/s)
      return { name: name.trim(), value: value.replace(/\r?\n/g, '').trim(), lines: bytes }
    }),
    body: raw.subarray(bodyStart),
  }
}

function boundaryOf(raw: Buffer): readonly [headerEnd: number, bodyStart: number] {
  const found = ['\r\n\r\n', '\n\n'].flatMap((blank) => {
    const at = raw.indexOf(blank)
    return at === -1 ? [] : [[at, at + blank.length] as const]
  })
  return found.sort(([a], [b]) => a - b)[0] ?? [raw.length, raw.length]
}

/** Value of the first field of that name, any case. */
export function headerOf(fields: readonly HeaderField[], name: string): string | undefined {
  return fields.find((field) => sameName(field.name, name))?.value
}

/** The message with some fields removed and others put before the rest. */
export function withHeaders(
  message: MimeMessage,
  removes: (name: string) => boolean,
  added: readonly HeaderField[],
): Buffer {
  const kept = message.fields.filter(({ name }) => !removes(name.toLowerCase()))
  const lines = [
    ...added.map(({ name, value }) => Buffer.from(`${name}: ${value}`)),
    ...kept.map((field) => field.lines),
  ]
  const crlf = Buffer.from('\r\n')
  return Buffer.concat([...lines.flatMap((line) => [line, crlf]), crlf, message.body])
}

export interface Composition {
  readonly fields: readonly HeaderField[]
  readonly text?: string | undefined
  readonly html?: string | undefined
}

/** A MIME message of a text, an HTML, or both as alternatives. */
export function composeMime(composition: Composition): Buffer {
  const parts = [
    ...(composition.text === undefined ? [] : [part('text/plain', composition.text)]),
    ...(composition.html === undefined ? [] : [part('text/html', composition.html)]),
  ]
  const head = [...composition.fields, { name: 'MIME-Version', value: '1.0' }]
    .map(({ name, value }) => `${name}: ${encodeWords(value)}\r\n`)
    .join('')
  if (parts.length === 1) return Buffer.from(head + parts[0])
  const boundary = '----=_alternatives'
  const type = `Content-Type: multipart/alternative; boundary="${boundary}"\r\n\r\n`
  const body = parts.map((each) => `--${boundary}\r\n${each}\r\n`).join('')
  return Buffer.from(`${head}${type}${body}--${boundary}--\r\n`)
}

function part(type: string, text: string): string {
  const lines = Buffer.from(text).toString('base64').replace(/.{76}/g, '$&\r\n')
  return `Content-Type: ${type}; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${lines}`
}

/** RFC 2047: what is not ASCII, in words of at most 75 characters. */
function encodeWords(value: string): string {
  if (/^[\t\u0020-\u007e]*$/.test(value)) return value
  const words: string[] = ['']
  for (const character of value) {
    const longer = words.at(-1) + character
    if (Buffer.byteLength(longer) <= 45) words.splice(-1, 1, longer)
    else words.push(character)
  }
  return words.map((word) => `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`).join('\r\n ')
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

import { plainMimeType } from './media.ts'

/**
 * What the first bytes of a file say it is. Several types share a container (every newer office
 * document is a zip), so a row names the types that it agrees with; the first is told when what was
 * declared is none of them.
 */
interface Signature {
  readonly mimeTypes: readonly [string, ...string[]]
  readonly matches: (head: Uint8Array) => boolean
}

const office = 'application/vnd.openxmlformats-officedocument'

const signatures: readonly Signature[] = [
  { mimeTypes: ['image/jpeg'], matches: begins(0xff, 0xd8, 0xff) },
  { mimeTypes: ['image/png'], matches: begins(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a) },
  { mimeTypes: ['image/gif'], matches: says('GIF8') },
  { mimeTypes: ['image/webp'], matches: (head) => says('RIFF')(head) && says('WEBP', 8)(head) },
  { mimeTypes: ['application/pdf'], matches: says('%PDF-') },
  { mimeTypes: ['audio/ogg'], matches: says('OggS') },
  { mimeTypes: ['audio/amr'], matches: says('#!AMR') },
  { mimeTypes: ['video/3gpp', 'audio/3gpp'], matches: says('ftyp3g', 4) },
  { mimeTypes: ['audio/mp4', 'video/mp4'], matches: says('ftypM4A', 4) },
  { mimeTypes: ['video/mp4', 'audio/mp4', 'video/3gpp'], matches: says('ftyp', 4) },
  { mimeTypes: ['audio/mpeg'], matches: says('ID3') },
  { mimeTypes: ['audio/aac'], matches: (head) => head[0] === 0xff && isOneOf(head[1], 0xf1, 0xf9) },
  {
    mimeTypes: ['audio/mpeg'],
    matches: (head) => head[0] === 0xff && isOneOf(head[1], 0xfb, 0xfa, 0xf3, 0xf2, 0xe3, 0xe2),
  },
  {
    mimeTypes: [
      'application/zip',
      `${office}.wordprocessingml.document`,
      `${office}.spreadsheetml.sheet`,
      `${office}.presentationml.presentation`,
    ],
    matches: begins(0x50, 0x4b, 0x03, 0x04),
  },
  {
    mimeTypes: [
      'application/x-ole-storage',
      'application/msword',
      'application/vnd.ms-excel',
      'application/vnd.ms-powerpoint',
    ],
    matches: begins(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1),
  },
]

const unknownType = 'application/octet-stream'

/** The type of a file whose declared type is worth only what its first bytes confirm. */
export function trueType(head: Uint8Array, declared: string): string {
  const plain = plainMimeType(declared)
  const signature = signatures.find(({ matches }) => matches(head))
  if (signature !== undefined) {
    return signature.mimeTypes.includes(plain) ? plain : signature.mimeTypes[0]
  }
  const text = readText(head)
  if (text === undefined) return unknownType
  return text.trimStart().startsWith('<') ? markupType(text) : 'text/plain'
}

/** What a browser would run if it were told to. No pattern that could be made to search for long. */
function markupType(text: string): string {
  const lower = text.toLowerCase()
  if (lower.includes('<svg')) return 'image/svg+xml'
  return lower.trimStart().startsWith('<?xml') && !lower.includes('<html')
    ? 'application/xml'
    : 'text/html'
}

/** Whether a WebP says of itself that it moves (its extended header's animation flag). */
export function isAnimatedWebp(head: Uint8Array): boolean {
  return says('VP8X', 12)(head) && ((head[20] ?? 0) & 0x02) !== 0
}

function begins(...bytes: readonly number[]) {
  return (head: Uint8Array) => bytes.every((byte, index) => head[index] === byte)
}

function says(text: string, offset = 0) {
  const bytes = [...text].map((letter) => letter.charCodeAt(0))
  return (head: Uint8Array) => bytes.every((byte, index) => head[offset + index] === byte)
}

function isOneOf(byte: number | undefined, ...wanted: readonly number[]): boolean {
  return byte !== undefined && wanted.includes(byte)
}

/** UTF-8 without control characters; undefined for anything else. Its end may be cut anywhere. */
function readText(head: Uint8Array): string | undefined {
  if (head.length === 0) return undefined
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what no text holds
    return /[\u0000-\u0008\u000e-\u001a\u001c-\u001f\u007f]/.test(text) ? undefined : text
  } catch {
    return undefined
  }
}

import { plainMimeType } from './media.ts'

/** Types that no browser runs, whatever it is told about them. */
const inertTypes: ReadonlySet<string> = new Set([
  'application/msword',
  'application/pdf',
  'application/vnd.ms-excel',
  'application/vnd.ms-powerpoint',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'application/zip',
  'audio/aac',
  'audio/amr',
  'audio/mp4',
  'audio/mpeg',
  'audio/ogg',
  'image/gif',
  'image/jpeg',
  'image/png',
  'image/webp',
  'text/plain',
  'video/3gpp',
  'video/mp4',
])

/** What a file is said to be when it is handed out: its type when that is inert, else mere bytes. */
export function safeContentType(mimeType: string): string {
  const plain = plainMimeType(mimeType)
  return inertTypes.has(plain) ? plain : 'application/octet-stream'
}

const mostNameLetters = 120
/** Controls, line separators, marks that turn the direction of reading (so that `exe.pdf` lies). */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/**
 * `attachment` with a name that cannot leave its folder, its header or its line: the plain form for
 * old browsers and the one of RFC 8187 for the others.
 */
export function attachment(filename: string | undefined, fallback: string): string {
  const name = safeName(filename ?? '') || fallback
  const ascii = name.replace(/[^\x20-\x7e]/g, '_').replace(/["\\%;]/g, '_')
  return `attachment; filename="${ascii}"; filename*=UTF-8''${percentEncoded(name)}`
}

function safeName(filename: string): string {
  const flat = filename
    .toWellFormed()
    .replace(invisible, '')
    .replace(/[/\\:*?"<>|]/g, '_')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^\.+/, '')
  const letters = [...flat]
  if (letters.length <= mostNameLetters) return flat
  const extension = /\.[A-Za-z0-9]{1,8}$/.exec(flat)?.[0] ?? ''
  return letters.slice(0, mostNameLetters - extension.length).join('') + extension
}

/** RFC 8187 §3.2.1: only `attr-char` stays as it is. */
function percentEncoded(name: string): string {
  return encodeURIComponent(name).replace(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

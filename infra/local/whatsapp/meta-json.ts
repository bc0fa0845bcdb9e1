import { createHmac } from 'node:crypto'

/**
 * JSON as Meta writes it: slashes and everything outside ASCII are escaped. Receivers that
 * serialise again before they check the signature fail on such bodies, as they do in production.
 */
export function toMetaJson(value: unknown): Buffer {
  const escaped = JSON.stringify(value).replace(/[/<>\u007f-\uffff]/g, (character) =>
    character === '/' ? '\\/' : unicodeEscape(character, /[<>]/.test(character)),
  )
  return Buffer.from(escaped, 'ascii')
}

function unicodeEscape(character: string, upperCase: boolean): string {
  const hex = character.charCodeAt(0).toString(16).padStart(4, '0')
  return `\\u${upperCase ? hex.toUpperCase() : hex}`
}

/** Value of `X-Hub-Signature-256` for exactly these bytes. */
export function signatureOf(body: Uint8Array, appSecret: string): string {
  return `sha256=${createHmac('sha256', appSecret).update(body).digest('hex')}`
}

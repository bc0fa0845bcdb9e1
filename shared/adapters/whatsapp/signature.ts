import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

const headerForm = /^sha256=([0-9a-f]{64})$/

/**
 * True when the header is Meta's signature of exactly these bytes under one of the live secrets.
 * Meta signs the escaped form that it sends (`\/`, `\u00e7`), so the body must be the bytes as
 * received, never a re-serialised one. The header is `sha256=` and 64 lower-case hex digits and
 * nothing else. An empty secret verifies nothing.
 */
export function verifySignature(
  rawBody: Uint8Array,
  header: string | undefined,
  secrets: readonly string[],
): boolean {
  const given = headerForm.exec(header ?? '')?.[1]
  if (given === undefined) return false
  const digest = Buffer.from(given, 'hex')
  return anyMatches(secrets, (secret) =>
    timingSafeEqual(createHmac('sha256', secret).update(rawBody).digest(), digest),
  )
}

/** True when the verify token of Meta's handshake is one of ours. Takes the same time for any. */
export function verifyToken(given: string | undefined, tokens: readonly string[]): boolean {
  const digest = sha256(given ?? '')
  return anyMatches(tokens, (token) => timingSafeEqual(sha256(token), digest))
}

/** Tries every secret, also after a match, so that time does not tell which one it was. */
function anyMatches(secrets: readonly string[], matches: (secret: string) => boolean): boolean {
  return secrets.filter((secret) => secret !== '' && matches(secret)).length > 0
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { FileStopped } from '../../ports/provider-media.ts'

export interface Announced {
  readonly sizeBytes: number
  readonly sha256: Uint8Array
}

/**
 * The bytes of an answer, each chunk handed on once the next one is there: whoever waits for the
 * last one learns first whether all of them are what was announced.
 * @throws FileStopped `mismatch` for other bytes, `unavailable` for a connection that broke off
 */
export async function* checkedBody(
  answer: IncomingMessage,
  { sizeBytes, sha256 }: Announced,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  let size = 0
  let held: Buffer | undefined
  for await (const chunk of unbroken(answer)) {
    size += chunk.length
    if (size > sizeBytes) throw new FileStopped('mismatch')
    hash.update(chunk)
    if (held !== undefined) yield held
    held = chunk
  }
  if (size !== sizeBytes || !isSame(hash.digest(), sha256)) throw new FileStopped('mismatch')
  if (held !== undefined) yield held
}

/** What the server says of its answer before the first byte, where that is wrong already. */
export function isAsAnnounced({ headers }: IncomingMessage, { sizeBytes }: Announced): boolean {
  const encoding = headers['content-encoding'] ?? 'identity'
  const length = headers['content-length']
  return encoding === 'identity' && (length === undefined || length === String(sizeBytes))
}

async function* unbroken(answer: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) yield chunk
  } catch {
    throw new FileStopped('unavailable')
  }
  if (!answer.complete) throw new FileStopped('unavailable')
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}

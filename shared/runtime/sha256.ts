import { createHash } from 'node:crypto'

/** SHA-256 in hex over bytes that are given in hex, and others after them. */
export const sha256After = (before: string, bytes: Uint8Array): string =>
  createHash('sha256').update(before, 'hex').update(bytes).digest('hex')

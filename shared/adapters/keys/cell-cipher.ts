import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto'

const version = 1
const ivBytes = 12
const tagBytes = 16
const headerBytes = 1 + 2

/**
 * Layout of a sealed cell: version (1) | epoch (2, big endian) | iv (12) | tag (16) | text. A key is a
 * KeyObject: given as bytes it is set up anew for each cell, which takes three times as long.
 */
export function sealCell(options: {
  key: KeyObject
  epoch: number
  additional: string
  plaintext: string
}): Uint8Array {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv('aes-256-gcm', options.key, iv)
  cipher.setAAD(Buffer.from(options.additional, 'utf8'))
  const body = Buffer.concat([cipher.update(options.plaintext, 'utf8'), cipher.final()])
  const header = Buffer.alloc(headerBytes)
  header.writeUInt8(version, 0)
  header.writeUInt16BE(options.epoch, 1)
  return Buffer.concat([header, iv, cipher.getAuthTag(), body])
}

/** The epoch whose key opens the cell. Throws on what is no sealed cell. */
export function epochOf(sealed: Uint8Array): number {
  const view = viewOf(sealed)
  if (view.length < headerBytes + ivBytes + tagBytes || view.readUInt8(0) !== version) {
    throw new Error('not a sealed cell')
  }
  return view.readUInt16BE(1)
}

/** Throws when key, place or any bit is not the one that was sealed. */
export function openCell(options: {
  key: KeyObject
  additional: string
  sealed: Uint8Array
}): string {
  const view = viewOf(options.sealed)
  const iv = view.subarray(headerBytes, headerBytes + ivBytes)
  const tag = view.subarray(headerBytes + ivBytes, headerBytes + ivBytes + tagBytes)
  const decipher = createDecipheriv('aes-256-gcm', options.key, iv, { authTagLength: tagBytes })
  decipher.setAAD(Buffer.from(options.additional, 'utf8'))
  decipher.setAuthTag(tag)
  const body = view.subarray(headerBytes + ivBytes + tagBytes)
  return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8')
}

/** Without a copy. */
function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}

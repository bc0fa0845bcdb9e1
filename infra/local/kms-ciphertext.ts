import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { AwsError } from './aws-json.ts'

export interface SealingKey {
  readonly keyId: string
  /** 32 bytes, base64. */
  readonly material: string
}

type EncryptionContext = Readonly<Record<string, string>> | undefined

export interface KmsBlob {
  readonly keyId: string
  readonly iv: Buffer
  readonly tag: Buffer
  readonly ciphertext: Buffer
}

const blobVersion = 1
const ivBytes = 12
const tagBytes = 16

/** version(1) · length of the key id(1) · key id · iv(12) · tag(16) · ciphertext */
export function seal(key: SealingKey, plaintext: Buffer, context: EncryptionContext): Buffer {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key.material, 'base64'), iv)
  cipher.setAAD(additional(key, context))
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()])
  const keyId = Buffer.from(key.keyId)
  const head = Buffer.from([blobVersion, keyId.length])
  return Buffer.concat([head, keyId, iv, cipher.getAuthTag(), ciphertext])
}

/** @throws AwsError InvalidCiphertextException */
export function parseBlob(bytes: Buffer): KmsBlob {
  const keyIdEnd = 2 + (bytes[1] ?? 0)
  const ivEnd = keyIdEnd + ivBytes
  const tagEnd = ivEnd + tagBytes
  if (bytes[0] !== blobVersion || bytes.length <= tagEnd) throw invalidCiphertext()
  return {
    keyId: bytes.toString('utf8', 2, keyIdEnd),
    iv: bytes.subarray(keyIdEnd, ivEnd),
    tag: bytes.subarray(ivEnd, tagEnd),
    ciphertext: bytes.subarray(tagEnd),
  }
}

/** @throws AwsError InvalidCiphertextException: changed bytes, or another context. */
export function open(key: SealingKey, blob: KmsBlob, context: EncryptionContext): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', Buffer.from(key.material, 'base64'), blob.iv)
  decipher.setAAD(additional(key, context)).setAuthTag(blob.tag)
  try {
    return Buffer.concat([decipher.update(blob.ciphertext), decipher.final()])
  } catch {
    throw invalidCiphertext()
  }
}

/** The order of the pairs does not matter, their case does. */
function additional(key: SealingKey, context: EncryptionContext = {}): Buffer {
  const pairs = Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1))
  return Buffer.from(JSON.stringify([key.keyId, pairs]))
}

function invalidCiphertext(): AwsError {
  return new AwsError('InvalidCiphertextException', '')
}

import { timingSafeEqual } from 'node:crypto'
import type { TenantSealer } from '../../ports/sealer.ts'

const macBytes = 15
const shape = /^u([1-9]\d{0,17})x([1-9]\d{0,17})x([\da-f]{30})$/

/** Whose mails are unsubscribed from; the token that names them cannot be guessed. */
interface Subscriber {
  readonly tenantId: string
  readonly contactId: string
}

export function unsubscribeToken(
  sealer: TenantSealer,
  { tenantId, contactId }: Subscriber,
): string {
  return `u${tenantId}x${contactId}x${macOf(sealer, contactId).toString('hex')}`
}

/** Whom a token names, if it is of the right form; whether it is true is `isTrue`. */
export function readUnsubscribeToken(
  token: string,
): (Subscriber & { readonly isTrue: (sealer: TenantSealer) => boolean }) | undefined {
  const [, tenantId, contactId, mac] = shape.exec(token) ?? []
  if (tenantId === undefined || contactId === undefined || mac === undefined) return undefined
  return {
    tenantId,
    contactId,
    isTrue: (sealer) => timingSafeEqual(Buffer.from(mac, 'hex'), macOf(sealer, contactId)),
  }
}

function macOf(sealer: TenantSealer, contactId: string): Buffer {
  return Buffer.from(sealer.hash('unsubscribe', contactId)).subarray(0, macBytes)
}

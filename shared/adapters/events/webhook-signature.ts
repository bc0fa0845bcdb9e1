import { createHmac, randomBytes } from 'node:crypto'

const prefix = 'whsec_'
const secretBytes = 32

/** A new signing secret, as receivers keep it. */
export function newSigningSecret(): string {
  return `${prefix}${randomBytes(secretBytes).toString('base64')}`
}

/**
 * The headers of a call (Standard Webhooks, specification 1.0): each secret signs
 * `id.timestamp.body` with HMAC-SHA256; the signatures stand beside each other.
 */
export function signedHeaders(
  secrets: readonly string[],
  { webhookId, timestamp, body }: { webhookId: string; timestamp: number; body: string },
): Readonly<Record<string, string>> {
  const signed = `${webhookId}.${timestamp}.${body}`
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(prefix.length), 'base64')
    return `v1,${createHmac('sha256', key).update(signed, 'utf8').digest('base64')}`
  })
  return {
    'webhook-id': webhookId,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  }
}

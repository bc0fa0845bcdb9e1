import type { TenantSealer } from '../../ports/sealer.ts'
import type { Subscription, SubscriptionWithSecret } from '../../ports/subscriptions.ts'
import { base64, fromBase64 } from './sealed-cells.ts'

/** Cells of the table `subscriptions`; each has a token of its own, since each changes alone. */
export function sealUrl(sealer: TenantSealer, url: string, urlRowToken: string) {
  const cell = { table: 'subscriptions', column: 'url', rowToken: urlRowToken }
  return { urlRowToken, url: base64(sealer.seal(cell, url)) }
}

export function openUrl(sealer: TenantSealer, sealed: Uint8Array, rowToken: string): string {
  return sealer.open({ table: 'subscriptions', column: 'url', rowToken }, sealed)
}

/** A replaced secret stays the cell that it was, beside the token that it had. */
export function sealSecret(sealer: TenantSealer, secret: string, secretRowToken: string) {
  const cell = { table: 'subscriptions', column: 'secret', rowToken: secretRowToken }
  return { secretRowToken, secret: base64(sealer.seal(cell, secret)) }
}

export function openSecret(sealer: TenantSealer, sealed: Uint8Array, rowToken: string): string {
  return sealer.open({ table: 'subscriptions', column: 'secret', rowToken }, sealed)
}

/** What subscription_json_v1 says. */
export interface SealedSubscription {
  readonly subscriptionId: string
  readonly url: string
  readonly urlRowToken: string
  readonly types: Subscription['types']
  readonly status: Subscription['status']
  readonly pausedReason: string | null
  readonly failingSince: string | null
  readonly lastSuccessAt: string | null
  readonly previousSecretUntil: string | null
  readonly createdAt: string
  readonly updatedAt: string
}

/** Beside it, once a secret is new. */
export interface SealedWithSecret extends SealedSubscription {
  readonly secret: string
  readonly secretRowToken: string
}

export function openSubscription(
  sealer: TenantSealer,
  { url, urlRowToken, ...sealed }: SealedSubscription,
): Subscription {
  return {
    subscriptionId: sealed.subscriptionId,
    url: openUrl(sealer, fromBase64(url), urlRowToken),
    types: sealed.types,
    status: sealed.status,
    pausedReason: sealed.pausedReason ?? undefined,
    failingSince: sealed.failingSince ?? undefined,
    lastSuccessAt: sealed.lastSuccessAt ?? undefined,
    previousSecretUntil: sealed.previousSecretUntil ?? undefined,
    createdAt: sealed.createdAt,
    updatedAt: sealed.updatedAt,
  }
}

export function openWithSecret(
  sealer: TenantSealer,
  sealed: SealedWithSecret,
): SubscriptionWithSecret {
  return {
    ...openSubscription(sealer, sealed),
    secret: openSecret(sealer, fromBase64(sealed.secret), sealed.secretRowToken),
  }
}

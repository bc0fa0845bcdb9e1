import type { TenantSealer } from '../../ports/sealer.ts'

/** Cells of the table `subscriptions`; each has a token of its own, since each changes alone. */
export function sealUrl(sealer: TenantSealer, url: string, rowToken: string): Uint8Array {
  return sealer.seal({ table: 'subscriptions', column: 'url', rowToken }, url)
}

export function openUrl(sealer: TenantSealer, sealed: Uint8Array, rowToken: string): string {
  return sealer.open({ table: 'subscriptions', column: 'url', rowToken }, sealed)
}

/** A replaced secret stays the cell that it was, beside the token that it had. */
export function sealSecret(sealer: TenantSealer, secret: string, rowToken: string): Uint8Array {
  return sealer.seal({ table: 'subscriptions', column: 'secret', rowToken }, secret)
}

export function openSecret(sealer: TenantSealer, sealed: Uint8Array, rowToken: string): string {
  return sealer.open({ table: 'subscriptions', column: 'secret', rowToken }, sealed)
}

import type { Channel } from './channel.ts'

/**
 * Why nothing more may go to an address, the strongest first. `unsubscribed` stops marketing alone;
 * `provider-list`: the provider keeps the address on a list of its own; `soft-bounces`: as many in a
 * row as the tenant allows.
 */
export const suppressionReasons = [
  'complaint',
  'hard-bounce',
  'provider-list',
  'manual',
  'unsubscribed',
  'soft-bounces',
] as const
export type SuppressionReason = (typeof suppressionReasons)[number]

/** On whose word. */
export const suppressionSources = ['provider', 'client', 'person', 'operator'] as const
export type SuppressionSource = (typeof suppressionSources)[number]

/** An address that nothing goes to, whichever contact carries it. */
export interface Suppression {
  readonly suppressionId: string
  readonly channel: Channel
  readonly address: string
  readonly reason: SuppressionReason
  readonly source: SuppressionSource
  /** Of source `client`: which one. */
  readonly clientId: string | undefined
  readonly createdAt: string
  /** Undefined: until somebody removes it. */
  readonly expiresAt: string | undefined
}

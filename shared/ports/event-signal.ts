/**
 * Hints that something happened to a tenant, after its commit. They may be lost without harm: the
 * schedule of each minute is the net. Neither method throws.
 */
export interface EventSignal {
  /** Says nothing of tenants to whom nobody listens, nor of one twice in a second. */
  signal(tenantIds: readonly string[]): Promise<void>
  /** Of tenants of whom a look did not see everything. */
  again(hints: readonly PutOff[]): Promise<void>
}

export interface PutOff {
  readonly tenantId: string
  /** 0 to 900. */
  readonly inSeconds: number
  /** How often the tenant has been put off. */
  readonly tries: number
}

/** Makes and opens the keys of tenants; the master key never leaves the key service. */
export interface TenantKeys {
  /** A new wrapped key for this tenant and purpose, e.g. `data:1`, `index`. */
  create(tenantId: string, purpose: string): Promise<Uint8Array>
  unwrap(tenantId: string, purpose: string, wrapped: Uint8Array): Promise<Uint8Array>
}

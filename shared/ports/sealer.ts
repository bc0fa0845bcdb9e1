/** Where a sealed cell stands; moved to another place it does not open. */
export interface Cell {
  readonly table: string
  readonly column: string
  /** UUID stored beside the cell, or the keyed hash of a looked-up one. */
  readonly rowToken: string
}

/** Seals personal data of one tenant with AES-256-GCM under its data key. */
export interface TenantSealer {
  seal(cell: Cell, plaintext: string): Uint8Array
  /** Throws when the cell was moved, changed or belongs to another tenant. */
  open(cell: Cell, sealed: Uint8Array): string
  /** Keyed hash (32 bytes) for equality lookup; `purpose` keeps kinds of values apart. */
  hash(purpose: string, value: string): Uint8Array
}

/** Hands out a tenant's sealer; keys are unwrapped once per warm function and epoch. */
export interface Sealer {
  forTenant(tenantId: string): Promise<TenantSealer>
}

/**
 * Seals texts under a key that travels wrapped beside them: bodies on their way through a queue,
 * and what belongs to no tenant. `place` is bound to the text: elsewhere it does not open.
 */
export interface TransitSealer {
  seal(place: string, plaintext: string): Promise<string>
  open(place: string, envelope: string): Promise<string>
}

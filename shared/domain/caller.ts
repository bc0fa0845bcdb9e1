/** What a client's token bucket holds after a request. */
export interface Quota {
  /** Most tokens that the bucket can hold. */
  readonly burst: number
  readonly ratePerSecond: number
  readonly left: number
}

/** What the audit keeps of a request beside who made it. */
export interface AuditNote {
  /** Id of the operation, or the command of an operator. */
  readonly action: string
  /** What the client says that it is for. */
  readonly purpose: string
  readonly requestId?: string
}

/** The client on whose behalf a call to the database is made; it pays with a token of its bucket. */
export interface Caller {
  readonly tenantId: string
  readonly clientId: string
  /** Is told what is left in the bucket. */
  readonly meter?: ((quota: Quota) => void) | undefined
  /** Undefined: the request leaves no row in the audit. */
  readonly audit?: AuditNote | undefined
}

/** Somebody of ours at the database, who pays no tokens. */
export interface Operator {
  readonly tenantId: string
  readonly clientId?: undefined
  readonly meter?: undefined
  readonly audit?: undefined
}

/** What makes a request that makes something safe to repeat. */
export interface RequestKey {
  readonly route: string
  readonly key: string
  /** Canonical text of the request; another one under the same key is refused. */
  readonly body: string
}

export const actorKinds = ['client', 'operator'] as const

/** An entry of the audit as it is shown. */
export interface AuditEntry {
  readonly auditId: string
  readonly at: string
  readonly actorKind: (typeof actorKinds)[number]
  readonly actor: string
  readonly action: string
  readonly outcome: string
  readonly purpose: string
  readonly requestId: string | undefined
  /** Kind of thing to ids. */
  readonly objects: Readonly<Record<string, readonly string[]>>
  readonly personIds: readonly string[]
}

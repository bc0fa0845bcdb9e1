/** An erasure as its task names it. */
export interface ErasureName {
  readonly tenantId: string
  readonly requestId: string
}

/** What the ledger outside the database keeps of an erasure: ids and times. */
export interface LedgerEntry extends ErasureName {
  readonly personId: string
  /** When the person was made, in µs of the epoch: ids alone come again after a restore. */
  readonly createdAt: string
  readonly requestedAt: string
}

/** `held`: the backup has a legal hold on the person, and nothing was planned. */
export type ReplayOutcome = 'planned' | 'ended' | 'held' | 'unknown'

/** Something of the person that lies in the bucket of files, or in that of mails that came in. */
export type ErasableObject =
  | { readonly mediaId: string; readonly key: string }
  | { readonly exportId: string; readonly key: string }
  | {
      readonly rawMailId: string
      readonly key: string
      /** Of what the caller names as done: it lies in a bucket that is not ours any more. */
      readonly isLeft?: boolean
    }

export interface ErasureStep {
  /**
   * `more`: call again with what was deleted; `waiting`: calls of providers are under way; `held`: a
   * legal hold forbids it; `nothing`: it has ended.
   */
  readonly outcome: 'more' | 'waiting' | 'done' | 'held' | 'nothing'
  readonly objects: readonly ErasableObject[]
  readonly waitSeconds: number
}

/** Erasures in the database. Each method is one call and safe to repeat. */
export interface ErasureStore {
  /**
   * Undefined: there is no such erasure, or it has ended. An entry for the person and one for each who
   * was merged into them: a backup of before knows these as somebody else.
   */
  find(
    name: ErasureName,
  ): Promise<{ readonly entries: readonly LedgerEntry[]; readonly isHeld: boolean } | undefined>
  step(name: ErasureName, deleted: readonly ErasableObject[]): Promise<ErasureStep>
  /** Plans it again, unless it has ended, is that of whom they were merged into, or nobody is there. */
  replay(entry: LedgerEntry): Promise<ReplayOutcome>
}

/** Erasures outside the database, which a restore does not take back. */
export interface ErasureLedger {
  /** A second time changes nothing. */
  put(entry: LedgerEntry): Promise<void>
  all(): AsyncIterable<LedgerEntry>
}

/** The bytes of persons. */
export interface ErasableObjects {
  /** What is not there is as good as deleted. */
  delete(keys: readonly string[]): Promise<void>
}

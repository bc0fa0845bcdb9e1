/** An answer that a client saw, or that it saw none: ledger A. */
export interface Answer {
  readonly key: string
  /** ISO 8601. */
  readonly at: string
  /** Undefined: no answer. */
  readonly status: number | undefined
  readonly body: string
  /** Sent under a key that stands for another body. */
  readonly isOtherBody: boolean
}

/** A message that a client wants sent. */
export interface Post {
  readonly key: string
  readonly token: string
  readonly chatId: string
  /** From the start of the campaign. */
  readonly plannedMs: number
  readonly body: string
}

/** A body that no code can read, as it was put on its queue. */
interface Planted {
  readonly queue: string
  readonly queueMessageId: string
}

/** What somebody wrote from a phone. */
interface Said {
  readonly phone: string
  readonly text: string
}

/** What happened outside the product, as those outside it saw it. */
export interface Ledgers {
  readonly answers: Answer[]
  readonly planted: Planted[]
  /** Provider ids in webhooks that were not signed as they should be. */
  readonly forged: string[]
  readonly said: Said[]
}

export function emptyLedgers(): Ledgers {
  return { answers: [], planted: [], forged: [], said: [] }
}

import type { Caller } from '../domain/caller.ts'
import type { EventType, TenantEvent } from '../domain/tenant-event.ts'

export interface FeedRequest {
  /** Undefined: from the oldest event that is kept, unless `isFromNow`. */
  readonly cursor: string | undefined
  /** No events, only the position of now. */
  readonly isFromNow: boolean
  /** Empty: all. */
  readonly types: readonly EventType[]
  readonly limit: number
}

export interface FeedPage {
  readonly items: readonly TenantEvent[]
  /** Where to go on, also when there is nothing yet. */
  readonly nextCursor: string
  /** More can be read at once. */
  readonly hasMore: boolean
}

/**
 * A tenant's events in an order in which none appears behind a reader, each once. What the newest
 * transactions wrote is held back until no older one is running.
 */
export interface EventFeed {
  /** Throws Refusal `invalid-cursor`, `cursor-expired`, `client-unknown`, `rate-limited`. */
  read(caller: Caller, request: FeedRequest): Promise<FeedPage>
}

import type { Channel } from '../domain/channel.ts'
import type { InboundEvent, StatusEvent } from '../domain/channel-event.ts'

export type RoutedEvent =
  | { readonly tenantId: string; readonly senderId: string; readonly event: InboundEvent }
  | { readonly tenantId: string; readonly senderId: string; readonly event: StatusEvent }

/** What could not be read or routed; kept with its reason, in a transit envelope. */
export interface ParkedItem {
  readonly tenantId: string
  readonly channel: Channel
  readonly reason: string
  readonly raw: unknown
}

export interface AppliedCounts {
  readonly inboundStored: number
  readonly reportsStored: number
  readonly parkedStored: number
}

/** The row refused the values, and would again: the item is at fault, not the moment. */
export class ItemRefused extends Error {
  readonly sqlState: string

  constructor(sqlState: string) {
    super(`the database refused an item (SQLState ${sqlState})`)
    this.name = 'ItemRefused'
    this.sqlState = sqlState
  }
}

/** The webhook road's rows. */
export interface EventStore {
  /**
   * One database call; all of it or nothing; copies change nothing.
   * Throws ItemRefused when an item's values can never be stored.
   */
  apply(batch: {
    readonly events: readonly RoutedEvent[]
    readonly parked: readonly ParkedItem[]
  }): Promise<AppliedCounts>
}

import type { AccountEvent } from '../domain/account-event.ts'
import type { Author } from '../domain/author.ts'
import type { Channel } from '../domain/channel.ts'
import type {
  EchoEvent,
  InboundEvent,
  PreferenceEvent,
  StatusEvent,
} from '../domain/channel-event.ts'
import type { OptOutWord } from '../domain/opt-out.ts'
import type { Wake } from './task-queue.ts'

/** What was said to one of our senders, and whose it is. */
export type RoutedEvent = RoutedInbound | RoutedEcho | RoutedPreference | RoutedReport

export interface RoutedInbound extends Route {
  readonly event: InboundEvent
  /** The message is a word against or for being written to. */
  readonly optOut?: {
    readonly word: OptOutWord
    /** What the person is told in answer, when the word changed something. */
    readonly confirmation: string | undefined
  }
}

export interface RoutedEcho extends Route {
  readonly event: EchoEvent
}

export interface RoutedPreference extends Route {
  readonly event: PreferenceEvent
}

export interface RoutedReport extends Route {
  readonly event: StatusEvent
}

interface Route {
  readonly tenantId: string
  readonly senderId: string
}

/** News of an account, for one of the tenants that have a sender in it. */
export interface RoutedNews {
  readonly tenantId: string
  readonly event: AccountEvent
}

/** What could not be read or routed; kept with its reason, in a transit envelope. */
export interface ParkedItem {
  readonly tenantId: string
  /** BILLING: what a finance system told. */
  readonly channel: Channel | 'BILLING'
  readonly reason: string
  readonly raw: unknown
  /** As far as it names them, and only of a tenant: by these an erasure finds it. */
  readonly authors?: readonly Author[]
}

/** How many were new. */
export interface AppliedCounts {
  readonly inboundStored: number
  readonly echoesStored: number
  readonly reportsStored: number
  readonly newsStored: number
  readonly parkedStored: number
}

export interface Applied extends AppliedCounts {
  /** Tasks that came of it: files to fetch, confirmations to send. */
  readonly wakes: readonly Wake[]
  /** New account events that somebody must hear of. */
  readonly alarming: readonly AlarmingNews[]
}

export interface AlarmingNews {
  readonly tenantId: string
  readonly topic: string
  readonly severity: string
  readonly subject: string | undefined
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
    readonly news?: readonly RoutedNews[]
    readonly parked: readonly ParkedItem[]
  }): Promise<Applied>
}

import type { BusinessEvent, BusinessEventOutcome } from '../domain/business-event.ts'
import type { Caller, RequestKey } from '../domain/caller.ts'
import type { RefusalCode } from '../domain/errors.ts'
import type { ParkedItem } from './event-store.ts'
import type { Wake } from './task-queue.ts'

/** An event, and whose it is. */
export interface RoutedBusinessEvent {
  readonly tenantId: string
  readonly event: BusinessEvent
}

export interface AppliedBusinessCounts {
  readonly applied: number
  /** A newer event of the same thing was there before. */
  readonly stale: number
  readonly copies: number
  /** Copies that said something else under the same id. */
  readonly conflicts: number
  readonly contactsTaken: number
  /** Messages about debts that do not stand any more. */
  readonly cancelled: number
  /** Such messages that were being sent at this moment. */
  readonly raced: number
  readonly parkedStored: number
}

export interface AppliedBusinessEvents extends AppliedBusinessCounts {
  readonly wakes: readonly Wake[]
}

export type ReceiveAnswer =
  | { readonly outcome: 'go' }
  | {
      readonly outcome: 'refused'
      readonly code: RefusalCode
      readonly retryAfterSeconds: number | undefined
    }

/** The road of business events. Each method is one database call. */
export interface BusinessEventStore {
  /** The client's token and key; a request that is repeated goes again. */
  receive(command: Caller & { readonly request: RequestKey }): Promise<ReceiveAnswer>
  /**
   * All of it or nothing; any order and any number of copies end the same. Throws ItemRefused when an
   * event's values can never be stored.
   */
  apply(batch: {
    readonly events: readonly RoutedBusinessEvent[]
    readonly parked: readonly ParkedItem[]
  }): Promise<AppliedBusinessEvents>
  /** Throws Refusal `client-unknown`, `rate-limited`. */
  find(caller: Caller, eventId: string): Promise<BusinessEventOutcome | undefined>
}

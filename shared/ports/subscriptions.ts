import type { EventType } from '../domain/tenant-event.ts'
import type { Page, PageRequest } from './chat-store.ts'
import type { Wake } from './task-queue.ts'

export interface Subscription {
  readonly subscriptionId: string
  readonly url: string
  /** Empty: all. */
  readonly types: readonly EventType[]
  readonly status: SubscriptionStatus
  readonly pausedReason: string | undefined
  readonly failingSince: string | undefined
  readonly lastSuccessAt: string | undefined
  readonly previousSecretUntil: string | undefined
  readonly createdAt: string
  readonly updatedAt: string
}

export type SubscriptionStatus = 'ACTIVE' | 'PAUSED'

export interface DeliveryAttempt {
  readonly attemptId: string
  readonly eventId: string
  readonly number: number
  readonly outcome: string
  readonly statusCode: number | undefined
  readonly durationMs: number
  readonly attemptedAt: string
}

export interface SubscriptionKey {
  readonly tenantId: string
  readonly subscriptionId: string
}

export type ReplayWish =
  | { readonly eventId: string }
  /** RFC 3339; `to` is excluded. */
  | { readonly from: string; readonly to: string }

export type ReplayAnswer =
  | {
      readonly outcome: 'replayed'
      readonly events: number
      /** The rest of the time begins here; undefined: that was all. */
      readonly nextFrom: string | undefined
      readonly wakes: readonly Wake[]
    }
  | {
      readonly outcome: 'refused'
      readonly code: 'subscription-not-found' | 'subscription-paused' | 'event-not-found'
    }

export interface CreateSubscription {
  readonly tenantId: string
  readonly url: string
  readonly types: readonly EventType[]
  readonly secret: string
}

/** Subscriptions of a tenant; those of somebody else do not exist. Each method is one call. */
export interface SubscriptionStore {
  /** Answers its id; undefined: the tenant has as many as it may. */
  create(command: CreateSubscription): Promise<string | undefined>
  list(tenantId: string): Promise<readonly Subscription[]>
  get(key: SubscriptionKey): Promise<Subscription | undefined>
  change(
    key: SubscriptionKey,
    change: {
      readonly url?: string | undefined
      readonly types?: readonly EventType[] | undefined
      readonly status?: SubscriptionStatus | undefined
    },
  ): Promise<Subscription | undefined>
  /** Answers whether it was there. */
  remove(key: SubscriptionKey): Promise<boolean>
  /** The old secret goes on signing beside the new one for a while. */
  rotateSecret(key: SubscriptionKey, secret: string): Promise<Subscription | undefined>
  replay(key: SubscriptionKey, wish: ReplayWish): Promise<ReplayAnswer>
  /** Newest first. */
  attempts(key: SubscriptionKey, page: PageRequest): Promise<Page<DeliveryAttempt> | undefined>
}

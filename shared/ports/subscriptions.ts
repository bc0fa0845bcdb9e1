import type { Caller, RequestKey } from '../domain/caller.ts'
import type { RefusalCode } from '../domain/errors.ts'
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

/** With its new secret, which nothing else shows. */
export interface SubscriptionWithSecret extends Subscription {
  readonly secret: string
}

type SubscriptionStatus = 'ACTIVE' | 'PAUSED'

export interface DeliveryAttempt {
  readonly attemptId: string
  readonly eventId: string
  readonly number: number
  readonly outcome: string
  readonly statusCode: number | undefined
  readonly durationMs: number
  readonly attemptedAt: string
}

export interface CreateSubscription extends Caller {
  readonly request: RequestKey
  readonly url: string
  readonly types: readonly EventType[]
  readonly secret: string
}

export interface ChangeSubscription extends Caller {
  readonly subscriptionId: string
  readonly url?: string | undefined
  readonly types?: readonly EventType[] | undefined
  readonly status?: SubscriptionStatus | undefined
}

export interface RotateSecret extends Caller {
  readonly request: RequestKey
  readonly subscriptionId: string
  readonly secret: string
}

export interface ReplayEvents extends Caller {
  readonly subscriptionId: string
  readonly wish:
    | { readonly eventId: string }
    /** RFC 3339; `to` is excluded. */
    | { readonly from: string; readonly to: string }
}

export interface Replayed {
  readonly events: number
  /** The rest of the time begins here; undefined: that was all. */
  readonly nextFrom: string | undefined
  readonly wakes: readonly Wake[]
}

interface Refused {
  readonly outcome: 'refused'
  readonly code: RefusalCode
  readonly retryAfterSeconds: number | undefined
}

export type SubscriptionAnswer<T> = { readonly outcome: 'done'; readonly value: T } | Refused

/**
 * Subscriptions of a tenant; those of somebody else do not exist. Each method is one call. A read
 * throws Refusal `client-unknown`, `rate-limited`.
 */
export interface SubscriptionStore {
  list(caller: Caller): Promise<readonly Subscription[]>
  get(caller: Caller, subscriptionId: string): Promise<Subscription | undefined>
  /** A repeated request gets the first one's secret. */
  create(command: CreateSubscription): Promise<SubscriptionAnswer<SubscriptionWithSecret>>
  change(command: ChangeSubscription): Promise<SubscriptionAnswer<Subscription>>
  /** The old secret goes on signing for a while. A repeated request gets the first one's secret. */
  rotateSecret(command: RotateSecret): Promise<SubscriptionAnswer<SubscriptionWithSecret>>
  /** Answers whether it was there. */
  remove(caller: Caller, subscriptionId: string): Promise<boolean>
  replay(command: ReplayEvents): Promise<SubscriptionAnswer<Replayed>>
  /** The calls, newest first; undefined: there is no such subscription. */
  attempts(
    caller: Caller,
    subscriptionId: string,
    page: PageRequest,
  ): Promise<Page<DeliveryAttempt> | undefined>
}

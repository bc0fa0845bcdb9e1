import * as z from 'zod'
import { eventTypes } from '../domain/tenant-event.ts'
import { shownId, shownTime } from './paging.ts'

const url = z.url().max(2048)
const types = z
  .array(z.enum(eventTypes))
  .max(eventTypes.length)
  .transform((given) => [...new Set(given)])
const statuses = ['ACTIVE', 'PAUSED'] as const

/** `POST /subscriptions`; no types are all of them. */
export const createSubscriptionBody = z.strictObject({ url, types: types.default([]) })

/** `PATCH /subscriptions/{subscriptionId}`; what is left out stays. */
export const changeSubscriptionBody = z
  .strictObject({
    url: url.optional(),
    types: types.optional(),
    status: z.enum(statuses).optional(),
  })
  .refine((change) => Object.keys(change).length > 0, { error: 'changes nothing' })

const time = z.iso.datetime({ offset: true })

/** `POST /subscriptions/{subscriptionId}/replay`. */
export const replayBody = z.union([
  z.strictObject({ eventId: shownId }),
  z.strictObject({ from: time, to: time }),
])

/** A subscription as the API shows it. */
export const shownSubscription = z
  .object({
    subscriptionId: shownId,
    url: z.string(),
    types: z.array(z.enum(eventTypes)).readonly(),
    status: z.enum(statuses),
    pausedReason: z.string().nullable(),
    failingSince: shownTime.nullable(),
    lastSuccessAt: shownTime.nullable(),
    previousSecretUntil: shownTime.nullable(),
    createdAt: shownTime,
    updatedAt: shownTime,
  })
  .meta({ id: 'Subscription' })

/** With the secret that calls are signed with (Standard Webhooks); nothing else shows it. */
export const shownWithSecret = shownSubscription
  .extend({ secret: z.string() })
  .meta({ id: 'SubscriptionWithSecret' })

/** How many events go again, and where the rest of the time begins; null: that was all. */
export const shownReplay = z.object({ events: z.int(), nextFrom: shownTime.nullable() })

/** One call of a receiver. */
export const shownDelivery = z
  .object({
    attemptId: shownId,
    eventId: shownId,
    number: z.int(),
    outcome: z.string(),
    statusCode: z.int().nullable(),
    durationMs: z.int(),
    attemptedAt: shownTime,
  })
  .meta({ id: 'Delivery' })

type Optional<T, K extends keyof T> = Omit<T, K> & {
  readonly [Key in K]: Exclude<T[Key], null> | undefined
}
type Subscription = Optional<
  z.input<typeof shownSubscription>,
  'pausedReason' | 'failingSince' | 'lastSuccessAt' | 'previousSecretUntil'
>
type Delivery = Optional<z.input<typeof shownDelivery>, 'statusCode'>

export function subscriptionResource(
  subscription: Subscription,
): z.input<typeof shownSubscription> {
  return {
    subscriptionId: subscription.subscriptionId,
    url: subscription.url,
    types: subscription.types,
    status: subscription.status,
    pausedReason: subscription.pausedReason ?? null,
    failingSince: subscription.failingSince ?? null,
    lastSuccessAt: subscription.lastSuccessAt ?? null,
    previousSecretUntil: subscription.previousSecretUntil ?? null,
    createdAt: subscription.createdAt,
    updatedAt: subscription.updatedAt,
  }
}

export function withSecretResource(
  subscription: Subscription & { readonly secret: string },
): z.input<typeof shownWithSecret> {
  return { ...subscriptionResource(subscription), secret: subscription.secret }
}

export function deliveryResource(delivery: Delivery): z.input<typeof shownDelivery> {
  return { ...delivery, statusCode: delivery.statusCode ?? null }
}

import type { Durations } from '../domain/durations.ts'
import { decideDelivery, heldSeconds } from '../domain/event-delivery.ts'
import { envelopeOf } from '../domain/tenant-event.ts'
import type { Alerts } from '../ports/alerts.ts'
import type { Clock } from '../ports/clock.ts'
import type {
  DeliveryJob,
  DeliveryResult,
  EventBus,
  EventWebhooks,
  Receiver,
} from '../ports/event-deliveries.ts'
import type { Randomness } from '../ports/randomness.ts'

export interface DeliverEventsParts {
  readonly webhooks: EventWebhooks
  /** Undefined: the deployment has none. */
  readonly bus: EventBus | undefined
  readonly clock: Clock
  readonly randomness: Randomness
  readonly waits: Durations
  readonly alerts: Alerts
}

/**
 * Delivers one job of events. A receiver is called again for three days, further and further apart;
 * one that fails several times in a row is left alone for a while, so that calls that come to
 * nothing take no time from others. It is paused when it says that it is gone, when a delivery has
 * come to nothing in all its time, or when every call has for as long.
 */
export function makeDeliverEvents(parts: DeliverEventsParts) {
  return async (job: DeliveryJob): Promise<DeliveryResult> => {
    const { to } = job
    if (to === 'nothing-left') return { outcome: 'DONE' }
    if (to === 'bus') return publish(parts, job)
    if (to === 'paused') return { outcome: 'DEAD', reason: 'subscription-paused' }
    if (to === 'unreadable') return { outcome: 'DEAD', reason: 'unreadable' }
    if (to.heldSeconds > 0) return hold(parts, to)
    return call(parts, job, to)
  }
}

function hold({ waits, randomness }: DeliverEventsParts, to: Receiver): DeliveryResult {
  const fraction = randomness.fraction()
  const retryInSeconds = heldSeconds(to.heldSeconds, { waits, fraction })
  return { outcome: 'RETRY', reason: 'receiver-held', retryInSeconds, isHeld: true }
}

async function call(
  parts: DeliverEventsParts,
  job: DeliveryJob,
  to: Receiver,
): Promise<DeliveryResult> {
  const [event] = job.events
  if (event === undefined) return { outcome: 'DONE' }
  const { clock, waits, randomness, alerts } = parts
  const startedAt = clock.now()
  const outcome = await parts.webhooks.call({
    url: to.url,
    secrets: to.secrets,
    webhookId: event.eventId,
    body: JSON.stringify(envelopeOf(event)),
  })
  const story = { ...job, failingSeconds: to.failingSeconds }
  const step = decideDelivery(outcome, story, { waits, fraction: randomness.fraction() })
  const { pauseReason } = step
  if (pauseReason !== undefined) {
    const { tenantId } = job
    const { subscriptionId } = to
    alerts.raise('SubscriptionPaused', { tenantId, subscriptionId, reason: pauseReason })
  }
  return {
    ...step.result,
    ...(pauseReason !== undefined && { pauseReason }),
    attempt: {
      outcome: outcome.outcome,
      isDelivered: outcome.outcome === 'delivered',
      statusCode: outcome.statusCode,
      durationMs: Math.max(0, clock.now() - startedAt),
    },
  }
}

async function publish(parts: DeliverEventsParts, job: DeliveryJob): Promise<DeliveryResult> {
  const { bus, waits, randomness, alerts } = parts
  if (bus === undefined) return { outcome: 'DONE' }
  const left = await notTaken(bus, job)
  if (left.length === 0) return { outcome: 'DONE' }
  const outcome = { outcome: 'connection-failed' } as const
  const story = { ...job, failingSeconds: 0 }
  const { result } = decideDelivery(outcome, story, { waits, fraction: randomness.fraction() })
  if (result.outcome === 'DEAD') {
    alerts.raise('EventBusFailed', { tenantId: job.tenantId, taskId: job.taskId })
  }
  return { ...result, leftEventIds: left }
}

/** A call that failed may have been taken; every consumer of a bus must know doubles anyway. */
async function notTaken(bus: EventBus, { tenantId, events }: DeliveryJob) {
  try {
    return await bus.publish(tenantId, events.map(envelopeOf))
  } catch {
    return events.map(({ eventId }) => eventId)
  }
}

import type { CallOutcome, PauseReason } from '../domain/event-delivery.ts'
import type { EventEnvelope, TenantEvent } from '../domain/tenant-event.ts'
import type { Job, JobResult, JobStore } from './job-store.ts'

/** Who is called, and how. */
export interface Receiver {
  readonly subscriptionId: string
  readonly url: string
  /** `whsec_…`; each signs. */
  readonly secrets: readonly string[]
  /** It is left alone for so long; 0: it may be called. */
  readonly heldSeconds: number
  /** For how long every call has failed. */
  readonly failingSeconds: number
}

/**
 * Events to be delivered: one to a receiver, or up to ten to the bus. `nothing-left`: subscription or
 * event are gone; `unreadable`: address or secret do not open.
 */
export interface DeliveryJob extends Job {
  readonly events: readonly TenantEvent[]
  /** Since the first try. */
  readonly triedSeconds: number
  readonly to: Receiver | 'bus' | 'paused' | 'nothing-left' | 'unreadable'
}

export type DeliveryResult = JobResult & {
  readonly attempt?: {
    readonly outcome: CallOutcome['outcome']
    readonly isDelivered: boolean
    readonly statusCode: number | undefined
    readonly durationMs: number
  }
  readonly pauseReason?: PauseReason
  /** Nothing was called; it is no try. */
  readonly isHeld?: boolean
  /** What the bus has not taken. */
  readonly leftEventIds?: readonly string[]
}

export type DeliveryStore = JobStore<DeliveryJob, DeliveryResult>

export interface WebhookCall {
  readonly url: string
  readonly secrets: readonly string[]
  /** The same at each try. */
  readonly webhookId: string
  readonly body: string
}

/** Calls receivers, signed. Never throws for what the other side does. */
export interface EventWebhooks {
  call(call: WebhookCall): Promise<CallOutcome>
  /** A new signing secret, as a receiver keeps it. */
  newSecret(): string
  /** Whether receivers may be called there, as far as can be known now. Never throws. */
  mayCall(url: string): Promise<boolean>
}

/** The bus for programs inside AWS. */
export interface EventBus {
  /** At most ten; answers the ids of those that were not taken. */
  publish(tenantId: string, envelopes: readonly EventEnvelope[]): Promise<readonly string[]>
}

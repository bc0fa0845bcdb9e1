import type { Durations } from './durations.ts'

/** What one call of a receiver came to; anything but `delivered` is tried again. */
export interface CallOutcome {
  readonly outcome:
    | 'delivered'
    /** An answer other than 2xx; a redirect is one. */
    | 'refused'
    | 'timeout'
    | 'connection-failed'
    | 'name-unknown'
    /** Not a public address, or not https. */
    | 'address-refused'
  readonly statusCode?: number
  /** As the receiver asked. */
  readonly retryAfterSeconds?: number
}

export type PauseReason = 'gone' | 'delivery-failed' | 'failing'

interface DeliveryStep {
  readonly result:
    | { readonly outcome: 'DONE' }
    | { readonly outcome: 'RETRY'; readonly reason: string; readonly retryInSeconds: number }
    | { readonly outcome: 'DEAD'; readonly reason: string }
  /** The subscription is not to be served any more. */
  readonly pauseReason?: PauseReason
}

/** Tries of this delivery, and for how long it and its subscription have been failing. */
interface DeliveryStory {
  readonly attempts: number
  readonly triedSeconds: number
  readonly failingSeconds: number
}

/** Batches in a row that came to nothing, after which a receiver is left alone for a while. */
export const failuresToHold = 5
const gone = 410
/** 5 s, 30 s, 2 min, 10 min, 1 h, 3 h, 6 h, 12 h, then each day, in units of the first wait. */
const waitUnits = [1, 6, 24, 120, 720, 2160, 4320, 8640, 17_280] as const

/**
 * The next step after calling a receiver; pure. `fraction` (0 to 1) spreads waits over a fifth of
 * their length. The last try is the one at the end of the time that a delivery has.
 */
export function decideDelivery(
  call: CallOutcome,
  { attempts, triedSeconds, failingSeconds }: DeliveryStory,
  { waits, fraction }: { readonly waits: Durations; readonly fraction: number },
): DeliveryStep {
  if (call.outcome === 'delivered') return { result: { outcome: 'DONE' } }
  const reason = call.statusCode === undefined ? call.outcome : `status-${call.statusCode}`
  if (call.statusCode === gone) {
    return { result: { outcome: 'DEAD', reason: 'gone' }, pauseReason: 'gone' }
  }
  const leftSeconds = waits.eventTrialSeconds - triedSeconds
  if (leftSeconds <= 0) {
    return { result: { outcome: 'DEAD', reason }, pauseReason: 'delivery-failed' }
  }
  const retryInSeconds = Math.min(leftSeconds, waitSeconds(call, attempts, { waits, fraction }))
  const isHopeless = failingSeconds >= waits.eventTrialSeconds
  return {
    result: { outcome: 'RETRY', reason, retryInSeconds },
    ...(isHopeless && { pauseReason: 'failing' }),
  }
}

function waitSeconds(
  { retryAfterSeconds = 0 }: CallOutcome,
  attempts: number,
  { waits, fraction }: { readonly waits: Durations; readonly fraction: number },
): number {
  const units = waitUnits[Math.min(attempts, waitUnits.length) - 1] ?? 1
  const asked = Math.min(retryAfterSeconds, waits.eventRetryAfterCapSeconds)
  return Math.max(asked, units * waits.eventRetrySeconds * (0.9 + fraction / 5))
}

/** Until a receiver that is left alone is called again; spread, so that not all calls come at once. */
export function heldSeconds(
  seconds: number,
  { waits, fraction }: { readonly waits: Durations; readonly fraction: number },
): number {
  return seconds + fraction * waits.eventHoldSeconds
}

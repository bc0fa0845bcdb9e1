import type { DeliveryResult } from './delivery.ts'
import type { Durations } from './durations.ts'
import type { FailureReason } from './failure-reason.ts'

/** How an attempt ends in the books, and when the send is tried again, if at all. */
export interface Settlement {
  readonly outcome: 'ACCEPTED' | 'REJECTED' | 'NOT_CALLED' | 'UNKNOWN'
  readonly providerMessageId?: string
  readonly held?: boolean
  readonly reason?: string
  readonly code?: number
  readonly retryInSeconds?: number
  readonly health?: SenderHealth
}

/**
 * What an attempt says of its sender: `ok` it is answered; `failing` counts towards opening the
 * breaker; `broken` is ours to fix and opens it at once; `slow` asks to wait, `pair` only for
 * this recipient.
 */
type SenderHealth = 'ok' | 'failing' | 'broken' | 'slow' | 'pair'

/** What may go another way at once: as a template, or to the number's other spelling. */
const otherWays: readonly (string | undefined)[] = [
  'service-window-closed',
  'recipient-unreachable',
] satisfies FailureReason[]

/** Whether the later sends of its chat and channel must wait until it is seen what follows. */
export function holdsLane({ reason, retryInSeconds }: Settlement): boolean {
  return retryInSeconds !== undefined || otherWays.includes(reason)
}

/** Full jitter: anywhere between nothing and the doubled wait, so that retries spread out. */
export function backoffSeconds(attempts: number, waits: Durations, fraction: number): number {
  const ceiling = Math.min(
    waits.backoffCapSeconds,
    waits.backoffBaseSeconds * 2 ** Math.min(attempts, 20),
  )
  return ceiling * fraction
}

/** Meta asks for 4^n seconds between messages to one recipient after a pair limit (131056). */
function pairWaitSeconds(attempts: number, waits: Durations): number {
  return Math.min(waits.backoffCapSeconds, 4 ** Math.min(attempts, 6))
}

/** The next step after a provider's answer to attempt number `attempts`; pure. */
export function decide(
  result: DeliveryResult,
  { attempts, waits, fraction }: { attempts: number; waits: Durations; fraction: number },
): Settlement {
  const jittered = backoffSeconds(attempts, waits, fraction)
  switch (result.outcome) {
    case 'accepted':
      return {
        outcome: 'ACCEPTED',
        providerMessageId: result.providerMessageId,
        held: result.held,
        health: 'ok',
      }
    case 'rejected':
      return { outcome: 'REJECTED', reason: result.reason, health: 'ok', ...withCode(result.code) }
    case 'throttled': {
      const asked = result.retryAfterSeconds ?? 0
      const pair = result.scope === 'pair' ? pairWaitSeconds(attempts, waits) : 0
      return {
        outcome: 'REJECTED',
        reason: 'throttled',
        health: result.scope === 'pair' ? 'pair' : 'slow',
        retryInSeconds: Math.max(asked, pair, jittered),
        ...withCode(result.code),
      }
    }
    case 'unavailable':
      return {
        outcome: 'REJECTED',
        reason: result.reason,
        health: result.scope === 'sender' ? 'broken' : 'failing',
        ...(attempts < (result.maxAttempts ?? Number.POSITIVE_INFINITY) && {
          retryInSeconds: result.scope === 'sender' ? waits.senderRetrySeconds : jittered,
        }),
        ...withCode(result.code),
      }
    case 'unknown':
      return { outcome: 'UNKNOWN', reason: result.detail, health: 'failing' }
  }
}

function withCode(code: number | undefined): { code?: number } {
  return code === undefined ? {} : { code }
}

import type { DeliveryResult } from './delivery.ts'
import type { Durations } from './durations.ts'
import { backoffSeconds } from './settlement.ts'

/** What a provider answered to a receipt. */
export type ReceiptResult =
  | { readonly outcome: 'accepted' }
  | Exclude<DeliveryResult, { outcome: 'accepted' }>

/** How the telling of a receipt ends, or when it is tried again. */
type ReceiptStep =
  | { readonly outcome: 'DONE' }
  | { readonly outcome: 'RETRY'; readonly reason: string; readonly retryInSeconds: number }
  | { readonly outcome: 'DEAD'; readonly reason: string }

const mostTries = 3

/**
 * The next step after telling a receipt for the `attempts`-th time; pure. Telling it twice does no
 * harm, so a lost answer is repeated like an outage; nobody misses a receipt that came to nothing.
 */
export function decideReceipt(
  result: ReceiptResult,
  { attempts, waits, fraction }: { attempts: number; waits: Durations; fraction: number },
): ReceiptStep {
  if (result.outcome === 'accepted') return { outcome: 'DONE' }
  if (result.outcome === 'rejected') return { outcome: 'DEAD', reason: result.reason }
  const reason = reasonOf(result)
  if (attempts >= mostTries) return { outcome: 'DEAD', reason }
  const asked = result.outcome === 'throttled' ? (result.retryAfterSeconds ?? 0) : 0
  const retryInSeconds = Math.max(asked, backoffSeconds(attempts, waits, fraction))
  return { outcome: 'RETRY', reason, retryInSeconds }
}

function reasonOf(result: Exclude<ReceiptResult, { outcome: 'accepted' | 'rejected' }>): string {
  if (result.outcome === 'throttled') return 'throttled'
  return result.outcome === 'unknown' ? result.detail : result.reason
}

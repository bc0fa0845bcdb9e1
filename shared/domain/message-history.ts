import type { ReportedStatus } from './channel-event.ts'
import { type Message, type MessageStatus, UNRESOLVED } from './message.ts'

/** A try to hand a message to its provider; times are ISO 8601 UTC. */
export interface SendAttempt {
  readonly number: number
  readonly outcome: 'CALLING' | 'ACCEPTED' | 'REJECTED' | 'NOT_CALLED' | 'UNKNOWN' | 'ABANDONED'
  readonly claimedAt: string
  readonly resolvedAt: string | undefined
  readonly reason: string | undefined
  readonly reasonCode: number | undefined
}

/** What a provider reported of a message, in its own time. */
export interface StatusReport {
  readonly status: ReportedStatus
  readonly occurredAt: string
  /** Number of the attempt that it speaks of. */
  readonly attempt: number | undefined
  readonly reason: string | undefined
  readonly reasonCode: number | undefined
}

/** A status that a message had, from then on. */
export interface HistoryStep {
  readonly status: MessageStatus
  readonly at: string
  readonly reason?: string | undefined
  readonly reasonCode?: number | undefined
  /** Number of the attempt that it belongs to. */
  readonly attempt?: number | undefined
}

type Told = Pick<
  Message,
  'direction' | 'origin' | 'status' | 'statusAt' | 'reason' | 'reasonCode' | 'createdAt'
>

/** Orders what happened at one moment. */
const ranks: Readonly<Record<MessageStatus, number>> = {
  QUEUED: 0,
  RECEIVED: 0,
  SENDING: 1,
  UNKNOWN: 2,
  SENT: 3,
  DELIVERED: 4,
  READ: 5,
  FAILED: 6,
  EXPIRED: 6,
  CANCELLED: 6,
}

const arrived: readonly MessageStatus[] = ['SENT', 'DELIVERED', 'READ']

/**
 * The statuses of a message in order of time. Providers count whole seconds: a report is never shown
 * before its attempt began, nor the acceptance after what follows from it.
 */
export function historyOf(
  message: Told,
  attempts: readonly SendAttempt[],
  reports: readonly StatusReport[],
): readonly HistoryStep[] {
  const tried = message.origin === 'business-app' ? [] : attempts
  const told = reports.map((report) => reportStep(report, attempts))
  const steps = [
    beginning(message),
    ...tried.flatMap((attempt) => attemptSteps(message, attempt, { told, attempts })),
    ...told.filter(({ status, attempt }) => status !== 'SENT' || attempt === undefined),
  ]
  const { status, statusAt: at, reason, reasonCode } = message
  const isTold = steps.some((step) => step.status === status && step.reason === reason)
  return [...steps, ...(isTold ? [] : [{ status, at, reason, reasonCode }])].toSorted(
    (one, other) => compare(one.at, other.at) || ranks[one.status] - ranks[other.status],
  )
}

function beginning({ direction, origin, createdAt: at }: Told): HistoryStep {
  if (direction === 'INBOUND') return { status: 'RECEIVED', at }
  return { status: origin === 'business-app' ? 'SENT' : 'QUEUED', at }
}

function reportStep(
  { status, occurredAt, attempt, reason, reasonCode }: StatusReport,
  attempts: readonly SendAttempt[],
): HistoryStep {
  const began = attempts.find(({ number }) => number === attempt)?.claimedAt ?? occurredAt
  return { status, at: later(occurredAt, began), attempt, reason, reasonCode }
}

function attemptSteps(
  message: Told,
  { number: attempt, outcome, claimedAt, resolvedAt, ...why }: SendAttempt,
  { told, attempts }: { told: readonly HistoryStep[]; attempts: readonly SendAttempt[] },
): readonly HistoryStep[] {
  const began: HistoryStep = { status: 'SENDING', at: claimedAt, attempt }
  if (resolvedAt === undefined) return [began]
  if (outcome === 'ACCEPTED') {
    const first = told.filter((report) => report.attempt === attempt).map(({ at }) => at)
    return [began, { status: 'SENT', at: [resolvedAt, ...first].reduce(earlier), attempt }]
  }
  const isLast = attempts.every(({ number }) => number <= attempt)
  const status = statusAfter(outcome, isLast ? message : undefined, resolvedAt)
  return [began, { status, at: resolvedAt, attempt, ...why }]
}

/** What a message showed after an attempt that was not accepted. */
function statusAfter(
  outcome: SendAttempt['outcome'],
  last: Told | undefined,
  resolvedAt: string,
): MessageStatus {
  if (outcome === 'UNKNOWN' || outcome === 'ABANDONED') return 'UNKNOWN'
  if (last === undefined) return 'QUEUED'
  if (last.statusAt === resolvedAt) return last.reason === UNRESOLVED ? 'FAILED' : last.status
  // An earlier attempt has arrived after all.
  return arrived.includes(last.status) ? 'FAILED' : 'QUEUED'
}

function compare(one: string, other: string): number {
  return Date.parse(one) - Date.parse(other)
}

function later(one: string, other: string): string {
  return compare(one, other) >= 0 ? one : other
}

function earlier(one: string, other: string): string {
  return compare(one, other) <= 0 ? one : other
}

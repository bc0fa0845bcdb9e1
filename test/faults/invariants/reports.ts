import type { MessageStatus } from '#shared/domain/message.ts'
import type { Case, Violation } from '../invariants.ts'
import type { StatusEntry } from '../simulation/ledgers.ts'
import { violation } from './sending.ts'

const ranks: Readonly<Record<string, number>> = { SENT: 1, FAILED: 2, DELIVERED: 3, READ: 4 }

function rank(status: string): number {
  return ranks[status] ?? 0
}

/** I6: what a report says that we answered with 2xx is what the message shows; late truth wins. */
export function truthShown(found: Case): readonly Violation[] {
  const { attemptsById, takenStatuses, isErased } = found
  const byMessage = new Map<string, StatusEntry[]>()
  const strays: Violation[] = []
  for (const event of takenStatuses) {
    const attempt = attemptsById.get(event.attemptId)
    if (isErased(attempt?.messageId)) continue
    const isKnown =
      attempt?.providerMessageId === event.providerMessageId && attempt.outcome === 'ACCEPTED'
    if (attempt === undefined || !isKnown) {
      const text = `${event.status} of ${event.providerMessageId} did not reach its attempt`
      strays.push(violation('I6', text, event.attemptId, event.providerMessageId))
    } else {
      const known = byMessage.get(attempt.messageId)
      if (known === undefined) byMessage.set(attempt.messageId, [event])
      else known.push(event)
    }
  }
  const wrong = [...byMessage].flatMap(([messageId, events]) => notShown(found, messageId, events))
  return [...strays, ...wrong]
}

function notShown(
  found: Case,
  messageId: string,
  events: readonly StatusEntry[],
): readonly Violation[] {
  const shown = found.messagesById.get(messageId)?.status ?? 'QUEUED'
  const expected = expectedOf(found, messageId, events)
  const allowed: Readonly<Record<string, readonly string[]>> = {
    SENT: ['EXPIRED'],
    FAILED: ['CANCELLED'],
    UNKNOWN: ['SENT', 'EXPIRED', 'FAILED', 'CANCELLED'],
  }
  const isRight =
    shown === expected ||
    rank(shown) > rank(expected) ||
    allowed[expected]?.includes(shown) === true
  const text = `message ${messageId} shows ${shown}, its reports say ${expected}`
  return isRight ? [] : [violation('I6', text, messageId)]
}

/** The furthest attempt; FAILED when every one that the provider may have taken failed. */
function expectedOf(
  { attemptsOf, abandonedAttempts }: Case,
  messageId: string,
  events: readonly StatusEntry[],
): string {
  const stories = new Map<string, string>()
  for (const { attemptId, status } of events) {
    if (rank(status) > rank(stories.get(attemptId) ?? '')) stories.set(attemptId, status)
  }
  const arrived = [...stories.values()].filter((status) => status !== 'FAILED')
  const others = (attemptsOf.get(messageId) ?? []).filter(
    ({ attemptId, outcome }) =>
      !stories.has(attemptId) &&
      (['ACCEPTED', 'UNKNOWN'].includes(outcome) || abandonedAttempts.has(attemptId)),
  )
  const furthest = arrived.sort((one, other) => rank(other) - rank(one))[0]
  return furthest ?? (others.length === 0 ? 'FAILED' : 'UNKNOWN')
}

/** What a status may be followed by; a message never falls back behind what it has shown. */
const followers: Readonly<Record<MessageStatus, readonly MessageStatus[]>> = {
  RECEIVED: [],
  QUEUED: ['SENDING', 'FAILED', 'UNKNOWN', 'CANCELLED', 'SENT', 'DELIVERED', 'READ'],
  SENDING: ['QUEUED', 'UNKNOWN', 'FAILED', 'SENT', 'DELIVERED', 'READ'],
  UNKNOWN: ['QUEUED', 'FAILED', 'SENT', 'DELIVERED', 'READ'],
  // UNKNOWN: the attempt that arrived has failed since, an abandoned one may still arrive.
  // QUEUED: it has failed since, and goes once more to the other spelling of the number.
  SENT: ['QUEUED', 'FAILED', 'EXPIRED', 'DELIVERED', 'READ', 'UNKNOWN'],
  EXPIRED: ['FAILED', 'DELIVERED', 'READ'],
  // One of several attempts failed; another one did arrive.
  FAILED: ['SENT', 'DELIVERED', 'READ'],
  CANCELLED: ['FAILED', 'SENT', 'DELIVERED', 'READ'],
  DELIVERED: ['READ'],
  READ: [],
}

/** I7: statuses never go backwards; EXPIRED not before its time, and not planned before it. */
export function monotone({ rows, messagesById }: Case): readonly Violation[] {
  const sentAt = new Map<string, number>()
  const early = (messageId: string, at: number, how: string) => {
    const ttlMs = (messagesById.get(messageId)?.reportTtlSeconds ?? 0) * 1000
    const missing = ttlMs - (at - (sentAt.get(messageId) ?? at))
    // Rows keep microseconds, the simulation whole milliseconds.
    return missing > 1
      ? [violation('I7', `message ${messageId} ${how} EXPIRED ${missing} ms early`, messageId)]
      : []
  }
  const changes = rows.statusHistory.flatMap(({ messageId, from, to, at }) => {
    if (to === 'SENT') sentAt.set(messageId, at)
    if (from !== undefined && !followers[from].includes(to)) {
      return [violation('I7', `message ${messageId} went from ${from} to ${to}`, messageId)]
    }
    return to === 'EXPIRED' ? early(messageId, at, 'is') : []
  })
  const plans = rows.tasks.flatMap(({ type, state, messageId, dueAt }) => {
    const isCheck = type === 'MESSAGE_STATUS_CHECK' && state === 'PENDING'
    const isSent = messagesById.get(messageId)?.status === 'SENT'
    return isCheck && isSent ? early(messageId, dueAt, 'will be') : []
  })
  return [...changes, ...plans]
}

/** I8: the reports kept are the reports taken, each once. */
export function reportsAreSet(found: Case): readonly Violation[] {
  const { rows, takenStatuses, attemptsById, isErased } = found
  const key = ({ providerMessageId, status }: { providerMessageId: string; status: string }) =>
    `${providerMessageId} ${status}`
  const isKept = ({ attemptId }: StatusEntry) => !isErased(attemptsById.get(attemptId)?.messageId)
  const reports = rows.reports.filter(({ messageId }) => !isErased(messageId))
  const taken = new Set(takenStatuses.filter(isKept).map(key))
  const kept = new Set(reports.map(key))
  const twice = reports.length - kept.size
  return [
    ...[...taken].filter((each) => !kept.has(each)).map((each) => lost('was lost', each)),
    ...[...kept].filter((each) => !taken.has(each)).map((each) => lost('came from nowhere', each)),
    ...(twice > 0 ? [violation('I8', `${twice} reports are kept twice`)] : []),
  ]
}

function lost(how: string, report: string): Violation {
  return violation('I8', `report ${report} ${how}`, report.split(' ')[0] ?? '')
}

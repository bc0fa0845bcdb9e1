import type { Case, Violation } from '../invariants.ts'
import type { ProviderCall } from '../simulation/ledgers.ts'
import { timeoutMs } from '../simulation/provider.ts'

const leaseMs = 45_000
const finals: readonly string[] = ['SENT', 'DELIVERED', 'READ', 'FAILED', 'EXPIRED', 'CANCELLED']

export function violation(rule: string, text: string, ...ids: readonly string[]): Violation {
  return { rule, text, ids }
}

/** I1: what was accepted is there and reaches a final, visible state. */
export function noLoss({ ledgers, messagesById }: Case): readonly Violation[] {
  return ledgers.posts.flatMap(({ key, answers }) =>
    answers.flatMap(({ outcome, messageId = '' }) => {
      if (outcome !== 'accepted') return []
      const message = messagesById.get(messageId)
      if (message === undefined) return [violation('I1', `accepted ${messageId} is gone`, key)]
      const { status, reason } = message
      const isFinal = finals.includes(status) || (status === 'UNKNOWN' && reason === 'unresolved')
      return isFinal
        ? []
        : [violation('I1', `message ${messageId} ends as ${status} (${reason})`, key, messageId)]
    }),
  )
}

/** I2: one message for a key, one answer for its body, none for another body. */
export function answersPerKey({ ledgers, rows }: Case): readonly Violation[] {
  const told = new Set<string>()
  const found = ledgers.posts.flatMap(({ key, answers }) => {
    const accepted = answers.filter(({ outcome }) => outcome === 'accepted')
    const bodies = new Set(
      accepted.map(({ messageId, acceptedAt }) => `${messageId} ${acceptedAt}`),
    )
    for (const { messageId } of accepted) told.add(messageId ?? '')
    const wrong = answers.filter(
      ({ isOtherBody, outcome, code }) =>
        isOtherBody && (outcome === 'accepted' || (code ?? '') === 'accepted'),
    )
    return [
      ...(bodies.size > 1 ? [violation('I2', `key ${key}: ${[...bodies].join(' | ')}`, key)] : []),
      ...wrong.map(() => violation('I2', `key ${key}: another body was accepted`, key)),
    ]
  })
  const untold = rows.messages.filter(
    ({ direction, messageId }) => direction === 'OUTBOUND' && !told.has(messageId),
  )
  return [
    ...found,
    ...untold.map(({ messageId }) =>
      violation('I2', `message ${messageId} was stored twice or for nobody`, messageId),
    ),
  ]
}

/** I3: each call has its attempt, claimed before it and still leased. */
export function callAfterClaim({ ledgers, attemptsById }: Case): readonly Violation[] {
  return ledgers.calls.flatMap(({ attemptId, at, placedAt }) => {
    const attempt = attemptsById.get(attemptId)
    if (attempt === undefined)
      return [violation('I3', `call ${attemptId} has no attempt`, attemptId)]
    const ids = [attemptId, attempt.messageId]
    if (attempt.claimedAt > at)
      return [violation('I3', `call ${attemptId} before its claim`, ...ids)]
    const over = placedAt + timeoutMs - attempt.claimedAt - leaseMs
    return over > 0
      ? [violation('I3', `call ${attemptId} may end ${over} ms after its lease`, ...ids)]
      : []
  })
}

/** I3: at most one call for an attempt. */
export function callsPerAttempt({ ledgers }: Case): readonly Violation[] {
  const called = new Set<string>()
  return ledgers.calls.flatMap(({ attemptId }) => {
    if (!called.has(attemptId)) {
      called.add(attemptId)
      return []
    }
    return [violation('I3', `attempt ${attemptId} was called twice`, attemptId)]
  })
}

/** I4: an attempt begins once the one before has ended or failed; fences rise; calls do not overlap. */
export function noOverlap(found: Case): readonly Violation[] {
  const ended = new Map<string, number>(found.failedAttempts)
  for (const { attemptId, to, at } of found.rows.attemptHistory) {
    const isEnd = ['REJECTED', 'NOT_CALLED', 'ABANDONED'].includes(to)
    if (isEnd) ended.set(attemptId, Math.min(at, ended.get(attemptId) ?? at))
  }
  const overlaps = [...found.attemptsOf].flatMap(([messageId, attempts]) => {
    const ordered = attempts.toSorted((one, other) => one.number - other.number)
    return ordered.flatMap(({ number, claimedAt }, index) => {
      const before = ordered[index - 1]
      if (before === undefined) return []
      const endedAt = ended.get(before.attemptId) ?? Number.POSITIVE_INFINITY
      const isApart = claimedAt >= endedAt && number > before.number
      return isApart
        ? []
        : [violation('I4', `message ${messageId}: attempt ${number} began too early`, messageId)]
    })
  })
  return [...overlaps, ...callsOverlap(found)]
}

function callsOverlap({ callsOf }: Case): readonly Violation[] {
  return [...callsOf].flatMap(([messageId, calls]) => {
    const ordered = calls.toSorted((one, other) => one.at - other.at)
    const isApart = ordered.every(({ at }, index) => at >= (ordered[index - 1]?.answeredAt ?? 0))
    return isApart ? [] : [violation('I4', `message ${messageId}: calls overlap`, messageId)]
  })
}

/** How often the provider took a message more than once, and did not let it fail. */
export function duplicatesOf({ callsOf, failedAttempts }: Case): ReadonlyMap<string, number> {
  const isTaken = (call: ProviderCall) => call.isAccepted && !failedAttempts.has(call.attemptId)
  return new Map(
    [...callsOf]
      .map(([id, calls]) => [id, calls.filter(isTaken).length - 1] as const)
      .filter(([, more]) => more > 0),
  )
}

/** I5: no more duplicates than abandoned attempts, each of them flagged; none under at-most-once. */
export function duplicatesBounded(found: Case): readonly Violation[] {
  const { messagesById, attemptsOf, abandonedAttempts, setting } = found
  return [...duplicatesOf(found)].flatMap(([messageId, more]) => {
    const message = messagesById.get(messageId)
    const attempts = attemptsOf.get(messageId) ?? []
    const abandoned = attempts.filter(({ attemptId }) => abandonedAttempts.has(attemptId)).length
    const text = `message ${messageId}: ${more} duplicates, ${abandoned} abandoned attempts`
    const isBounded = more <= abandoned && message?.deliveryPolicy !== 'at-most-once'
    // Reports that arrive in time leave nothing to abandon that the provider took.
    if (!isBounded || setting.reports === 'arrive') {
      return [violation('I5', text, messageId)]
    }
    return message?.possibleDuplicate === true
      ? []
      : [violation('I5', `${text}, not flagged`, messageId)]
  })
}

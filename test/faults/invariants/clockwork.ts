import type { Case, Violation } from '../invariants.ts'
import type { MessageFacts } from '../simulation/rows.ts'
import { violation } from './sending.ts'

/** I12: in the quiet nothing is due, leased or unmatched. */
export function drained(found: Case): readonly Violation[] {
  const { rows, quietAfterSeconds } = found
  const late = rows.tasks.filter(
    ({ state, dueAt }) =>
      state === 'CLAIMED' || (state === 'PENDING' && dueAt < rows.now - 150_000),
  )
  const unmatched = rows.reports.filter(({ messageId }) => messageId === undefined)
  return [
    ...(quietAfterSeconds === undefined ? [violation('I12', 'it never became quiet')] : []),
    ...late.map(({ type, state, messageId }) =>
      violation('I12', `${type} of message ${messageId} is left ${state}`, messageId),
    ),
    ...unmatched.map(({ providerMessageId }) =>
      violation('I12', `a report of ${providerMessageId} matches nothing`, providerMessageId),
    ),
  ]
}

/** I13: dead letters are what was planted, and what never met a process that lived; all visible. */
export function poisonVisible({ rows, deadLetters, ledgers }: Case): readonly Violation[] {
  const nameOf = ({ queue, body }: { queue: string; body: string }) => `${queue} ${body}`
  const planted = new Set(ledgers.planted.map(nameOf))
  const poisoned = deadLetters.filter((letter) => planted.has(nameOf(letter)))
  const recorded = new Map(rows.failures.map((each) => [each.queueMessageId, each.reason]))
  const wrong = deadLetters.flatMap((letter) => {
    const { queueMessageId, queue, ends } = letter
    const reason = recorded.get(queueMessageId)
    const isPoison = poisoned.includes(letter)
    if (reason !== (isPoison ? 'unreadable' : 'not-processed')) {
      return [violation('I13', `${queueMessageId} died and is recorded as ${reason}`)]
    }
    return queue === 'WEBHOOK_EVENT' || (!isPoison && ends.includes('unreadable'))
      ? [violation('I13', `${queueMessageId} died of ${ends.join(', ')}`)]
      : []
  })
  const isExact = poisoned.length === ledgers.planted.length && recorded.size === deadLetters.length
  const counts = `${ledgers.planted.length} planted, ${poisoned.length} of them dead`
  const text = `${counts}, ${deadLetters.length} dead in all, ${recorded.size} recorded`
  return isExact ? wrong : [...wrong, violation('I13', text)]
}

interface Lane {
  readonly message: MessageFacts
  /** When the provider first took it. */
  readonly takenAt: number
}

/** I21: the provider takes a chat's messages in the order in which we accepted them. */
export function acceptOrder(found: Case): readonly Violation[] {
  const unordered = new Set(unorderedMessages(found))
  const taken = [...found.callsOf].flatMap(([messageId, calls]): Lane[] => {
    const message = found.messagesById.get(messageId)
    const times = calls.filter(({ isAccepted }) => isAccepted).map(({ at }) => at)
    return message === undefined || times.length === 0
      ? []
      : [{ message, takenAt: Math.min(...times) }]
  })
  return [...Map.groupBy(taken, ({ message }) => message.chatId)].flatMap(([chatId, lane]) => {
    const ordered = lane
      .filter(({ message }) => !unordered.has(message.messageId))
      .sort((one, other) => one.message.sequence - other.message.sequence)
    return ordered.flatMap(({ message, takenAt }, index) => {
      const later = ordered.slice(0, index).find((before) => before.takenAt > takenAt)
      const ids = [message.messageId, later?.message.messageId ?? '']
      const text = `chat ${chatId}: message ${ids[0]} went before ${ids[1]}`
      return later === undefined ? [] : [violation('I21', text, ...ids)]
    })
  })
}

/** Those whose answer was lost, that were planned for later, or that passed others, flagged. */
function unorderedMessages({ ledgers, rows, attemptsById }: Case): readonly string[] {
  return [
    ...ledgers.posts
      .filter(({ sendAt }) => sendAt !== undefined)
      .flatMap(({ answers }) => answers.map(({ messageId }) => messageId ?? '')),
    ...rows.messages.filter(({ outOfOrder }) => outOfOrder).map(({ messageId }) => messageId),
    ...rows.attemptHistory
      .filter(({ to }) => to === 'UNKNOWN')
      .map(({ attemptId }) => attemptsById.get(attemptId)?.messageId ?? ''),
  ]
}

/** I22: what is not final has a task in the future that will move it. */
export function live({ rows }: Case): readonly Violation[] {
  const open = Map.groupBy(
    rows.tasks.filter(({ state }) => state === 'PENDING' || state === 'CLAIMED'),
    ({ messageId }) => messageId,
  )
  return rows.messages.flatMap(({ messageId, status, reason }) => {
    const waits =
      ['QUEUED', 'SENDING', 'SENT'].includes(status) ||
      (status === 'UNKNOWN' && reason !== 'unresolved')
    return waits && !open.has(messageId)
      ? [violation('I22', `message ${messageId} is ${status} and nothing will move it`, messageId)]
      : []
  })
}

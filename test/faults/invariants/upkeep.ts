import type { Case, Violation } from '../invariants.ts'
import type { UpkeepFacts } from '../simulation/rows.ts'
import { violation } from './sending.ts'

const dayMs = 86_400_000
/** As tenants have them unless they ask for others. */
const idleDays: Readonly<Record<string, number>> = { CLOSED: 30, ARCHIVED: 90 }

/** I20: who was erased has left nothing; no copy, no later event and no export brings it back. */
export function erasedStaysErased(found: Case): readonly Violation[] {
  const { upkeep } = found.rows
  if (upkeep === undefined) return []
  return [...erasuresEnd(found, upkeep), ...nothingLeft(found, upkeep), ...copiesGone(upkeep)]
}

/** Each erasure that was taken ends, and is in the ledger outside the database. */
function erasuresEnd({ ledgers }: Case, upkeep: UpkeepFacts): readonly Violation[] {
  const requests = new Map(upkeep.requests.map((request) => [request.requestId, request]))
  const erased = new Set(upkeep.erased.map(({ personId }) => personId))
  return ledgers.wishes.flatMap(({ kind, personId, requestId }) => {
    if (kind !== 'ERASURE' || requestId === undefined) return []
    const state = requests.get(requestId)?.state
    const isEnded = state === 'DONE' && erased.has(personId) && upkeep.ledger.includes(requestId)
    const text = `the erasure ${requestId} of person ${personId} is ${state}`
    return isEnded ? [] : [violation('I20', text, personId)]
  })
}

function nothingLeft(found: Case, upkeep: UpkeepFacts): readonly Violation[] {
  const left = upkeep.erased.flatMap(({ personId, leftovers }) =>
    Object.entries(leftovers)
      .filter(([, count]) => count > 0)
      .map(([what, count]) =>
        violation('I20', `person ${personId} left ${count} ${what}`, personId),
      ),
  )
  return [...left, ...knownIds(found, upkeep)]
}

/** The provider's ids of their messages hold the number: they are nowhere any more. */
function knownIds({ rows, ledgers, ...found }: Case, upkeep: UpkeepFacts): readonly Violation[] {
  const theirs = new Set([
    ...upkeep.inbound
      .filter(({ chatId }) => found.erasedChats.has(chatId))
      .map(({ providerMessageId }) => providerMessageId),
    ...ledgers.calls
      .filter(({ attemptId }) => found.isErased(found.attemptsById.get(attemptId)?.messageId))
      .flatMap(({ providerMessageId }) => providerMessageId ?? []),
  ])
  const kept = [...rows.messages, ...rows.attempts, ...rows.reports].flatMap(
    ({ providerMessageId }) => providerMessageId ?? [],
  )
  return kept
    .filter((id) => theirs.has(id))
    .map((id) => violation('I20', `the id ${id} of an erased message is kept`, id))
}

/** No copy of their data lies in the bucket, none is under way, and none is made any more. */
function copiesGone({ requests, erased, keys, copies }: UpkeepFacts): readonly Violation[] {
  const people = new Set(erased.map(({ personId }) => personId))
  const kept = requests.filter(
    ({ kind, personId, tenantId, requestId, objectKey }) =>
      kind === 'EXPORT' &&
      people.has(personId) &&
      (objectKey !== null ||
        keys.some((key) => key.startsWith(`exports/${tenantId}/${requestId}/`))),
  )
  return [
    ...kept.map(({ requestId, personId }) =>
      violation('I20', `the copy ${requestId} of erased person ${personId} is there`, personId),
    ),
    ...copies
      .filter(({ personId, answer }) => people.has(personId) && answer !== 'person-not-found')
      .map(({ personId, answer }) =>
        violation('I20', `a copy of erased person ${personId} is ${answer}`, personId),
      ),
  ]
}

/** I19: chats are closed and archived only when idle for long enough, and others are told once. */
export function idleOnly({ rows, erasedPersons }: Case): readonly Violation[] {
  const { chatChanges = [], closings = [] } = rows.upkeep ?? {}
  const early = chatChanges.flatMap(({ chatId, personId, to, at, lastActivityAt }) => {
    const isErasure = to === 'ARCHIVED' && erasedPersons.get(personId) === at
    const isIdle = at - lastActivityAt > (idleDays[to] ?? 0) * dayMs
    const text = `chat ${chatId} was ${to} ${(at - lastActivityAt) / dayMs} days after its last activity`
    return isErasure || isIdle ? [] : [violation('I19', text, chatId)]
  })
  const told = new Map(closings.map(({ chatId, times }) => [chatId, times]))
  const closed = Map.groupBy(
    chatChanges.filter(({ to }) => to === 'CLOSED'),
    ({ chatId }) => chatId,
  )
  const wrong = [...closed].flatMap(([chatId, changes]) => {
    const times = told.get(chatId) ?? 0
    const text = `chat ${chatId} was closed ${changes.length} times, and told ${times} times`
    return times === changes.length ? [] : [violation('I19', text, chatId)]
  })
  return [...early, ...wrong]
}

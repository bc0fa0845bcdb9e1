import { counters, inboundOnce, oneActiveChat } from './invariants/chats.ts'
import { acceptOrder, drained, live, poisonVisible } from './invariants/clockwork.ts'
import { monotone, reportsAreSet, truthShown } from './invariants/reports.ts'
import {
  answersPerKey,
  callAfterClaim,
  callsPerAttempt,
  duplicatesBounded,
  noLoss,
  noOverlap,
} from './invariants/sending.ts'
import { erasedStaysErased, idleOnly } from './invariants/upkeep.ts'
import type { StatusEntry } from './simulation/ledgers.ts'
import type { AttemptFacts, MessageFacts } from './simulation/rows.ts'
import type { Evidence } from './simulation/run.ts'

/** A rule that was broken, by its name in the reliability notes. */
export interface Violation {
  readonly rule: string
  readonly text: string
  /** Ids that lead to its life in a trace. */
  readonly ids: readonly string[]
}

/** The evidence with the look-ups that the rules share. */
export interface Case extends Evidence {
  readonly messagesById: ReadonlyMap<string, MessageFacts>
  readonly attemptsById: ReadonlyMap<string, AttemptFacts>
  readonly attemptsOf: ReadonlyMap<string, readonly AttemptFacts[]>
  readonly callsOf: ReadonlyMap<string, Evidence['ledgers']['calls']>
  readonly abandonedAttempts: ReadonlySet<string>
  /** When the provider said of an attempt that it had taken that it failed after all. */
  readonly failedAttempts: ReadonlyMap<string, number>
  readonly takenStatuses: readonly StatusEntry[]
  /** When who was erased; their messages are judged by I20 alone where ids are compared. */
  readonly erasedPersons: ReadonlyMap<string, number>
  readonly erasedChats: ReadonlySet<string>
  isErased(messageId: string | undefined): boolean
}

type Rule = (found: Case) => readonly Violation[]

const rules: readonly Rule[] = [
  noLoss,
  answersPerKey,
  callAfterClaim,
  callsPerAttempt,
  noOverlap,
  duplicatesBounded,
  truthShown,
  monotone,
  reportsAreSet,
  inboundOnce,
  oneActiveChat,
  counters,
  drained,
  poisonVisible,
  acceptOrder,
  live,
  idleOnly,
  erasedStaysErased,
]

/** Holds a run against all rules. */
export function judge(evidence: Evidence): readonly Violation[] {
  const found = open(evidence)
  return rules.flatMap((rule) => rule(found))
}

export function open(evidence: Evidence): Case {
  const { rows, ledgers, setting } = evidence
  // The provider's clock stands apart from the database's.
  const skewMs = setting.skewSeconds * 1000
  const attemptsById = new Map(rows.attempts.map((attempt) => [attempt.attemptId, attempt]))
  const messagesById = new Map(rows.messages.map((message) => [message.messageId, message]))
  const erasedPersons = new Map(
    rows.upkeep?.erased.map(({ personId, erasedAt }) => [personId, erasedAt]),
  )
  const erasedChats = new Set(
    rows.chats.flatMap(({ chatId, personId }) => (erasedPersons.has(personId) ? chatId : [])),
  )
  return {
    ...evidence,
    messagesById,
    erasedPersons,
    erasedChats,
    isErased: (messageId = '') => erasedChats.has(messagesById.get(messageId)?.chatId ?? ''),
    attemptsById,
    attemptsOf: Map.groupBy(rows.attempts, ({ messageId }) => messageId),
    callsOf: Map.groupBy(
      ledgers.calls,
      ({ attemptId }) => attemptsById.get(attemptId)?.messageId ?? 'nobody',
    ),
    abandonedAttempts: new Set(
      rows.attemptHistory.filter(({ to }) => to === 'ABANDONED').map(({ attemptId }) => attemptId),
    ),
    failedAttempts: new Map(
      ledgers.events.flatMap((event) =>
        event.kind === 'status' && event.status === 'FAILED'
          ? [[event.attemptId, event.at + skewMs]]
          : [],
      ),
    ),
    takenStatuses: ledgers.events.filter(
      (event): event is StatusEntry => event.kind === 'status' && event.takenAt !== undefined,
    ),
  }
}

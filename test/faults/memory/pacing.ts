import { failuresToOpen, pairBurst } from '#shared/domain/durations.ts'
import type { Settlement } from '#shared/domain/settlement.ts'
import type {
  ContactRow,
  MemoryDatabase,
  MessageRow,
  SenderPace,
  SenderRow,
  TaskRow,
} from './rows.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

interface Admission {
  readonly comeBackAt: number
  readonly why: string
}

function paceOf(db: MemoryDatabase, sender: SenderRow): SenderPace {
  sender.pace ??= {
    nextSlotAt: db.now(),
    breaker: 'CLOSED',
    failures: 0,
    openings: 0,
    openUntil: undefined,
  }
  return sender.pace
}

/** Undefined to go; else when to come back and why, with its slot reserved. */
export function admit(db: MemoryDatabase, task: TaskRow): Admission | undefined {
  const { sender, contact } = task.message
  if (sender === undefined) throw new Error('a send without a sender')
  const now = db.now()
  if (!hasPortfolioRoom(db, { sender, contact }, true)) {
    return { comeBackAt: (Math.floor(now / hourMs) + 1) * hourMs, why: 'unique-users-limit' }
  }
  const pairOpensAt = pairOpens(db, sender, contact)
  if (pairOpensAt > now) return { comeBackAt: pairOpensAt, why: 'pair-pace' }
  const closedUntil = breakerClosedUntil(db, sender)
  if (closedUntil !== undefined) {
    return { comeBackAt: reserveSlot(db, sender, closedUntil), why: 'breaker-open' }
  }
  if (task.slotAt === undefined) {
    const slotAt = reserveSlot(db, sender, now)
    if (slotAt > now + db.waits.slotToleranceSeconds * 1000) {
      return { comeBackAt: slotAt, why: 'throughput' }
    }
  }
  takeProbe(db, sender)
  return undefined
}

function breakerClosedUntil(db: MemoryDatabase, sender: SenderRow): number | undefined {
  const { breaker, openUntil } = paceOf(db, sender)
  const now = db.now()
  if (breaker === 'CLOSED' || openUntil === undefined || openUntil <= now) return undefined
  const soon = now + db.waits.breakerOpenSeconds * 1000
  return breaker === 'HALF_OPEN' ? Math.min(openUntil, soon) : openUntil
}

function takeProbe(db: MemoryDatabase, sender: SenderRow): void {
  const pace = paceOf(db, sender)
  if (pace.breaker === 'CLOSED') return
  pace.breaker = 'HALF_OPEN'
  pace.openUntil = db.now() + db.waits.leaseSeconds * 1000
}

function reserveSlot(db: MemoryDatabase, sender: SenderRow, earliest: number): number {
  const pace = paceOf(db, sender)
  const slotAt = Math.max(pace.nextSlotAt, earliest)
  pace.nextSlotAt = slotAt + 1000 / sender.ratePerSecond
  return slotAt
}

function pairOpens(db: MemoryDatabase, sender: SenderRow, contact: ContactRow): number {
  const pair = sender.pairs.get(contact.contactId)
  if (pair === undefined) return 0
  const burstMs = db.waits.pairIntervalSeconds * 1000 * (pairBurst - 1)
  return Math.max(pair.silentUntil ?? 0, pair.arrivalAt - burstMs)
}

export function countPairSend(db: MemoryDatabase, { sender, contact }: MessageRow): void {
  if (sender === undefined) return
  const now = db.now()
  const pair = sender.pairs.get(contact.contactId)
  const arrivalAt = Math.max(pair?.arrivalAt ?? now, now) + db.waits.pairIntervalSeconds * 1000
  if (pair === undefined) {
    sender.pairs.set(contact.contactId, { arrivalAt, strikes: 0, silentUntil: undefined })
  } else {
    pair.arrivalAt = arrivalAt
  }
}

/** Meta's limit of unique users outside their service window; `counting` takes the place. */
export function hasPortfolioRoom(
  db: MemoryDatabase,
  { sender, contact }: { sender: SenderRow; contact: ContactRow },
  counting: boolean,
): boolean {
  const { portfolio } = sender
  const now = db.now()
  if (portfolio?.uniqueUsersLimit === undefined) return true
  if ((contact.wroteTo.get(sender.senderId) ?? 0) > now - dayMs) return true
  if ((portfolio.contacts.get(contact.contactId) ?? 0) > now - dayMs) return true
  let used = 0
  for (const [hour, users] of portfolio.hours) if (hour > now - dayMs - hourMs) used += users
  if (used >= portfolio.uniqueUsersLimit) return false
  if (counting) {
    const hour = Math.floor(now / hourMs) * hourMs
    portfolio.contacts.set(contact.contactId, now)
    portfolio.hours.set(hour, (portfolio.hours.get(hour) ?? 0) + 1)
  }
  return true
}

/** What a settled attempt says of its sender; true when its breaker opened now. */
export function bookHealth(db: MemoryDatabase, message: MessageRow, settled: Settlement): boolean {
  const { sender } = message
  const { health } = settled
  if (sender === undefined || health === undefined) return false
  const waitMs = (settled.retryInSeconds ?? 0) * 1000
  if (health === 'failing' || health === 'broken') {
    return countFailure(db, sender, health === 'broken')
  }
  closeBreaker(sender)
  if (health !== 'slow') bookPair(db, message, health === 'pair' ? waitMs : undefined)
  else if (sender.pace !== undefined) {
    sender.pace.nextSlotAt = Math.max(sender.pace.nextSlotAt, db.now() + waitMs)
  }
  return false
}

function closeBreaker({ pace }: SenderRow): void {
  if (pace === undefined) return
  Object.assign(pace, { breaker: 'CLOSED', failures: 0, openings: 0, openUntil: undefined })
}

function bookPair(db: MemoryDatabase, message: MessageRow, silentMs: number | undefined): void {
  const pair = message.sender?.pairs.get(message.contact.contactId)
  if (pair === undefined || (silentMs === undefined && pair.strikes === 0)) return
  pair.strikes = silentMs === undefined ? 0 : pair.strikes + 1
  const strikesMs = Math.min(db.waits.backoffCapSeconds, 4 ** Math.min(pair.strikes, 6)) * 1000
  pair.silentUntil = silentMs === undefined ? undefined : db.now() + Math.max(silentMs, strikesMs)
}

function countFailure(db: MemoryDatabase, sender: SenderRow, isBroken: boolean): boolean {
  const pace = paceOf(db, sender)
  const { breaker, openings } = pace
  const opens = isBroken || breaker === 'HALF_OPEN' || pace.failures + 1 >= failuresToOpen
  pace.failures += 1
  if (!opens) return false
  const { breakerCapSeconds, breakerOpenSeconds, senderRetrySeconds } = db.waits
  const seconds = isBroken
    ? senderRetrySeconds
    : Math.min(breakerCapSeconds, breakerOpenSeconds * 2 ** Math.min(openings, 20))
  // The end of a probe's time is no wait of the breaker's own.
  const ownWait = breaker === 'OPEN' ? (pace.openUntil ?? 0) : 0
  pace.breaker = 'OPEN'
  pace.openings += breaker === 'OPEN' ? 0 : 1
  pace.openUntil = Math.max(ownWait, db.now() + seconds * 1000)
  return breaker === 'CLOSED'
}

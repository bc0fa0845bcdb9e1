import type { SendReference } from '#shared/ports/message-store.ts'
import type { Wake } from '#shared/ports/task-queue.ts'
import type { Probe, TaskStore } from '#shared/ports/task-store.ts'
import { awaitReport, refresh } from './attempts.ts'
import { byNumber } from './claiming.ts'
import { keyOf, type MemoryDatabase, type SenderRow, type TaskRow } from './rows.ts'
import { changeTask, isBlocked, setOutcome, showStatus, wakeableAt, wakeOf } from './tasks.ts'

/** Turns expired leases into UNKNOWN, wakes what is due and was not woken for a while. */
export function relay(db: MemoryDatabase, limit: number): readonly Wake[] {
  endLeases(db, limit)
  const now = db.now()
  const patienceMs = db.waits.patienceSeconds * 1000
  const due: TaskRow[] = []
  const later: TaskRow[] = []
  for (const task of takeWakeable(db, now)) {
    const isHeld = task.type === 'MESSAGE_SEND' && isBlocked(task, { now, patienceMs })
    if (isHeld || wakeableAt(db, task) > now) later.push(task)
    else due.push(task)
  }
  const chosen = new Set(inTurns(db, due).slice(0, limit))
  for (const task of [...later, ...due]) {
    if (!chosen.has(task)) db.wakeable.push(wakeableAt(db, task), { task, entry: task.entry })
  }
  return [...chosen].map((task) => {
    changeTask(db, task, { wokenAt: now })
    return { ...wakeOf(task, now), inSeconds: 0 }
  })
}

function takeWakeable(db: MemoryDatabase, now: number): readonly TaskRow[] {
  const taken: TaskRow[] = []
  while ((db.wakeable.nextKey() ?? Number.POSITIVE_INFINITY) <= now) {
    const next = db.wakeable.pop()
    if (next !== undefined && next.entry === next.task.entry) taken.push(next.task)
  }
  return taken
}

/** No more per sender than its rate allows in a period; senders take turns. */
function inTurns(db: MemoryDatabase, due: readonly TaskRow[]): readonly TaskRow[] {
  const turns = new Map<SenderRow | undefined, number>()
  return due
    .toSorted((one, other) => one.dueAt - other.dueAt)
    .flatMap((task) => {
      const sender = task.type === 'MESSAGE_SEND' ? task.message.sender : undefined
      const turn = (turns.get(sender) ?? 0) + 1
      turns.set(sender, turn)
      const most = (sender?.ratePerSecond ?? Infinity) * db.waits.relayPeriodSeconds
      return turn <= Math.max(1, Math.round(most)) ? [{ task, turn }] : []
    })
    .sort((one, other) => one.turn - other.turn)
    .map(({ task }) => task)
}

function endLeases(db: MemoryDatabase, limit: number): void {
  const now = db.now()
  const expired: TaskRow[] = []
  while ((db.leased.nextKey() ?? Number.POSITIVE_INFINITY) < now && expired.length < limit) {
    const next = db.leased.pop()
    if (next !== undefined && next.entry === next.task.entry) expired.push(next.task)
  }
  for (const task of expired) endLease(db, task)
}

function endLease(db: MemoryDatabase, task: TaskRow): void {
  const { message } = task
  const attempt = message.attempts.find(({ number }) => number === task.fence)
  if (attempt !== undefined) awaitReport(db, attempt, 'lease-expired')
  // Nobody sends a wake-up for the check just planned; it is ours when it is due.
  const check = message.checkTask
  if (check?.state === 'PENDING' && (check.wokenAt ?? 0) > db.now()) {
    changeTask(db, check, { wokenAt: undefined })
  }
  // A report may have named the attempt while its lease ran out: nothing is left to do.
  if (task.state === 'CLAIMED') changeTask(db, task, { state: 'DONE', reason: 'reported' })
  refresh(db, message)
}

type Checked = Awaited<ReturnType<TaskStore['checkStatuses']>>

/** Ends the wait for reports of these checks. */
export function checkStatuses(db: MemoryDatabase, checks: readonly SendReference[]): Checked {
  const found = new Set<TaskRow>()
  for (const check of checks) {
    const task = db.tasks.get(keyOf(check.tenantId, check.taskId))
    if (task?.type === 'MESSAGE_STATUS_CHECK') found.add(task)
  }
  const wakes: Wake[] = []
  const probes: Probe[] = []
  const ordered = [...found].sort((a, b) => byNumber(a.message.messageId, b.message.messageId))
  for (const task of ordered) {
    const now = db.now()
    if (task.state !== 'PENDING' || task.dueAt > now) {
      wakes.push(...toldAgain(task, now))
      continue
    }
    const probe = task.message.status === 'SENT' ? probeOf(task) : undefined
    if (probe === undefined) {
      wakes.push(...endWait(db, task))
    } else {
      probes.push(probe)
      const againAt = now + db.waits.probeWaitSeconds * 1000
      changeTask(db, task, { isProbed: true, dueAt: againAt, wokenAt: againAt })
      wakes.push({ ...wakeOf(task, now), inSeconds: Math.min(900, wakeOf(task, now).inSeconds) })
    }
  }
  return { wakes, probes }
}

/** The first answer may have been lost: what it told to wake is told again. */
function toldAgain({ message: { sendTask } }: TaskRow, now: number): readonly Wake[] {
  return sendTask?.state === 'PENDING' && sendTask.reason === 'abandoned'
    ? [{ ...wakeOf(sendTask, now), inSeconds: 0 }]
    : []
}

function probeOf({ message, isProbed, tenantId }: TaskRow): Probe | undefined {
  const { sender } = message
  const known = message.attempts.findLast((attempt) => attempt.providerMessageId !== undefined)
  if (isProbed || sender?.historyProbe !== true || known?.providerMessageId === undefined) {
    return undefined
  }
  const { senderId, phoneNumberId, wabaId, secretName } = sender
  return {
    tenantId,
    senderId,
    providerMessageId: known.providerMessageId,
    sender: { phoneNumberId, wabaId, secretName },
  }
}

function endWait(db: MemoryDatabase, check: TaskRow): readonly Wake[] {
  const { message } = check
  const now = db.now()
  changeTask(db, check, { state: 'DONE' })
  if (message.status === 'SENT') {
    showStatus(db, message, { status: 'EXPIRED', reason: 'no-delivery-report' })
  }
  if (message.status !== 'UNKNOWN') return []
  const isOver = (message.expiresAt ?? 0) <= now
  if (message.deliveryPolicy === 'at-most-once' || isOver) {
    showStatus(db, message, { status: 'UNKNOWN', reason: 'unresolved' })
    return []
  }
  for (const attempt of message.attempts) {
    if (attempt.outcome === 'UNKNOWN') setOutcome(db, attempt, 'ABANDONED')
  }
  message.possibleDuplicate = true
  showStatus(db, message, { status: 'QUEUED', reason: 'abandoned' })
  if (message.sendTask === undefined) return []
  changeTask(db, message.sendTask, {
    state: 'PENDING',
    dueAt: now,
    wokenAt: now,
    slotAt: undefined,
    reason: 'abandoned',
  })
  return [{ ...wakeOf(message.sendTask, now), inSeconds: 0 }]
}

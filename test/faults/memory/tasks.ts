import type { MessageStatus } from '#shared/domain/message.ts'
import type { Wake } from '#shared/ports/task-queue.ts'
import type { ChatRow, MemoryDatabase, MessageRow, TaskRow } from './rows.ts'
import { type AttemptOutcome, type AttemptRow, keyOf } from './rows.ts'

/** The longest delay of an SQS message. */
export const longestDelayMs = 900_000

type Changes<T> = { -readonly [K in keyof T]?: T[K] }

/** Changes a task and keeps the indices on its state and times right. */
export function changeTask(db: MemoryDatabase, task: TaskRow, changes: Changes<TaskRow>): void {
  const wasOpen = isOpen(task)
  Object.assign(task, changes)
  task.entry += 1
  if (task.state === 'PENDING') {
    db.wakeable.push(wakeableAt(db, task), { task, entry: task.entry })
  } else if (task.state === 'CLAIMED') {
    db.leased.push(task.leaseUntil, { task, entry: task.entry })
  }
  if (task.type === 'MESSAGE_SEND' && wasOpen !== isOpen(task)) moveInLane(task)
}

/** When the relay may wake it: once it is due and was not woken for a while. */
export function wakeableAt(db: MemoryDatabase, { dueAt, wokenAt }: TaskRow): number {
  if (wokenAt === undefined) return dueAt
  return Math.max(dueAt, wokenAt + db.waits.staleSeconds * 1000)
}

export function isOpen(task: TaskRow): boolean {
  return task.state === 'PENDING' || task.state === 'CLAIMED'
}

export function addTask(
  db: MemoryDatabase,
  message: MessageRow,
  task: Pick<TaskRow, 'type' | 'plannedAt' | 'dueAt' | 'wokenAt'>,
): TaskRow {
  const added: TaskRow = {
    ...task,
    tenantId: message.tenantId,
    taskId: db.nextId(),
    message,
    state: 'DONE',
    claimToken: undefined,
    leaseUntil: 0,
    fence: 0,
    attempts: 0,
    firstAttemptAt: undefined,
    slotAt: undefined,
    reason: undefined,
    isProbed: false,
    isVariant: false,
    entry: 0,
  }
  db.tasks.set(keyOf(added.tenantId, added.taskId), added)
  if (task.type === 'MESSAGE_SEND') message.sendTask = added
  else message.checkTask = added
  changeTask(db, added, { state: 'PENDING' })
  return added
}

function moveInLane(task: TaskRow): void {
  const lane = laneOf(task)
  if (!isOpen(task)) {
    lane.splice(lane.indexOf(task), 1)
    return
  }
  let at = lane.length
  while (at > 0 && (lane[at - 1]?.message.sequence ?? 0) > task.message.sequence) at -= 1
  lane.splice(at, 0, task)
}

export function laneOf({ message }: TaskRow): TaskRow[] {
  const known = message.chat.lanes.get(message.channel)
  if (known !== undefined) return known
  const lane: TaskRow[] = []
  message.chat.lanes.set(message.channel, lane)
  return lane
}

/** Whether an earlier send of the lane, besides these, holds this one up. */
export function isBlocked(
  task: TaskRow,
  { now, patienceMs, besides }: { now: number; patienceMs: number; besides?: Set<TaskRow> },
): boolean {
  for (const earlier of laneOf(task)) {
    if (earlier.message.sequence >= task.message.sequence) return false
    if (besides?.has(earlier) === true) continue
    if (holdsUp(earlier, now, patienceMs)) return true
  }
  return false
}

function holdsUp(task: TaskRow, now: number, patienceMs: number): boolean {
  if (task.state === 'CLAIMED') return true
  const isPlannedNow = (task.plannedAt ?? task.dueAt) <= now
  return (
    isPlannedNow && (task.firstAttemptAt === undefined || task.firstAttemptAt > now - patienceMs)
  )
}

/** The send of a lane that may go next and is due. */
export function laneHead(
  chat: ChatRow,
  channel: MessageRow['channel'],
  { now, patienceMs }: { now: number; patienceMs: number },
): TaskRow | undefined {
  return chat.lanes
    .get(channel)
    ?.find(
      (task) =>
        task.state === 'PENDING' && task.dueAt <= now && !isBlocked(task, { now, patienceMs }),
    )
}

export function wakeOf(task: TaskRow, now: number): Wake {
  const { type, tenantId, taskId, dueAt } = task
  return { type, tenantId, taskId, inSeconds: Math.max(0, Math.ceil((dueAt - now) / 1000)) }
}

export function showStatus(
  db: MemoryDatabase,
  message: MessageRow,
  shown: { status: MessageStatus; reason?: string | undefined; reasonCode?: number | undefined },
): void {
  const from = message.status
  message.status = shown.status
  message.reason = shown.reason
  message.reasonCode = shown.reasonCode
  message.statusAt = db.now()
  db.audit.status(message, from)
}

export function setOutcome(db: MemoryDatabase, attempt: AttemptRow, outcome: AttemptOutcome): void {
  const from = attempt.outcome
  attempt.outcome = outcome
  db.audit.outcome(attempt, from)
}

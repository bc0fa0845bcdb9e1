import type { MessageStore, OpenedBreaker, SettledSend } from '#shared/ports/message-store.ts'
import type { Wake } from '#shared/ports/task-queue.ts'
import { awaitReport, matchReports, refresh } from './attempts.ts'
import { sendTasks } from './claiming.ts'
import { recordOptOut } from './opt-outs.ts'
import { bookHealth } from './pacing.ts'
import { addIdentity } from './people.ts'
import { type AttemptRow, keyOf, type MemoryDatabase, type TaskRow } from './rows.ts'
import { changeTask, laneHead, longestDelayMs, setOutcome, showStatus, wakeOf } from './tasks.ts'

type Settled = Awaited<ReturnType<MessageStore['settle']>>

/** Books the outcomes; evidence stays on its attempt, the task moves only under its own fence. */
export function settleSends(db: MemoryDatabase, sends: readonly SettledSend[]): Settled {
  const asked = sendTasks(db, sends)
  const settled = asked.map(({ task, send }) => ({ task, send, isNews: settleOne(db, task, send) }))
  const openedBreakers: OpenedBreaker[] = []
  for (const { task, send, isNews } of settled) {
    // A settlement that is repeated counts no second time.
    const counts = isNews || send.settlement.health === 'ok'
    if (!counts || !bookHealth(db, task.message, send.settlement)) continue
    const { reason, code } = send.settlement
    const senderId = task.message.sender?.senderId ?? ''
    openedBreakers.push({ tenantId: send.tenantId, senderId, reason, code })
  }
  const wakes = [...wakeNext(db, asked), ...checkWakes(db, asked)]
  return { wakes, openedBreakers }
}

/** Whether the attempt was resolved by this very settlement. */
function settleOne(db: MemoryDatabase, task: TaskRow, send: SettledSend): boolean {
  const { settlement } = send
  const { message } = task
  const attempt = db.attempts.get(keyOf(send.tenantId, send.attemptId))
  const open = settlement.outcome === 'UNKNOWN' ? ['CALLING'] : unresolved
  const isNews = attempt !== undefined && open.includes(attempt.outcome)
  if (attempt !== undefined) {
    if (settlement.outcome === 'UNKNOWN') awaitReport(db, attempt, settlement.reason ?? '')
    else bookOutcome(db, attempt, send)
    if (task.fence === Number(send.fence)) moveOn(db, task, { attempt, send })
  }
  if (send.learnedPhone !== undefined) {
    addIdentity(db, message.contact, { kind: 'phone', value: send.learnedPhone })
  }
  if (settlement.reason === 'marketing-stopped')
    recordOptOut(message.contact, 'MARKETING', db.now())
  if (settlement.held === true) message.held = true
  refresh(db, message)
  return isNews
}

const unresolved: readonly string[] = ['CALLING', 'UNKNOWN', 'ABANDONED']

function bookOutcome(db: MemoryDatabase, attempt: AttemptRow, { settlement }: SettledSend): void {
  if (unresolved.includes(attempt.outcome)) {
    setOutcome(db, attempt, settlement.outcome)
    attempt.resolvedAt = db.now()
    attempt.reason = settlement.reason
    attempt.reasonCode = settlement.code
    takeProviderId(db, attempt, settlement.providerMessageId)
  }
  matchReports(db, attempt)
}

/** An id that another attempt already carries is not taken twice. */
function takeProviderId(
  db: MemoryDatabase,
  attempt: AttemptRow,
  providerMessageId: string | undefined,
): void {
  const { tenantId, channel } = attempt.message
  const key = keyOf(tenantId, channel, providerMessageId)
  if (providerMessageId === undefined) return
  const owner = db.attemptsByProviderId.get(key)
  if (owner !== undefined && owner !== attempt) return
  attempt.providerMessageId = providerMessageId
  db.attemptsByProviderId.set(key, attempt)
}

function moveOn(
  db: MemoryDatabase,
  task: TaskRow,
  { attempt, send }: { attempt: AttemptRow; send: SettledSend },
): void {
  const { settlement } = send
  const isRefused = attempt.outcome === 'REJECTED' || attempt.outcome === 'NOT_CALLED'
  if (isRefused && settlement.retryInSeconds !== undefined) {
    retryLater(db, task, send)
  } else if (isRefused || attempt.outcome === 'ACCEPTED') {
    if (task.state === 'CLAIMED' || task.state === 'PENDING') {
      changeTask(db, task, { state: 'DONE', reason: settlement.reason })
    }
  }
}

function retryLater(db: MemoryDatabase, task: TaskRow, { settlement }: SettledSend): void {
  const { message } = task
  const { reason, code } = settlement
  if (task.state === 'CLAIMED' || (task.state === 'DONE' && task.reason === 'unknown')) {
    const isNotCalled = settlement.outcome === 'NOT_CALLED'
    const isUncounted = isNotCalled || settlement.health === 'broken'
    changeTask(db, task, {
      state: 'PENDING',
      reason,
      attempts: task.attempts - (isUncounted ? 1 : 0),
      firstAttemptAt: isNotCalled && task.attempts <= 1 ? undefined : task.firstAttemptAt,
      dueAt: retryAt(db, task, settlement.retryInSeconds),
    })
  }
  if (message.status === 'SENDING' || message.status === 'UNKNOWN') {
    showStatus(db, message, { status: 'QUEUED', reason, reasonCode: code })
  }
}

/** Not past its time: what is over is to be seen as over. */
function retryAt(db: MemoryDatabase, { message }: TaskRow, seconds = 0): number {
  return Math.min(db.now() + seconds * 1000, message.expiresAt ?? Number.POSITIVE_INFINITY)
}

type Asked = readonly { readonly task: TaskRow }[]

/** New heads of the lanes and the batch's own retries. */
function wakeNext(db: MemoryDatabase, asked: Asked): readonly Wake[] {
  const now = db.now()
  const patienceMs = db.waits.patienceSeconds * 1000
  const next = new Set<TaskRow>()
  for (const { task } of asked) {
    const { chat, channel } = task.message
    const head = laneHead(chat, channel, { now, patienceMs })
    if (head !== undefined) next.add(head)
    if (task.state === 'PENDING' && task.dueAt <= now + longestDelayMs) next.add(task)
  }
  return [...next].map((task) => {
    changeTask(db, task, { wokenAt: Math.max(task.dueAt, now) })
    return wakeOf(task, now)
  })
}

function checkWakes(db: MemoryDatabase, asked: Asked): readonly Wake[] {
  const now = db.now()
  return asked.flatMap(({ task }) => {
    const check = task.message.checkTask
    const isDue =
      check?.state === 'PENDING' &&
      check.wokenAt !== undefined &&
      check.dueAt <= now + longestDelayMs
    return isDue ? [wakeOf(check, now)] : []
  })
}

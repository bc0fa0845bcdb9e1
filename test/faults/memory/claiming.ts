import { otherSpelling } from '#shared/domain/phone.ts'
import type {
  ClaimedSend,
  EndedSend,
  HeldSend,
  MessageStore,
  SendReference,
} from '#shared/ports/message-store.ts'
import type { Wake } from '#shared/ports/task-queue.ts'
import { admit, countPairSend } from './pacing.ts'
import { addressOf } from './people.ts'
import {
  type AttemptRow,
  keyOf,
  type MemoryDatabase,
  type MessageRow,
  type TaskRow,
} from './rows.ts'
import { judge } from './rules.ts'
import {
  changeTask,
  isBlocked,
  laneHead,
  laneOf,
  longestDelayMs,
  showStatus,
  wakeOf,
} from './tasks.ts'

/** The send tasks that a batch asks for, each once, in the order in which their rows are locked. */
export function sendTasks<T extends SendReference>(
  db: MemoryDatabase,
  sends: readonly T[],
): readonly { readonly task: TaskRow; readonly send: T }[] {
  const found = new Map<TaskRow, T>()
  for (const send of sends) {
    const task = db.tasks.get(keyOf(send.tenantId, send.taskId))
    if (task?.type === 'MESSAGE_SEND' && !found.has(task)) found.set(task, send)
  }
  return [...found]
    .map(([task, send]) => ({ task, send }))
    .sort((one, other) => byNumber(one.task.message.messageId, other.task.message.messageId))
}

export function byNumber(one: string, other: string): number {
  return Number(one) - Number(other)
}

function byLane({ task: one }: { task: TaskRow }, { task: other }: { task: TaskRow }): number {
  return (
    byNumber(one.tenantId, other.tenantId) ||
    byNumber(one.message.chat.chatId, other.message.chat.chatId) ||
    one.message.sequence - other.message.sequence
  )
}

type Claim = Awaited<ReturnType<MessageStore['claim']>>
type ClaimRequest = Parameters<MessageStore['claim']>[0]

/** Claims what may go: state, lease, fence and a new attempt each. */
export function claimSends(db: MemoryDatabase, request: ClaimRequest): Claim {
  const asked = sendTasks(db, request.sends)
  endExpired(db, asked)
  const wakes: Wake[] = []
  const ended: EndedSend[] = []
  const heldLanes = new Set<TaskRow[]>()
  const held: HeldSend[] = []
  for (const { task, send } of whatMayGo(db, asked)) {
    if (heldLanes.has(laneOf(task))) continue
    const refusal = judge(db, task.message)
    if (refusal !== undefined) {
      endUnsent(db, task, refusal)
      ended.push({ tenantId: task.tenantId, taskId: task.taskId, reason: refusal })
      continue
    }
    const admission = admit(db, task)
    if (admission === undefined) {
      claimOne(db, task, { attemptId: send.attemptId, claimToken: request.claimToken })
    } else {
      heldLanes.add(laneOf(task))
      held.push({ tenantId: task.tenantId, taskId: task.taskId, reason: admission.why })
      wakes.push(...holdBack(db, task, admission))
    }
  }
  const claimed = asked.filter(
    ({ task }) => task.state === 'CLAIMED' && task.claimToken === request.claimToken,
  )
  wakes.push(...freedBy(db, asked))
  const sends = claimed.sort(byLane).flatMap(({ task }) => claimedSend(db, task))
  return { sends, wakes, held, ended }
}

type Asked = readonly { readonly task: TaskRow; readonly send: ClaimRequest['sends'][number] }[]

function endExpired(db: MemoryDatabase, asked: Asked): void {
  for (const { task } of asked) {
    const { expiresAt } = task.message
    const isOver = expiresAt !== undefined && expiresAt <= db.now()
    if (task.state === 'PENDING' && isOver) endUnsent(db, task, 'expired')
  }
}

/** Whom the ends have set free. */
function freedBy(db: MemoryDatabase, asked: Asked): readonly Wake[] {
  const now = db.now()
  const patienceMs = db.waits.patienceSeconds * 1000
  const ended = asked.filter(
    ({ task: { state, message } }) =>
      state === 'DONE' && (message.status === 'FAILED' || message.reason === 'unresolved'),
  )
  const heads = ended.map(({ task }) =>
    laneHead(task.message.chat, task.message.channel, { now, patienceMs }),
  )
  return [...new Set(heads)].flatMap((head) =>
    head === undefined ? [] : [{ ...wakeOf(head, now), inSeconds: 0 }],
  )
}

function whatMayGo(db: MemoryDatabase, asked: Asked): Asked {
  const now = db.now()
  const candidates = asked.filter(({ task }) => task.state === 'PENDING' && task.dueAt <= now)
  const besides = new Set(candidates.map(({ task }) => task))
  const patienceMs = db.waits.patienceSeconds * 1000
  return candidates
    .filter(({ task }) => !isBlocked(task, { now, patienceMs, besides }))
    .sort(byLane)
}

/** FAILED, or UNKNOWN for good when an attempt may have arrived. */
function endUnsent(db: MemoryDatabase, task: TaskRow, reason: string): void {
  const { message } = task
  changeTask(db, task, { state: 'DONE', reason })
  const isUnsure = message.attempts.some(({ outcome }) =>
    ['ABANDONED', 'UNKNOWN'].includes(outcome),
  )
  showStatus(
    db,
    message,
    isUnsure ? { status: 'UNKNOWN', reason: 'unresolved' } : { status: 'FAILED', reason },
  )
}

function holdBack(
  db: MemoryDatabase,
  task: TaskRow,
  { comeBackAt, why }: { comeBackAt: number; why: string },
): readonly Wake[] {
  const now = db.now()
  const dueAt = Math.min(comeBackAt, task.message.expiresAt ?? comeBackAt)
  const isSoon = dueAt <= now + longestDelayMs
  changeTask(db, task, {
    reason: why,
    slotAt: why === 'breaker-open' || why === 'throughput' ? comeBackAt : task.slotAt,
    dueAt,
    wokenAt: isSoon ? dueAt : undefined,
  })
  return isSoon ? [wakeOf(task, now)] : []
}

function claimOne(
  db: MemoryDatabase,
  task: TaskRow,
  { attemptId, claimToken }: { attemptId: string; claimToken: string },
): void {
  const now = db.now()
  const { message } = task
  changeTask(db, task, {
    state: 'CLAIMED',
    claimToken,
    fence: task.fence + 1,
    attempts: task.attempts + 1,
    firstAttemptAt: task.firstAttemptAt ?? now,
    leaseUntil: now + db.waits.leaseSeconds * 1000,
    slotAt: undefined,
    reason: undefined,
  })
  const attempt: AttemptRow = {
    attemptId,
    message,
    number: task.fence,
    outcome: 'CALLING',
    providerMessageId: undefined,
    reportedStatus: undefined,
    reason: undefined,
    reasonCode: undefined,
    claimedAt: now,
    resolvedAt: undefined,
  }
  message.attempts.push(attempt)
  db.attempts.set(keyOf(message.tenantId, attemptId), attempt)
  db.audit.outcome(attempt, undefined)
  message.outOfOrder ||= laneOf(task).some(
    (earlier) =>
      earlier.message.sequence < message.sequence &&
      earlier.state === 'PENDING' &&
      earlier.firstAttemptAt !== undefined,
  )
  showStatus(db, message, { status: 'SENDING' })
  countPairSend(db, message)
}

function claimedSend(db: MemoryDatabase, task: TaskRow): readonly ClaimedSend[] {
  const { message } = task
  const attempt = message.attempts.find(({ number }) => number === task.fence)
  const address = addressOf(message.contact)
  const { sender } = message
  if (attempt === undefined || sender === undefined) return []
  return [
    {
      tenantId: task.tenantId,
      taskId: task.taskId,
      attemptId: attempt.attemptId,
      fence: String(task.fence),
      attempts: task.attempts,
      messageId: message.messageId,
      chatId: message.chat.chatId,
      // Mails stay outside of these lives.
      channel: 'WHATSAPP',
      // Without an address there is nobody left to send it to.
      content: address && message.content,
      recipient:
        address?.kind === 'phone'
          ? { phone: (task.isVariant ? otherSpelling(address.value) : undefined) ?? address.value }
          : { userId: address?.value ?? '' },
      sender: { phoneNumberId: sender.phoneNumberId, secretName: sender.secretName },
      replyTo: providerIdOf(db, message),
      media: [],
    },
  ]
}

/** Of the message that this one answers. */
function providerIdOf(
  db: MemoryDatabase,
  { tenantId, replyToMessageId }: MessageRow,
): string | undefined {
  const answered = db.messages.get(keyOf(tenantId, replyToMessageId))
  const accepted = answered?.attempts.findLast(
    ({ outcome, providerMessageId }) => outcome === 'ACCEPTED' && providerMessageId !== undefined,
  )
  return answered?.providerMessageId ?? accepted?.providerMessageId
}

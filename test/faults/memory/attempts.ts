import type { ReportedStatus } from '#shared/domain/channel-event.ts'
import { takeRefusal } from './opt-outs.ts'
import { type AttemptRow, keyOf, type MemoryDatabase, type MessageRow } from './rows.ts'
import { takeAnotherWay } from './rules.ts'
import { addTask, changeTask, isOpen, longestDelayMs, setOutcome, showStatus } from './tasks.ts'

const ranks: Readonly<Record<ReportedStatus, number>> = {
  SENT: 1,
  FAILED: 2,
  DELIVERED: 3,
  READ: 4,
}

export function rankOf(status: ReportedStatus | undefined): number {
  return status === undefined ? 0 : ranks[status]
}

/** An attempt whose answer was lost: UNKNOWN with a check planned, unless a report knows more. */
export function awaitReport(db: MemoryDatabase, attempt: AttemptRow, why: string): void {
  if (attempt.outcome !== 'CALLING') return
  const { message } = attempt
  const now = db.now()
  setOutcome(db, attempt, 'UNKNOWN')
  attempt.reason = why
  attempt.resolvedAt = now
  if (message.sendTask?.state === 'CLAIMED') {
    changeTask(db, message.sendTask, { state: 'DONE', reason: 'unknown' })
  }
  if (message.status !== 'SENDING') return
  showStatus(db, message, { status: 'UNKNOWN', reason: why })
  const waitMs = db.waits.reportWaitSeconds * 1000
  planCheck(db, message, {
    dueAt: now + waitMs,
    wokenAt: waitMs <= longestDelayMs ? now + waitMs : undefined,
  })
}

function planCheck(
  db: MemoryDatabase,
  message: MessageRow,
  times: { dueAt: number; wokenAt: number | undefined; plannedAt?: number },
): void {
  if (message.checkTask === undefined) {
    addTask(db, message, { type: 'MESSAGE_STATUS_CHECK', plannedAt: undefined, ...times })
  } else {
    changeTask(db, message.checkTask, { state: 'PENDING', reason: undefined, ...times })
  }
}

/** Plans the check of a message that shows SENT, ends the one that is needed no more. */
function awaitDelivery(db: MemoryDatabase, message: MessageRow): void {
  if (message.status === 'SENT') {
    const dueAt = db.now() + message.reportTtlSeconds * 1000
    planCheck(db, message, { dueAt, wokenAt: undefined, plannedAt: dueAt })
  } else if (message.checkTask?.state === 'PENDING') {
    changeTask(db, message.checkTask, { state: 'DONE', reason: 'reported' })
  }
}

function storyOf(attempt: AttemptRow): ReportedStatus | undefined {
  if (attempt.reportedStatus !== undefined) return attempt.reportedStatus
  if (attempt.outcome === 'ACCEPTED') return 'SENT'
  return attempt.outcome === 'REJECTED' ? 'FAILED' : undefined
}

/** What a message shows, from the story of its attempts. */
export function refresh(db: MemoryDatabase, message: MessageRow): void {
  const arrived = message.attempts
    .map(storyOf)
    .filter((story) => story !== undefined && story !== 'FAILED')
    .sort((one, other) => rankOf(other) - rankOf(one))[0]
  if (arrived !== undefined) showArrived(db, message, arrived)
  else if (message.sendTask !== undefined && isOpen(message.sendTask)) return
  else if (message.attempts.some(isUndecided)) showUnresolved(db, message, ['SENT'])
  else showFailure(db, message)
}

function showArrived(db: MemoryDatabase, message: MessageRow, status: ReportedStatus): void {
  const isDouble = message.attempts.filter(isTaken).length > 1
  const isNews = message.status !== status || (isDouble && !message.possibleDuplicate)
  if (isNews && !(message.status === 'EXPIRED' && status === 'SENT')) {
    message.possibleDuplicate ||= isDouble
    showStatus(db, message, { status })
    awaitDelivery(db, message)
  }
  if (message.sendTask?.state === 'PENDING') {
    changeTask(db, message.sendTask, { state: 'DONE', reason: 'reported' })
  }
}

function isTaken(attempt: AttemptRow): boolean {
  return attempt.outcome === 'ACCEPTED' && storyOf(attempt) !== 'FAILED'
}

const ongoing: readonly MessageRow['status'][] = ['QUEUED', 'SENDING', 'SENT', 'UNKNOWN']

function isUndecided(attempt: AttemptRow): boolean {
  const isWaiting = attempt.outcome === 'CALLING' || attempt.outcome === 'UNKNOWN'
  return isWaiting && storyOf(attempt) === undefined
}

/** An attempt of which nobody tells more may have arrived: not all failed. */
function showUnresolved(
  db: MemoryDatabase,
  message: MessageRow,
  shown: readonly MessageRow['status'][],
): void {
  if (!shown.includes(message.status) || message.reason === 'unresolved') return
  showStatus(db, message, { status: 'UNKNOWN', reason: 'unresolved' })
  awaitDelivery(db, message)
}

function showFailure(db: MemoryDatabase, message: MessageRow): void {
  if (message.attempts.some(({ outcome }) => outcome === 'ABANDONED')) {
    showUnresolved(db, message, ongoing)
    return
  }
  const failed = message.attempts.findLast(
    ({ reportedStatus, outcome }) =>
      reportedStatus === 'FAILED' || outcome === 'REJECTED' || outcome === 'NOT_CALLED',
  )
  if (failed === undefined || goesAnotherWay(db, message, failed)) return
  // Late truth wins: what was given up for want of reports has failed.
  if ([...ongoing, 'EXPIRED'].includes(message.status)) {
    showStatus(db, message, {
      status: 'FAILED',
      reason: failed.reason,
      reasonCode: failed.reasonCode,
    })
  }
  awaitDelivery(db, message)
}

/** The send is due again, under a new fence: a repeated settlement cannot end it. */
function goesAnotherWay(db: MemoryDatabase, message: MessageRow, { reason }: AttemptRow): boolean {
  const task = message.sendTask
  if (task === undefined || !takeAnotherWay(db, message, reason)) return false
  changeTask(db, task, {
    state: 'PENDING',
    fence: task.fence + 1,
    dueAt: db.now(),
    wokenAt: undefined,
    slotAt: undefined,
    reason,
  })
  showStatus(db, message, { status: 'QUEUED', reason })
  awaitDelivery(db, message)
  return true
}

/** Gives an attempt the reports that name its provider message id and waited. */
export function matchReports(db: MemoryDatabase, attempt: AttemptRow): void {
  if (attempt.providerMessageId === undefined) return
  const { tenantId, channel } = attempt.message
  const named = db.reportsByProviderId.get(keyOf(tenantId, channel, attempt.providerMessageId))
  for (const report of named ?? []) {
    report.message ??= attempt.message
    takeRefusal(report)
    if (rankOf(report.status) <= rankOf(attempt.reportedStatus)) continue
    attempt.reportedStatus = report.status
    attempt.reason = report.status === 'FAILED' ? report.reason : undefined
    attempt.reasonCode = report.status === 'FAILED' ? report.reasonCode : undefined
  }
}

import { createHash } from 'node:crypto'
import {
  type Applied,
  ItemRefused,
  type ParkedItem,
  type RoutedEcho,
  type RoutedEvent,
  type RoutedInbound,
  type RoutedNews,
  type RoutedPreference,
  type RoutedReport,
} from '#shared/ports/event-store.ts'
import { rankOf, refresh } from './attempts.ts'
import { recordOptOut, restoreOptOut, takeRefusal } from './opt-outs.ts'
import { holderOf, identitiesOf } from './people.ts'
import { type AttemptRow, keyOf, type MemoryDatabase, type ReportRow } from './rows.ts'
import { setOutcome } from './tasks.ts'
import { storeEcho, storeInbound } from './writing.ts'

interface Batch {
  readonly events: readonly RoutedEvent[]
  readonly news?: readonly RoutedNews[]
  readonly parked: readonly ParkedItem[]
}

/** Applies a batch: all of it or nothing. Throws ItemRefused for values that no row can hold. */
export function applyEvents(db: MemoryDatabase, { events, news, parked }: Batch): Applied {
  for (const { event } of events) checkValues(event)
  const written = events
    .filter((routed) => isInbound(routed) || isEcho(routed))
    .sort((one, other) => Date.parse(one.event.occurredAt) - Date.parse(other.event.occurredAt))
    .map((routed) => ({
      kind: routed.event.kind,
      wakes: isEcho(routed) ? storeEcho(db, routed) : storeInbound(db, routed),
    }))
    .filter(({ wakes }) => wakes !== undefined)
  for (const routed of events.filter(isPreference)) applyPreference(db, routed)
  const reports = events.filter(isReport)
  const told = (news ?? []).filter((item) => storeNews(db, item))
  return {
    inboundStored: written.filter(({ kind }) => kind === 'inbound').length,
    echoesStored: written.filter(({ kind }) => kind === 'echo').length,
    reportsStored: reports.filter((routed) => storeReport(db, routed)).length,
    newsStored: told.length,
    parkedStored: parked.filter((item) => park(db, item)).length,
    wakes: written.flatMap(({ wakes }) => wakes ?? []),
    alarming: told
      .filter(({ event: { severity } }) => severity !== 'info')
      .map(({ tenantId, event: { topic, severity, subject } }) => ({
        tenantId,
        topic,
        severity,
        subject,
      })),
  }
}

function isInbound(routed: RoutedEvent): routed is RoutedInbound {
  return routed.event.kind === 'inbound'
}

function isEcho(routed: RoutedEvent): routed is RoutedEcho {
  return routed.event.kind === 'echo'
}

function isPreference(routed: RoutedEvent): routed is RoutedPreference {
  return routed.event.kind === 'preference'
}

function isReport(routed: RoutedEvent): routed is RoutedReport {
  return routed.event.kind === 'status'
}

function applyPreference(db: MemoryDatabase, { tenantId, event }: RoutedPreference): void {
  const { channel, person, wants, occurredAt } = event
  const contact = holderOf(db, { tenantId, channel }, identitiesOf(person))
  if (contact === undefined) return
  const change = wants ? restoreOptOut : recordOptOut
  change(contact, 'MARKETING', Date.parse(occurredAt))
}

function storeNews(db: MemoryDatabase, { tenantId, event }: RoutedNews): boolean {
  const { topic, occurredAt, raw } = event
  const key = keyOf(tenantId, topic, occurredAt.slice(0, 10), JSON.stringify(raw))
  const isNew = !db.news.has(key)
  db.news.add(key)
  return isNew
}

function checkValues(event: RoutedEvent['event']): void {
  if (Number.isNaN(Date.parse(event.occurredAt))) throw new ItemRefused('22007')
  if (event.kind === 'preference') return
  const { providerMessageId } = event
  if (providerMessageId.length > 512) throw new ItemRefused('22001')
  if (providerMessageId.includes('\u0000')) throw new ItemRefused('22P05')
}

function park(db: MemoryDatabase, { tenantId, reason, raw }: ParkedItem): boolean {
  const hash = createHash('sha256')
    .update(`${reason}\n${JSON.stringify(raw)}`)
    .digest('base64')
  const key = keyOf(tenantId, hash)
  if (db.parked.has(key)) return false
  db.parked.set(key, { tenantId, reason })
  return true
}

function storeReport(db: MemoryDatabase, { tenantId, event }: RoutedReport): boolean {
  const { channel, providerMessageId, status, attemptId, failure, pricing } = event
  const key = keyOf(tenantId, channel, providerMessageId, status)
  if (db.reports.has(key)) return false
  const reason = failure?.reason ?? (status === 'FAILED' ? 'unknown-error' : undefined)
  const report: ReportRow = {
    tenantId,
    channel,
    providerMessageId,
    status,
    attemptId,
    reason,
    reasonCode: failure?.code,
    pricing,
    occurredAt: Date.parse(event.occurredAt),
    message: undefined,
  }
  db.reports.set(key, report)
  const named = keyOf(tenantId, channel, providerMessageId)
  const siblings = db.reportsByProviderId.get(named)
  if (siblings === undefined) db.reportsByProviderId.set(named, [report])
  else siblings.push(report)
  const attempt = attemptOf(db, report)
  if (attempt !== undefined) believe(db, attempt, report)
  return true
}

/** The attempt with the provider's id, else the echoed one while it has none of its own. */
function attemptOf(db: MemoryDatabase, report: ReportRow): AttemptRow | undefined {
  const { tenantId, channel, providerMessageId, attemptId } = report
  const known = db.attemptsByProviderId.get(keyOf(tenantId, channel, providerMessageId))
  if (known !== undefined) return known
  const echoed = attemptId === undefined ? undefined : db.attempts.get(keyOf(tenantId, attemptId))
  const isFree = echoed?.providerMessageId === undefined && echoed?.message.channel === channel
  return isFree ? echoed : undefined
}

/** A report proves that the provider took the attempt, whatever we thought of it. */
function believe(db: MemoryDatabase, attempt: AttemptRow, report: ReportRow): void {
  setOutcome(db, attempt, 'ACCEPTED')
  attempt.resolvedAt ??= db.now()
  attempt.providerMessageId = report.providerMessageId
  const { tenantId, channel } = report
  db.attemptsByProviderId.set(keyOf(tenantId, channel, report.providerMessageId), attempt)
  if (rankOf(report.status) > rankOf(attempt.reportedStatus)) {
    attempt.reportedStatus = report.status
    attempt.reason = report.reason
    attempt.reasonCode = report.reasonCode
  }
  report.message = attempt.message
  takeRefusal(report)
  refresh(db, attempt.message)
}

import { type Author, authorsOfMail } from '../domain/author.ts'
import { deploymentTenantId } from '../domain/deployment.ts'
import type { EmailNotice, MailReceipt, ReceivedNotice } from '../domain/email-notice.ts'
import type { InboundMail } from '../domain/inbound-mail.ts'
import { mailTrust } from '../domain/mail-trust.ts'
import type { Alerts } from '../ports/alerts.ts'
import type { EventSignal } from '../ports/event-signal.ts'
import { ItemRefused } from '../ports/event-store.ts'
import type { MailSource, MailStore, MailsStored, RoutedMail } from '../ports/mail-store.ts'
import type { RawMails } from '../ports/raw-mails.ts'
import type { TaskQueue } from '../ports/task-queue.ts'
import { type AttachParts, attach } from './attach-files.ts'
import { type MailRoute, type MailRoutes, routesOf } from './route-mail.ts'
import { routedMail } from './routed-mail.ts'

/** What SES takes in at most (facts: SES §9). */
const mostMailBytes = 40 * 1024 * 1024

export interface MailOutcome {
  readonly stored: number
  readonly copies: number
  readonly parked: number
  /** Notices of a queue that ask for nothing, such as SES's trial of its bucket. */
  readonly ignored: number
  /** Notices of raw mails that are not there any more: erased, or over. They are ignored. */
  readonly gone: number
  readonly woken: number
}

export interface ReceiveMailParts extends AttachParts {
  readonly readNotices: (body: string) => readonly EmailNotice[]
  /** Never rejects for what a mail holds. */
  readonly readMail: (raw: Uint8Array, receipt: MailReceipt) => Promise<InboundMail>
  readonly rawMails: RawMails
  readonly directory: MailRoutes
  readonly mails: MailStore
  readonly queue: TaskQueue
  readonly signal: EventSignal
  readonly alerts: Alerts
}

/**
 * Takes mails in by SES's notifications: reads the raw mail, finds whose it is, writes its attachments
 * into the bucket of files, then stores it in one database call. What nobody may see is parked with
 * its reason; the raw mail stays where it lies.
 */
export function makeReceiveMail(parts: ReceiveMailParts) {
  return async (bodies: readonly string[]): Promise<MailOutcome> => {
    let total: MailOutcome = { stored: 0, copies: 0, parked: 0, ignored: 0, gone: 0, woken: 0 }
    const unknown: string[] = []
    const told = bodies.flatMap((body) =>
      parts.readNotices(body).map((notice) => ({ body, notice })),
    )
    for (const { body, notice } of told) {
      const taken = await take(parts, body, notice)
      if (typeof taken === 'string') {
        total = { ...total, [taken]: total[taken] + 1 }
        continue
      }
      const { stored, copies, parked, wakes } = taken
      unknown.push(...(taken.unknown ?? []))
      if (wakes.length > 0) await parts.queue.wake(wakes)
      total = {
        ...total,
        stored: total.stored + stored,
        copies: total.copies + copies,
        parked: total.parked + parked,
        woken: total.woken + wakes.length,
      }
    }
    tellUnknown(parts, unknown)
    return total
  }
}

/** Those of nobody and those that SES did not bring, once a batch. */
function tellUnknown({ alerts }: ReceiveMailParts, reasons: readonly string[]): void {
  for (const [reason, items] of Map.groupBy(reasons, (each) => each)) {
    alerts.raise('SenderUnknown', { channel: 'EMAIL', reason, items: items.length })
  }
}

type Taken = MailsStored & {
  /** Why nobody here was meant. */
  readonly unknown?: readonly string[]
}

/** What has nothing to take: it asks for nothing, or the raw mail is gone. */
type Left = 'ignored' | 'gone'

async function take(
  parts: ReceiveMailParts,
  body: string,
  notice: EmailNotice,
): Promise<Taken | Left> {
  if (notice.kind === 'received') return receive(parts, notice)
  if (notice.kind !== 'ignored') return 'ignored'
  // A mail may be behind it: the queue's DLQ tells somebody.
  if (notice.reason === 'malformed') throw new Error('the notice of a mail is malformed')
  return notice.reason === 'topic-unknown' ? parkUnknown(parts, notice.reason, body) : 'ignored'
}

async function parkUnknown(
  parts: ReceiveMailParts,
  reason: string,
  source: MailSource | string,
): Promise<Taken> {
  return { ...(await park(parts, reason, { source })), unknown: [reason] }
}

async function receive(parts: ReceiveMailParts, notice: ReceivedNotice): Promise<Taken | 'gone'> {
  const { kind: _, ...source } = notice
  const { receipt, bucket, objectKey } = source
  if (bucket !== parts.rawMails.bucket) return park(parts, 'bucket-unknown', { source })
  const { verdicts, recipients } = receipt
  if (verdicts.virus === 'FAIL') {
    const routes = await routesOf(parts.directory, recipients, [])
    return park(parts, 'virus', { source, routes })
  }
  const raw = await parts.rawMails.read(objectKey, mostMailBytes)
  // Nothing of it is kept: an erasure took it, and this is a copy of what told of it.
  if (raw === 'gone') return raw
  if (raw === 'too-large') return park(parts, 'too-large', { source })
  const mail = await parts.readMail(raw, receipt)
  const routes = await routesOf(parts.directory, mail.recipients, mail.references)
  if (routes.length === 0) return parkUnknown(parts, 'sender-unknown', source)
  const { guard } = mailTrust(mail.verdicts)
  if (guard !== undefined && routes.every(({ tokens }) => tokens.length === 0)) {
    return park(parts, guard, { source, routes, mail })
  }
  const mails: RoutedMail[] = []
  for (const route of routes) {
    const files = await attach(parts, route.tenant.tenantId, mail.attachments)
    mails.push(routedMail(mail, { route, source, files }))
  }
  return storeOrPark(parts, { source, routes, mail, mails })
}

interface RoutedSource {
  readonly source: MailSource
  readonly routes: readonly MailRoute[]
  readonly mail: InboundMail
}

async function storeOrPark(
  parts: ReceiveMailParts,
  { mails, ...routed }: RoutedSource & { readonly mails: readonly RoutedMail[] },
): Promise<MailsStored> {
  try {
    const stored = await parts.mails.store({ mails, parked: [] })
    await parts.signal.signal(routed.routes.map(({ tenant }) => tenant.tenantId))
    return stored
  } catch (error) {
    if (!(error instanceof ItemRefused)) throw error
    return park(parts, `refused-${error.sqlState.toLowerCase()}`, routed)
  }
}

/** Where it lies, with each of its tenants, or with the deployment when it has none. */
function park(
  { mails }: ReceiveMailParts,
  reason: string,
  {
    source,
    ...routed
  }: Partial<Omit<RoutedSource, 'source'>> & { readonly source: MailSource | string },
): Promise<MailsStored> {
  const { routes = [], mail } = routed
  const authors: readonly Author[] =
    typeof source === 'string' ? [] : authorsOfMail(source.receipt, mail?.from)
  const owned = routes.map(({ tenant }) => ({ tenantId: tenant.tenantId, reason, source, authors }))
  return mails.store({
    mails: [],
    parked: owned.length === 0 ? [{ tenantId: deploymentTenantId, reason, source }] : owned,
  })
}

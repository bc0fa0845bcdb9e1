import { deploymentTenantId } from '../domain/deployment.ts'
import type { EmailNotice } from '../domain/email-notice.ts'
import type { Alerts } from '../ports/alerts.ts'
import type { Directory } from '../ports/directory.ts'
import type { EventSignal } from '../ports/event-signal.ts'
import type { ItemRefused, ParkedItem } from '../ports/event-store.ts'
import type { AppliedNotices, MailNoticeStore, RoutedNotice } from '../ports/mail-notice-store.ts'
import { applyOrHalve, batchesOf } from './item-batches.ts'

/** A notice, and the body that told it. */
export interface ToldNotice {
  readonly body: string
  readonly notice: EmailNotice
}

export interface MailNoticesOutcome {
  readonly notices: number
  readonly noticesStored: number
  readonly addressesSuppressed: number
  readonly parkedStored: number
  readonly tenantsPaused: number
}

export interface ApplyNoticesParts {
  readonly notices: MailNoticeStore
  readonly directory: Pick<Directory, 'tenant'>
  readonly signal: EventSignal
  readonly alerts: Alerts
}

/** One notice with what is to be stored of it: one of the two, or nothing. */
interface RoutedBody {
  readonly raw: string
  readonly routed: RoutedNotice | undefined
  readonly parked: ParkedItem | undefined
}

/** Told while topics are set up, or of what is not ours to keep. */
const harmless: readonly string[] = ['not-json', 'subscription-confirmation', 'setup-object']

/**
 * Applies what a mail provider told, up to 1,000 notices in one database call. What cannot be read,
 * names no tenant of ours or is refused by the database is parked with its reason; the rest is applied.
 */
export function makeApplyMailNotices(parts: ApplyNoticesParts) {
  return async (told: readonly ToldNotice[]): Promise<MailNoticesOutcome> => {
    const routed = await Promise.all(told.map((each) => route(parts.directory, each)))
    tellUnknown(parts, told)
    const kept = routed.filter((item) => item.routed !== undefined || item.parked !== undefined)
    let total = nothing
    for (const batch of batchesOf(kept)) {
      const applied = await applyOrHalve(batch, {
        apply: (items) => apply(parts.notices, items),
        refused: (item, error) => parkRefused(parts.notices, item, error),
        add,
      })
      await parts.signal.signal(batch.flatMap(({ routed }) => routed?.tenantId ?? []))
      for (const tenantId of applied.pausedTenantIds) {
        parts.alerts.raise('MailPaused', { tenantId, reason: 'bounce-rate' })
      }
      total = add(total, applied)
    }
    const { pausedTenantIds, ...counts } = total
    return { notices: told.length, ...counts, tenantsPaused: pausedTenantIds.length }
  }
}

const nothing: AppliedNotices = {
  noticesStored: 0,
  addressesSuppressed: 0,
  parkedStored: 0,
  pausedTenantIds: [],
}

/** Nobody but SES may tell us of mails. */
function tellUnknown({ alerts }: ApplyNoticesParts, told: readonly ToldNotice[]): void {
  const reason = 'topic-unknown'
  const items = told.filter(
    ({ notice }) => notice.kind === 'ignored' && notice.reason === reason,
  ).length
  if (items > 0) alerts.raise('SenderUnknown', { channel: 'EMAIL', reason, items })
}

async function route(
  directory: ApplyNoticesParts['directory'],
  { body, notice }: ToldNotice,
): Promise<RoutedBody> {
  if (notice.kind === 'ignored') {
    const parked = harmless.includes(notice.reason) ? undefined : park(body, notice.reason)
    return { raw: body, routed: undefined, parked }
  }
  if (notice.kind === 'received') return parkedBody(body, 'inbound-elsewhere')
  const tenantId = notice.tenantId
  if (tenantId === undefined || (await directory.tenant(tenantId)) === undefined) {
    return parkedBody(body, 'tenant-unknown')
  }
  return { raw: body, routed: { tenantId, notice }, parked: undefined }
}

function apply(store: MailNoticeStore, items: readonly RoutedBody[]): Promise<AppliedNotices> {
  return store.apply({
    notices: items.flatMap(({ routed }) => routed ?? []),
    parked: items.flatMap(({ parked }) => parked ?? []),
  })
}

function parkRefused(
  store: MailNoticeStore,
  { raw, routed }: RoutedBody,
  error: ItemRefused,
): Promise<AppliedNotices> {
  const parked = park(raw, `refused-${error.sqlState.toLowerCase()}`, routed)
  return store.apply({ notices: [], parked: [parked] })
}

function parkedBody(body: string, reason: string): RoutedBody {
  return { raw: body, routed: undefined, parked: park(body, reason) }
}

function park(raw: string, reason: string, routed?: RoutedNotice): ParkedItem {
  const recipient = routed?.notice.recipient
  return {
    tenantId: routed?.tenantId ?? deploymentTenantId,
    channel: 'EMAIL',
    reason,
    raw,
    authors: recipient === undefined ? [] : [{ kind: 'email', value: recipient }],
  }
}

function add(one: AppliedNotices, other: AppliedNotices): AppliedNotices {
  return {
    noticesStored: one.noticesStored + other.noticesStored,
    addressesSuppressed: one.addressesSuppressed + other.addressesSuppressed,
    parkedStored: one.parkedStored + other.parkedStored,
    pausedTenantIds: [...one.pausedTenantIds, ...other.pausedTenantIds],
  }
}

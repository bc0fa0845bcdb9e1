import type {
  AppliedNotices,
  MailNoticeStore,
  RoutedNotice,
} from '../../ports/mail-notice-store.ts'
import type { Randomness } from '../../ports/randomness.ts'
import type { Sealer, TenantSealer, TransitSealer } from '../../ports/sealer.ts'
import type { DataApi, Row } from './data-api.ts'
import { refuseItem } from './item-refusal.ts'
import { parkedInput } from './kept-inputs.ts'
import { number, text } from './row-values.ts'
import { base64 } from './sealed-cells.ts'
import { addressHash, sealAddress } from './suppression-store.ts'

type Notice = RoutedNotice['notice']

interface Parts {
  readonly database: DataApi
  readonly sealer: Sealer
  readonly transit: TransitSealer
  readonly randomness: Randomness
}

/** The road of mail notices in PostgreSQL: a batch is one call of `apply_mail_notices_v1`. */
export function makeMailNoticeStore(parts: Parts): MailNoticeStore {
  return {
    apply: async ({ notices, parked }) => {
      const input = {
        notices: await Promise.all(notices.map((routed) => noticeInput(parts, routed))),
        parked: await Promise.all(parked.map((item) => parkedInput(parts, item))),
      }
      const rows = await parts.database
        .query('select * from apply_mail_notices_v1(:input::jsonb)', {
          input: JSON.stringify(input),
        })
        .catch(refuseItem)
      return toApplied(rows)
    },
  }
}

async function noticeInput(
  { sealer: sealers, randomness }: Parts,
  { tenantId, notice }: RoutedNotice,
): Promise<unknown> {
  const sealer = await sealers.forTenant(tenantId)
  const rowToken = randomness.uuid()
  const { title, detail } = wordsOf(notice)
  const isTold = title !== undefined || detail !== undefined
  const cell = { table: 'message_status', column: 'detail', rowToken }
  return {
    tenantId,
    channel: 'EMAIL',
    providerMessageId: notice.providerMessageId,
    attemptId: notice.attemptId,
    status: statusOf(notice),
    occurredAt: notice.occurredAt,
    reason: notice.kind === 'status' ? notice.reason : undefined,
    detail: isTold ? base64(sealer.seal(cell, JSON.stringify({ title, detail }))) : undefined,
    rowToken,
    ...recipientInput(sealer, notice, rowToken),
  }
}

/** Beside statuses what else is told of a mail; such words have no rank and are never shown. */
function statusOf(notice: Notice): string {
  switch (notice.kind) {
    case 'status':
      return notice.status
    case 'complaint':
      return notice.complaintType === 'not-spam' ? 'NOT_SPAM' : 'COMPLAINED'
    case 'delay':
      return 'DELAYED'
    case 'open':
      return 'OPENED'
    case 'click':
      return 'CLICKED'
    case 'subscription':
      return notice.unsubscribedFromAll ? 'UNSUBSCRIBED' : 'SUBSCRIBED'
  }
}

/** The provider's own words; they may quote the recipient, or tell what somebody looked at. */
function wordsOf(notice: Notice): { readonly title?: string; readonly detail?: string } {
  switch (notice.kind) {
    case 'status':
      return {
        ...(notice.code !== undefined && { title: notice.code }),
        ...(notice.detail !== undefined && { detail: notice.detail }),
      }
    case 'complaint':
      return { ...(notice.complaintType !== undefined && { title: notice.complaintType }) }
    case 'delay':
      return {
        ...(notice.delayType !== undefined && { title: notice.delayType }),
        ...(notice.expiresAt !== undefined && { detail: notice.expiresAt }),
      }
    case 'click':
      return { ...(notice.link !== undefined && { detail: notice.link }) }
    case 'open':
    case 'subscription':
      return {}
  }
}

/** What a notice says for or against its recipient's address; the address itself, where it is against. */
function recipientInput(sealer: TenantSealer, notice: Notice, rowToken: string) {
  const { recipient } = notice
  const suppress = suppressOf(notice)
  const isSoft = notice.kind === 'status' && notice.status === 'FAILED'
  const isFor = notice.kind === 'status' && notice.status === 'DELIVERED'
  const isAgainst = suppress !== undefined || isSoft
  if (recipient === undefined || !(isAgainst || isFor)) return {}
  return {
    recipientHash: addressHash(sealer, 'EMAIL', recipient),
    ...(isAgainst && { recipient: sealAddress(sealer, recipient, rowToken) }),
    suppress,
  }
}

function suppressOf(notice: Notice): string | undefined {
  if (notice.kind === 'status' || notice.kind === 'complaint') return notice.suppress
  return notice.kind === 'subscription' && notice.unsubscribedFromAll ? 'unsubscribed' : undefined
}

function toApplied(rows: readonly Row[]): AppliedNotices {
  const [counts, ...paused] = rows
  if (counts === undefined) throw new Error('apply_mail_notices_v1 answered nothing')
  return {
    noticesStored: number(counts, 'notices_stored'),
    addressesSuppressed: number(counts, 'addresses_suppressed'),
    parkedStored: number(counts, 'parked_stored'),
    pausedTenantIds: paused.map((row) => text(row, 'paused_tenant_id')),
  }
}

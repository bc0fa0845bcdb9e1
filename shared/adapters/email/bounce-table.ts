import type { EmailReportedStatus, SuppressionCause } from '#shared/domain/email-notice.ts'
import type { FailureReason } from '#shared/domain/failure-reason.ts'

/** What a bounce means for the message, and for its recipient's address. */
export interface BounceReading {
  readonly status: EmailReportedStatus
  readonly reason: FailureReason
  readonly suppress?: SuppressionCause
}

const hard = (reason: FailureReason, suppress?: SuppressionCause): BounceReading => ({
  status: 'HARD_FAILED',
  reason,
  ...(suppress !== undefined && { suppress }),
})
const soft = (reason: FailureReason): BounceReading => ({ status: 'FAILED', reason })

/**
 * `bounceType/bounceSubType` (facts: SES §6.4). What is soft may be an automatic answer that SES
 * took for a bounce, so a delivery outweighs it; what was refused for its content is final.
 */
const rows: ReadonlyMap<string, BounceReading> = new Map([
  ['Undetermined/Undetermined', soft('soft-bounce')],
  ['Permanent/General', hard('hard-bounce', 'hard-bounce')],
  ['Permanent/NoEmail', hard('hard-bounce', 'hard-bounce')],
  ['Permanent/Suppressed', hard('recipient-suppressed', 'provider-list')],
  ['Permanent/OnAccountSuppressionList', hard('recipient-suppressed', 'provider-list')],
  ['Permanent/OnTenantSuppressionList', hard('recipient-suppressed', 'provider-list')],
  ['Permanent/EmailValidationSuppressed', hard('recipient-suppressed', 'provider-list')],
  ['Permanent/UnsubscribedRecipient', hard('opted-out', 'unsubscribed')],
  ['Transient/General', soft('soft-bounce')],
  ['Transient/MailboxFull', soft('mailbox-full')],
  ['Transient/MessageTooLarge', hard('message-too-large')],
  ['Transient/ContentRejected', hard('content-rejected')],
  ['Transient/AttachmentRejected', hard('attachment-rejected')],
  ['Transient/CustomTimeoutExceeded', soft('expired')],
])

/** A subtype that nobody knows yet has the meaning of its type; an unknown type is soft. */
export function readBounce(type: string | undefined, subType: string | undefined): BounceReading {
  const known = rows.get(`${type}/${subType}`)
  if (known !== undefined) return known
  return type === 'Permanent' ? hard('hard-bounce', 'hard-bounce') : soft('soft-bounce')
}

import type { EmailNotice, IgnoredNotice, ReceivedNotice } from '../domain/email-notice.ts'
import type { ParkedItem } from './event-store.ts'

/** A notice of one of our mails, and the tenant that it names. */
export interface RoutedNotice {
  readonly tenantId: string
  readonly notice: Exclude<EmailNotice, ReceivedNotice | IgnoredNotice>
}

export interface AppliedNotices {
  /** How many were new. */
  readonly noticesStored: number
  readonly addressesSuppressed: number
  readonly parkedStored: number
  /** Tenants whose marketing mails were paused now: too many of their mails bounced. */
  readonly pausedTenantIds: readonly string[]
}

/** What becomes of mails after the provider took them. */
export interface MailNoticeStore {
  /**
   * One database call; all of it or nothing; copies change nothing. A notice counts for an attempt of
   * its own tenant alone; one that names none waits until its mail is known.
   * Throws ItemRefused when a notice's values can never be stored.
   */
  apply(batch: {
    readonly notices: readonly RoutedNotice[]
    readonly parked: readonly ParkedItem[]
  }): Promise<AppliedNotices>
}

import type * as z from 'zod'
import { type sesMail, sesRecipient } from '#shared/contracts/ses-notification.ts'
import { readEmailAddress } from '#shared/domain/email-address.ts'
import type { NoticedMail } from '#shared/domain/email-notice.ts'
import { oneLine } from './mail-line.ts'

type Mail = z.output<typeof sesMail>

/** What one recipient's server said of a mail. */
export interface Told {
  readonly recipient: string | undefined
  /** Enhanced status code, e.g. `5.1.1`. */
  readonly status: string | undefined
  readonly diagnostic: string | undefined
}

/** A tag is ours when it has our form: another program may send through the same account. */
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const tenant = /^[A-Za-z0-9_-]{1,64}$/
const mostRecipients = 50

/** What all notices of a mail say; undefined without any time. */
export function noticedMail(mail: Mail, at: string | undefined): NoticedMail | undefined {
  const occurredAt = at ?? mail.timestamp
  if (occurredAt === undefined) return undefined
  const attemptId = tagOf(mail.tags?.attempt_id, uuid)?.toLowerCase()
  const tenantId = tagOf(mail.tags?.tenant_id, tenant)
  return {
    providerMessageId: mail.messageId,
    ...(attemptId !== undefined && { attemptId }),
    ...(tenantId !== undefined && { tenantId }),
    occurredAt,
  }
}

function tagOf(values: readonly unknown[] | undefined, form: RegExp): string | undefined {
  const value = values?.[0]
  return typeof value === 'string' && form.test(value) ? value : undefined
}

/** The mail once for each recipient; once without one when SES does not say whom. */
export function perRecipient(
  noticed: NoticedMail,
  recipients: readonly string[],
): readonly NoticedMail[] {
  if (recipients.length === 0) return [noticed]
  return recipients.map((recipient) => ({ ...noticed, recipient }))
}

/** The envelope of a mail, for events that name nobody: exact, as each mail has one recipient. */
export function addressedIn(mail: Mail): readonly string[] {
  return addressesIn(mail.destination)
}

export function addressesIn(list: readonly unknown[] | undefined): readonly string[] {
  const read = (list ?? []).slice(0, mostRecipients).map((each) => addressIn(each))
  return [...new Set(read.filter((each) => each !== undefined))]
}

/** Each recipient with its report, once; those whose address cannot be read count as one. */
export function toldIn(list: readonly unknown[] | undefined): readonly Told[] {
  const told = new Map<string | undefined, Told>()
  for (const each of (list ?? []).slice(0, mostRecipients)) {
    const { emailAddress, status, diagnosticCode } = sesRecipient.safeParse(each).data ?? {}
    const recipient = addressIn(emailAddress)
    if (told.has(recipient)) continue
    const diagnostic = oneLine(diagnosticCode ?? '', 1000)
    told.set(recipient, {
      recipient,
      status: /^\d\.\d{1,3}\.\d{1,3}$/.exec(status ?? '')?.[0],
      diagnostic: diagnostic === '' ? undefined : diagnostic,
    })
  }
  return told.size === 0
    ? [{ recipient: undefined, status: undefined, diagnostic: undefined }]
    : [...told.values()]
}

/** SES may write `Name <address>`. */
export function addressIn(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 1000) return undefined
  return readEmailAddress(/<([^<>]*)>\s*$/.exec(value)?.[1] ?? value.trim())
}

/** A word of SES's in clear, if it is one. */
export function wordOf(value: string | undefined): string | undefined {
  return /^[A-Za-z][A-Za-z0-9_ -]{0,63}$/.exec(value ?? '')?.[0]
}

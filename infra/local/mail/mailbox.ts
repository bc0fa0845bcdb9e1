import { randomUUID } from 'node:crypto'
import PostalMime, { type Email } from 'postal-mime'
import { displayedAddressesOf } from './addresses.ts'
import { headerOf, withHeaders } from './mime.ts'
import type { Submission } from './submission.ts'

/** A mail that was accepted, as it reached its recipients. */
export interface DeliveredMail {
  /** The MessageId that SES answered. */
  readonly id: string
  readonly receivedAt: Date
  readonly submission: Submission
  readonly raw: Buffer
}

/** What the mailbox shows of a mail. */
export interface MailView {
  readonly id: string
  /** The From header: `Name <address>`. */
  readonly from: string
  /** Addresses of the envelope: To, Cc and Bcc. */
  readonly to: readonly string[]
  readonly subject: string
  readonly text: string
  readonly html: string | null
  /** On the wire, in their order; values unfolded, encoded words not decoded. */
  readonly headers: readonly { readonly name: string; readonly value: string }[]
  readonly attachments: readonly AttachmentView[]
  readonly tags: Readonly<Record<string, string>>
  readonly configurationSet: string | null
  readonly receivedAt: string
}

interface AttachmentView {
  readonly filename: string | null
  readonly mimeType: string
  readonly disposition: string | null
  readonly contentId: string | null
  readonly sizeBytes: number
}

export interface Mailbox {
  accept(submission: Submission): DeliveredMail
  /** In the order of acceptance; of one recipient, the newest `limit`, or all. */
  list(filter?: { to?: string | undefined; limit?: number | undefined }): readonly DeliveredMail[]
  find(id: string): DeliveredMail | undefined
  clear(): void
  /** Recipients of the last 24 hours; clearing the mailbox does not change it. */
  sentLast24Hours(): number
}

const mostKept = 10_000
const dayMs = 24 * 3600 * 1000

/** Keeps the last 10,000 mails in memory. */
export function makeMailbox(region: string): Mailbox {
  const mails = new Map<string, DeliveredMail>()
  const sendings: { at: number; recipients: number }[] = []
  return {
    accept(submission) {
      const mail = deliver(submission, region)
      mails.set(mail.id, mail)
      sendings.push({ at: mail.receivedAt.getTime(), recipients: submission.destinations.length })
      const oldest = mails.keys().next().value
      if (mails.size > mostKept && oldest !== undefined) mails.delete(oldest)
      return mail
    },
    list({ to, limit } = {}) {
      const wanted = to?.toLowerCase()
      const found = [...mails.values()].filter(
        ({ submission }) =>
          wanted === undefined ||
          submission.destinations.some((address) => address.toLowerCase() === wanted),
      )
      return limit === undefined ? found : found.slice(-limit)
    },
    find: (id) => mails.get(id),
    clear: () => mails.clear(),
    sentLast24Hours() {
      const since = Date.now() - dayMs
      while ((sendings[0]?.at ?? since) < since) sendings.shift()
      return sendings.reduce((sum, { recipients }) => sum + recipients, 0)
    },
  }
}

export async function viewOf(mail: DeliveredMail): Promise<MailView> {
  const email = await PostalMime.parse(mail.raw)
  return {
    id: mail.id,
    from: displayedAddressesOf(headerOf(fieldsOf(email), 'From') ?? '')[0] ?? '',
    to: mail.submission.destinations,
    subject: email.subject ?? '',
    text: email.text ?? '',
    html: email.html ?? null,
    headers: fieldsOf(email),
    attachments: email.attachments.map((attachment) => ({
      filename: attachment.filename,
      mimeType: attachment.mimeType,
      disposition: attachment.disposition,
      contentId: attachment.contentId ?? null,
      sizeBytes: Buffer.from(attachment.content as ArrayBuffer).length,
    })),
    tags: mail.submission.tags,
    configurationSet: mail.submission.configurationSet ?? null,
    receivedAt: mail.receivedAt.toISOString(),
  }
}

/** Content and type of an attachment by its place in the list. */
export async function attachmentOf(mail: DeliveredMail, index: number) {
  const { attachments } = await PostalMime.parse(mail.raw)
  const attachment = attachments[index]
  if (attachment === undefined) return undefined
  return {
    filename: attachment.filename,
    mimeType: attachment.mimeType,
    content: Buffer.from(attachment.content as ArrayBuffer),
  }
}

function fieldsOf(email: Email) {
  return email.headers.map(({ originalKey, value }) => ({ name: originalKey, value }))
}

/** Host part of the ids SES writes into a mail: us-east-1 has a name of its own. */
function messageIdDomain(region: string): string {
  return region === 'us-east-1' ? 'email.amazonses.com' : `${region}.amazonses.com`
}

function deliver(submission: Submission, region: string): DeliveredMail {
  const receivedAt = new Date()
  const id = newMessageId(region, receivedAt)
  const wireId = `<${id}@${messageIdDomain(region)}>`
  return {
    id,
    receivedAt,
    submission,
    raw: withHeaders(submission.message, replaced, [
      { name: 'Return-Path', value: wireId },
      { name: 'Message-ID', value: wireId },
      { name: 'Date', value: receivedAt.toUTCString().replace('GMT', '+0000') },
    ]),
  }
}

const replacedFields = new Set(['return-path', 'message-id', 'date', 'bcc'])

function replaced(name: string): boolean {
  return replacedFields.has(name) || name.startsWith('x-ses-')
}

const regionCodes: Readonly<Record<string, string>> = {
  'us-east-1': '0100',
  'us-west-2': '0101',
  'eu-west-1': '0102',
}

/** Region, time and chance, in the form that SES gives its ids. */
function newMessageId(region: string, at: Date): string {
  const time = at.getTime().toString(16).padStart(12, '0')
  return `${regionCodes[region] ?? '0103'}${time}-${randomUUID()}-000000`
}

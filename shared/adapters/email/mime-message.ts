import MailComposer from 'nodemailer/lib/mail-composer'
import { type Mailbox, readEmailAddress } from '#shared/domain/email-address.ts'
import { attemptHeader, boundedReferences } from '#shared/domain/email-thread.ts'
import type { FailureReason } from '#shared/domain/failure-reason.ts'
import type { EmailAttachment, EmailDelivery } from '#shared/ports/email-provider.ts'
import { isOneLine, manyLines, oneLine, plainFilename, plainMimeType } from './mail-line.ts'

/** SES v1 takes 10 MB after base64 (facts: SES §2). */
const maxMessageBytes = 10 * 1024 * 1024
const maxNameLength = 200
const maxSubjectLength = 900
const maxUrlLength = 900
/** SES's rule for tags and their values. */
const tagValue = /^[A-Za-z0-9_-]{1,256}$/
const setName = /^[A-Za-z0-9_-]{1,64}$/

export interface MimeMessage {
  readonly source: string
  readonly destination: string
  readonly raw: Uint8Array
}

interface Checked {
  readonly from: Mailbox
  readonly to: Mailbox
  readonly replyTo: string | undefined
  readonly unsubscribeUrl: string | undefined
}

/**
 * The mail on the wire, or why there is none: `recipient-address-invalid`, `message-too-large`, or
 * `invalid-request` for what could break out of its header. Texts and the recipient's name are
 * repaired, nothing else is. Message-ID and Date are replaced by SES.
 */
export async function composeMessage(
  delivery: EmailDelivery,
): Promise<MimeMessage | FailureReason> {
  const checked = checkDelivery(delivery)
  if (typeof checked === 'string') return checked
  const attachedBytes = delivery.attachments.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)
  if ((attachedBytes * 4) / 3 > maxMessageBytes) return 'message-too-large'
  const raw = await write(delivery, checked)
  if (raw.byteLength > maxMessageBytes) return 'message-too-large'
  return { source: checked.from.address, destination: checked.to.address, raw }
}

function checkDelivery(delivery: EmailDelivery): Checked | FailureReason {
  const { attemptId, tenantId, configurationSet, subject } = delivery
  const to = checkedMailbox(delivery.to)
  if (to === undefined) return 'recipient-address-invalid'
  const from = checkedMailbox(delivery.from)
  const replyTo = optional(delivery.replyTo, readEmailAddress)
  const unsubscribeUrl = optional(delivery.unsubscribe?.url, safeUrl)
  const isSound =
    tagValue.test(attemptId) &&
    tagValue.test(tenantId) &&
    setName.test(configurationSet ?? 'none') &&
    isOneLine(subject, maxSubjectLength) &&
    isOneLine(delivery.from.name ?? '', maxNameLength)
  if (!isSound || from === undefined || replyTo === false || unsubscribeUrl === false) {
    return 'invalid-request'
  }
  return { from, to, replyTo, unsubscribeUrl }
}

/** Undefined for what was not given, false for what was and is not sound. */
function optional(
  value: string | undefined,
  read: (text: string) => string | undefined,
): string | undefined | false {
  return value === undefined ? undefined : (read(value) ?? false)
}

function checkedMailbox(mailbox: Mailbox): Mailbox | undefined {
  const address = readEmailAddress(mailbox.address)
  return address === undefined ? undefined : { ...mailbox, address }
}

/** https, in ASCII as a URL writes itself, so that no bracket or space ends it early. */
function safeUrl(text: string): string | undefined {
  if (!isOneLine(text, maxUrlLength)) return undefined
  const url = URL.parse(text)
  const isSafe = url?.protocol === 'https:' && /^[\x21-\x3b\x3d\x3f-\x7e]{1,900}$/.test(url.href)
  return isSafe ? url.href : undefined
}

function write(delivery: EmailDelivery, checked: Checked): Promise<Buffer> {
  const { attemptId, messageRefs } = delivery
  const inReplyTo = boundedReferences([messageRefs.inReplyTo ?? ''])[0]
  const references = boundedReferences(messageRefs.references)
  const composer = new MailComposer({
    from: namedMailbox(checked.from),
    to: namedMailbox(checked.to),
    ...(checked.replyTo !== undefined && { replyTo: namedMailbox({ address: checked.replyTo }) }),
    subject: delivery.subject,
    ...(inReplyTo !== undefined && { inReplyTo }),
    ...(references.length > 0 && { references: references.join(' ') }),
    messageId: `<${attemptId}@${checked.from.address.split('@')[1]}>`,
    text: manyLines(delivery.text),
    ...(delivery.html !== undefined && { html: manyLines(delivery.html) }),
    attachments: delivery.attachments.map(attached),
    headers: {
      [attemptHeader]: attemptId,
      ...(delivery.automatic === true && { 'Auto-Submitted': 'auto-replied' }),
      ...unsubscribeHeaders(checked.unsubscribeUrl),
    },
    // Both parts of a boundary are ours, so one attempt is the same bytes each time it is composed.
    baseBoundary: attemptId,
    // The composer keeps the bare LF of a text.
    newline: 'windows',
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return composer.compile().build()
}

/** A recipient's name is their own, from any channel: made one line, or no mail would reach them. */
function namedMailbox({ address, name = '' }: Mailbox) {
  return { address, name: oneLine(name, maxNameLength) }
}

/** Parts that are mails themselves would be written without an encoding. */
function attached({ filename, mimeType, bytes }: EmailAttachment) {
  const plain = plainMimeType(mimeType)
  return {
    filename: plainFilename(filename),
    contentType: /^(?:message|multipart)\//.test(plain) ? 'application/octet-stream' : plain,
    contentDisposition: 'attachment',
    contentTransferEncoding: 'base64',
    content: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  }
}

function unsubscribeHeaders(url: string | undefined): Record<string, string> {
  if (url === undefined) return {}
  return {
    'List-Unsubscribe': `<${url}>`,
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
  }
}

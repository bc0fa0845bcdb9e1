import type { Attachment, Email } from 'postal-mime'
import type { MailReceipt } from '#shared/domain/email-notice.ts'
import { messageIdsIn } from '#shared/domain/email-thread.ts'
import type { InboundMail, MailAttachment } from '#shared/domain/inbound-mail.ts'
import { htmlText } from './html-text.ts'
import { manyLines, oneLine, plainFilename, plainMimeType } from './mail-line.ts'
import { authorOf, automaticOf } from './mail-origin.ts'
import { parseMail } from './parsed-mail.ts'
import { splitQuoted } from './quoted-text.ts'

const maxSubjectLength = 900
const maxTextBytes = 100 * 1024
/** Looked at for what is new in it; a person's text is far shorter. */
const maxTextLength = 500_000
const maxAttachments = 20
const maxAttachedBytes = 25 * 1024 * 1024

/**
 * Reads a mail as it lies in S3. Never rejects for what it holds: what lies beyond the limits is
 * left out and told in `left`. HTML is read for its text where there is no text part, and not kept:
 * the raw mail stays in S3.
 */
export async function readInboundMail(raw: Uint8Array, receipt: MailReceipt): Promise<InboundMail> {
  const { email, isCut } = await parseMail(raw)
  const body = bodyOf(email)
  const { text, quoted } = splitQuoted(body.text)
  const kept = keptAttachments(email.attachments)
  const [shownText, shownQuoted] = [cutBytes(text), cutBytes(quoted)]
  const from = authorOf(email)
  const messageId = messageIdsIn(email.messageId ?? '')[0]
  const inReplyTo = messageIdsIn(email.inReplyTo ?? '')[0]
  const automatic = automaticOf(email, receipt)
  return {
    sesMessageId: receipt.sesMessageId,
    ...(messageId !== undefined && { messageId }),
    ...(from !== undefined && { from }),
    recipients: receipt.recipients,
    subject: oneLine(email.subject ?? '', maxSubjectLength),
    text: shownText,
    quoted: shownQuoted,
    ...(inReplyTo !== undefined && { inReplyTo }),
    references: messageIdsIn(email.references ?? ''),
    attachments: kept,
    verdicts: receipt.verdicts,
    ...(automatic !== undefined && { automatic }),
    occurredAt: receipt.occurredAt,
    left: {
      attachments: email.attachments.length - kept.length,
      text: body.isCut || shownText !== text || shownQuoted !== quoted,
      parts: isCut,
    },
  }
}

/** The text part, or else what the HTML says. */
function bodyOf({ text = '', html = '' }: Email): {
  readonly text: string
  readonly isCut: boolean
} {
  if (text.trim() === '' && html !== '') return htmlText(html)
  return { text: manyLines(text.slice(0, maxTextLength)), isCut: text.length > maxTextLength }
}

/** At most 100 KB of UTF-8, without half a character at the end. */
function cutBytes(text: string): string {
  if (text.length * 3 <= maxTextBytes) return text
  const bytes = Buffer.from(text)
  let end = Math.min(bytes.length, maxTextBytes)
  while (end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return bytes.toString('utf8', 0, end)
}

/** The first ones, as many as fit; a smaller one after one that does not fit is kept. */
function keptAttachments(attachments: readonly Attachment[]): readonly MailAttachment[] {
  const kept: MailAttachment[] = []
  let bytesKept = 0
  for (const attachment of attachments) {
    const bytes = bytesOf(attachment)
    if (kept.length === maxAttachments || bytesKept + bytes.byteLength > maxAttachedBytes) continue
    bytesKept += bytes.byteLength
    kept.push({
      filename: filenameOf(attachment),
      mimeType: plainMimeType(attachment.mimeType),
      bytes,
      inline: attachment.disposition === 'inline' || attachment.related === true,
    })
  }
  return kept
}

function filenameOf({ filename, mimeType }: Attachment): string {
  return filename === null && mimeType === 'message/rfc822'
    ? 'mensagem.eml'
    : plainFilename(filename ?? '')
}

function bytesOf({ content }: Attachment): Uint8Array {
  return typeof content === 'string' ? Buffer.from(content) : new Uint8Array(content)
}

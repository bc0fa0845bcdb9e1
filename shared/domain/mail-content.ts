import type { EmailContent, MailAttachment } from './content.ts'
import type { InboundMail } from './inbound-mail.ts'

/** A thread shows contents under 40 KB in one call, sealed; a row of the Data API holds 64 KB. */
const mostBytes = 36_000
const mostTextBytes = 24_000

/**
 * What a mail says, in at most 36 KB of JSON: its text up to 24 KB, then as much of what it quotes as
 * fits. The raw mail has the rest.
 */
export function contentOfMail(
  { subject, text, quoted }: Pick<InboundMail, 'subject' | 'text' | 'quoted'>,
  attachments: readonly MailAttachment[],
): { readonly content: EmailContent; readonly isCut: boolean } {
  const frame: EmailContent = {
    type: 'email',
    subject,
    text: '',
    ...(attachments.length > 0 && { attachments }),
  }
  const room = mostBytes - jsonBytes(frame)
  const shownText = cut(text, Math.min(room, mostTextBytes))
  const roomLeft = room - jsonBytes(shownText) - jsonBytes({ quotedText: '' })
  const quotedText = cut(quoted, roomLeft)
  return {
    content: { ...frame, text: shownText, ...(quotedText !== '' && { quotedText }) },
    isCut: shownText !== text || quotedText !== quoted,
  }
}

const encoder = new TextEncoder()

function jsonBytes(value: unknown): number {
  return encoder.encode(JSON.stringify(value)).length
}

/** The beginning that takes so many bytes within a JSON text, without half a character. */
function cut(text: string, maxBytes: number): string {
  let bytes = 0
  let end = 0
  for (const character of text) {
    bytes += jsonBytes(character) - 2
    if (bytes > maxBytes) return text.slice(0, end)
    end += character.length
  }
  return text
}

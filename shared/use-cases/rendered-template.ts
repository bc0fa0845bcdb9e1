import { boundContent, type Filled, type Filling } from '../domain/bound-template.ts'
import type { EmailContent, MessageContent } from '../domain/content.ts'
import { mailParts, mailText } from '../domain/mail-template.ts'
import type { MailSource, NamedTemplateContent } from '../domain/message-template.ts'
import type { MailLayout } from '../ports/mail-layout.ts'
import type { ClaimedSend } from '../ports/message-store.ts'

/** What a claimed message says at its provider; undefined: its template cannot be filled. */
export function renderedSend(
  layout: MailLayout,
  send: ClaimedSend & { readonly content: MessageContent },
): MessageContent | undefined {
  const { content } = send
  if (content.type !== 'named-template') return content
  // A claimed row must never throw: its neighbours are claimed too.
  try {
    return send.channel === 'WHATSAPP' ? boundSend(send, content) : mailSend(layout, send, content)
  } catch {
    return undefined
  }
}

/** A mail made of a source; `from` is whose mail it is. */
export function renderedMail(
  layout: MailLayout,
  source: MailSource,
  { from, ...filling }: Filling & { readonly from: string | undefined },
): Filled<EmailContent & { readonly html: string }> {
  const filled = mailParts(source, filling)
  if (filled.outcome === 'refused') return filled
  const mail = filled.content
  const content = {
    type: 'email',
    subject: mail.subject,
    text: mailText(mail, from),
    html: layout.html(mail, from),
  } as const
  return { outcome: 'filled', content }
}

/** A file that was left when the message was taken is not among its media. */
function boundSend({ template, media }: ClaimedSend, content: NamedTemplateContent) {
  if (template?.channel !== 'WHATSAPP') return undefined
  const attachments = content.attachments?.filter(({ mediaId }) =>
    media.some((file) => file.mediaId === mediaId),
  )
  return contentIn(boundContent(template, { ...fillingOf(content), attachments }))
}

function mailSend(
  layout: MailLayout,
  { template, sender, category }: ClaimedSend & { readonly channel: 'EMAIL' },
  content: NamedTemplateContent,
): EmailContent | undefined {
  if (template?.channel !== 'EMAIL') return undefined
  const from = sender.from.name
  const mail = contentIn(renderedMail(layout, template, { ...fillingOf(content), from }))
  const { attachments } = content
  return mail && { ...mail, ...(category && { category }), ...(attachments && { attachments }) }
}

function fillingOf({ language, variables, attachments }: NamedTemplateContent): Filling {
  return { language, values: variables, attachments }
}

function contentIn<T>(filled: Filled<T>): T | undefined {
  return filled.outcome === 'filled' ? filled.content : undefined
}

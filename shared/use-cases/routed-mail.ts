import { authorsOfMail } from '../domain/author.ts'
import type { EmailContent } from '../domain/content.ts'
import type { InboundMail } from '../domain/inbound-mail.ts'
import { contentOfMail } from '../domain/mail-content.ts'
import { mailTrust } from '../domain/mail-trust.ts'
import type { MessageMetadata } from '../domain/message-metadata.ts'
import { optOutConfirmation, optOutWord } from '../domain/opt-out.ts'
import type { Tenant } from '../ports/directory.ts'
import type { AttachedMedia, MailSource, RoutedMail } from '../ports/mail-store.ts'
import type { MailRoute } from './route-mail.ts'

const longestSubject = 250

/** A mail as it is stored for one of the tenants that it is for. */
export function routedMail(
  mail: InboundMail,
  at: {
    readonly route: MailRoute
    readonly source: MailSource
    readonly files: readonly AttachedMedia[]
  },
): RoutedMail {
  const { tenant, senderId, tokens } = at.route
  const { messageId, from, automatic } = mail
  const attachments = at.files.map(({ mediaId, filename }) => ({ mediaId, filename }))
  const { content, isCut } = contentOfMail(mail, attachments)
  return {
    tenantId: tenant.tenantId,
    senderId,
    source: at.source,
    ...(messageId !== undefined && { mailId: messageId }),
    ...(from !== undefined && { from }),
    authors: authorsOfMail(at.source.receipt, from),
    tokens,
    answers: answersOf(mail),
    trust: mailTrust(mail.verdicts),
    ...(automatic !== undefined && { automatic }),
    content,
    metadata: metadataOf(mail, isCut),
    files: at.files,
    // A program's words are nobody's will, and answering them is how loops begin.
    ...(automatic === undefined && optOutOf(content, tenant)),
  }
}

function answersOf({ inReplyTo, references }: InboundMail): readonly string[] {
  const newestFirst = references.toReversed()
  return [...new Set(inReplyTo === undefined ? newestFirst : [inReplyTo, ...newestFirst])]
}

function metadataOf(
  { from, automatic, verdicts, left }: InboundMail,
  isCut: boolean,
): MessageMetadata {
  const { isUnverified } = mailTrust(verdicts)
  const isLeftOut = isCut || left.text || left.parts || left.attachments > 0
  return {
    ...(from !== undefined && { from }),
    ...(automatic !== undefined && { automatic }),
    ...(isUnverified && { unverified: true }),
    verdicts,
    ...(isLeftOut && { isCut: true }),
  }
}

function optOutOf(content: EmailContent, tenant: Tenant): Pick<RoutedMail, 'optOut'> {
  const word = optOutWord(content)
  if (word === undefined) return {}
  const text = optOutConfirmation(word, tenant.optOutConfirmation)
  const subject = `Re: ${content.subject}`.slice(0, longestSubject).toWellFormed()
  return {
    optOut: {
      word,
      confirmation: text === undefined ? undefined : { type: 'email', subject, text },
    },
  }
}

import type { EmailContent } from '../../domain/content.ts'
import type { DeliveryResult } from '../../domain/delivery.ts'
import {
  chatReference,
  replyAddress,
  sesMessageIdHeader,
  writeChatToken,
} from '../../domain/email-thread.ts'
import type { EmailAttachment, EmailProvider } from '../../ports/email-provider.ts'
import type { MediaObjects } from '../../ports/media-objects.ts'
import type { AttachedFile, MailRequest, MessageProvider } from '../../ports/message-provider.ts'

export interface MailSenderParts {
  readonly provider: EmailProvider
  readonly objects: Pick<MediaObjects, 'read'>
  /** SES names a mail on the wire by its region. */
  readonly region: string
  /** Of senders that name none: without one SES tells nothing of a mail. */
  readonly configurationSet: string
  /** Of reading the files of one mail. */
  readonly filesTimeoutMs: number
}

/** SES takes 10 MB in base64 (facts: SES §2); nothing larger is read. */
const mostFileBytes = 7_500_000

/** Makes a mail of a message: its files from the bucket, its place in the thread, its way out. */
export function makeMailSender(parts: MailSenderParts): MessageProvider<MailRequest> {
  return {
    send: async (request) => {
      const { content } = request
      if (content.type !== 'email') return { outcome: 'rejected', reason: 'unsupported-content' }
      const bytes = request.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
      if (bytes > mostFileBytes) return { outcome: 'rejected', reason: 'message-too-large' }
      const attachments = await filesOf(parts, request, content)
      if (attachments === undefined) return filesUnreadable
      return parts.provider.send({
        attemptId: request.attemptId,
        tenantId: request.tenantId,
        from: request.sender.from,
        to: { address: request.recipient.email },
        subject: content.subject,
        text: content.text,
        ...(content.html !== undefined && { html: content.html }),
        attachments,
        ...(request.sender.automatic === true && { automatic: true }),
        ...threadOf(request, parts.region),
        ...wayOut(parts, request, content),
      })
    },
  }
}

/** Nothing was sent: the next attempt reads them again. */
const filesUnreadable: DeliveryResult = {
  outcome: 'unavailable',
  scope: 'provider',
  reason: 'media-failed',
}

async function filesOf(
  { objects, filesTimeoutMs }: MailSenderParts,
  { files }: MailRequest,
  { attachments = [] }: EmailContent,
): Promise<readonly EmailAttachment[] | undefined> {
  const signal = AbortSignal.timeout(filesTimeoutMs)
  try {
    return await Promise.all(
      attachments.map(async ({ mediaId, filename }) => {
        const file = files.find((known) => known.mediaId === mediaId)
        if (file === undefined) throw new Error('a mail names a file that it does not have')
        return {
          filename: filename ?? file.filename ?? `${mediaId}${extensionOf(file)}`,
          mimeType: file.mimeType,
          bytes: await readAll(await objects.read(file.objectKey, signal)),
        }
      }),
    )
  } catch {
    return undefined
  }
}

function extensionOf({ mimeType }: AttachedFile): string {
  return mimeType === 'application/pdf' ? '.pdf' : ''
}

async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  return Buffer.concat(await Array.fromAsync(chunks))
}

/** Answers come to an address that names the chat; without one they go to the sender, unread. */
function threadOf({ tenantId, sender }: MailRequest, region: string) {
  const { thread, replyDomain } = sender
  const token = writeChatToken({ tenantId, token: thread.token })
  const ids = thread.ids.map((id) =>
    'header' in id ? id.header : sesMessageIdHeader(id.provider, region),
  )
  const inReplyTo = ids.at(-1)
  const own = replyDomain === undefined ? [] : [chatReference(token, replyDomain)]
  return {
    messageRefs: { references: [...own, ...ids], ...(inReplyTo !== undefined && { inReplyTo }) },
    ...(replyDomain !== undefined && { replyTo: replyAddress(token, replyDomain) }),
  }
}

function wayOut(parts: MailSenderParts, { sender }: MailRequest, { category }: EmailContent) {
  const { configurationSet = parts.configurationSet, unsubscribeUrl } = sender
  return {
    configurationSet,
    ...(category === 'marketing' &&
      unsubscribeUrl !== undefined && { unsubscribe: { url: unsubscribeUrl } }),
  }
}

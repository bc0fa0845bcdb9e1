import * as z from 'zod'
import type { MessageContent, OutboundContent } from '../domain/content.ts'
import { failureSentence } from '../domain/failure-reason.ts'
import { type Message, messageStatuses, UNRESOLVED } from '../domain/message.ts'
import type { TemplateContent } from '../domain/template-content.ts'
import { outboundContent } from './content/outbound.ts'
import { templateContent } from './content/template.ts'
import { idPattern, pageQuery, shownId, shownTime } from './paging.ts'

/** RFC 3339 with a zone. PostgreSQL knows neither the year 0 nor every offset that RFC 3339 does. */
export const instant = z.iso
  .datetime({ offset: true })
  .transform((input) => new Date(input))
  .refine((at) => at.getUTCFullYear() >= 1970 && at.getUTCFullYear() <= 9998, {
    error: 'must lie in the years 1970 to 9998',
  })
  .transform((at) => at.toISOString())

/** `POST /chats/{chatId}/messages`. Times are RFC 3339 with a zone. */
export const postMessageBody = z
  .strictObject({
    channel: z.literal('WHATSAPP'),
    content: outboundContent,
    /** Goes instead once the service window is closed. */
    fallbackTemplate: templateContent.optional(),
    /** A message of the same chat and channel. */
    replyToMessageId: z.string().regex(idPattern).optional(),
    sendAt: instant.optional(),
    expiresAt: instant.optional(),
    deliveryPolicy: z.enum(['at-least-once', 'at-most-once']).optional(),
  })
  .refine(({ content, fallbackTemplate }) => !(fallbackTemplate && content.type === 'template'), {
    path: ['fallbackTemplate'],
    error: 'must not come with a template',
  })

/** `?order=desc` (newest first, the default) or `asc`. */
export const messagesQuery = pageQuery.extend({ order: z.enum(['asc', 'desc']).default('desc') })

/** `Idempotency-Key`: any visible ASCII up to 255 characters. */
export const idempotencyKey = z.string().regex(/^[\x21-\x7e]{1,255}$/)

/** The 202 of a message: made of the key row and the request alone, so that it repeats exactly. */
export const acceptedMessage = z
  .object({
    messageId: shownId,
    chatId: shownId,
    status: z.literal('QUEUED'),
    acceptedAt: shownTime,
  })
  .meta({ id: 'AcceptedMessage' })

export function acceptedResource(accepted: {
  chatId: string
  messageId: string
  acceptedAt: string
}): z.input<typeof acceptedMessage> {
  return {
    messageId: accepted.messageId,
    chatId: accepted.chatId,
    status: 'QUEUED',
    acceptedAt: accepted.acceptedAt,
  }
}

/** What was said, by `type`; see the contents that a client can send, and those that people send. */
const shownContent = z.looseObject({ type: z.string() }) as unknown as z.ZodType<MessageContent>

/** A message as the API shows it; what is not true of it is left out. */
export const shownMessage = z
  .object({
    messageId: shownId,
    chatId: shownId,
    direction: z.enum(['INBOUND', 'OUTBOUND']),
    channel: z.enum(['WHATSAPP', 'EMAIL']),
    status: z.enum(messageStatuses),
    reason: z.string().optional(),
    reasonCode: z.int().optional(),
    failure: z
      .object({
        code: z.int().optional(),
        class: z.string(),
        reason: z.string(),
        text: z.string(),
      })
      .optional(),
    statusAt: shownTime,
    content: shownContent.nullable(),
    replyToMessageId: shownId.nullable(),
    resendOfMessageId: shownId.optional(),
    deletedAt: shownTime.optional(),
    origin: z.enum(['api', 'automatic', 'business-app']).optional(),
    pricing: z.unknown().optional(),
    metadata: z.unknown().optional(),
    editedAt: shownTime.optional(),
    revokedAt: shownTime.optional(),
    deliveryPolicy: z.enum(['at-least-once', 'at-most-once']).optional(),
    final: z.boolean().optional(),
    held: z.literal(true).optional(),
    possibleDuplicate: z.literal(true).optional(),
    outOfOrder: z.literal(true).optional(),
    fallbackWaits: z.literal(true).optional(),
    fallbackUsed: z.literal(true).optional(),
    sendAt: shownTime.optional(),
    expiresAt: shownTime.optional(),
    occurredAt: shownTime.optional(),
    createdAt: shownTime,
  })
  .meta({ id: 'Message' })

export function messageResource(message: Message): z.input<typeof shownMessage> {
  return {
    messageId: message.messageId,
    chatId: message.chatId,
    direction: message.direction,
    channel: message.channel,
    status: message.status,
    ...(message.reason && { reason: message.reason }),
    ...(message.reasonCode !== undefined && { reasonCode: message.reasonCode }),
    ...failureOf(message),
    statusAt: message.statusAt,
    content: message.content ?? null,
    replyToMessageId: message.replyToMessageId ?? null,
    ...(message.resendOfMessageId && { resendOfMessageId: message.resendOfMessageId }),
    ...(message.deletedAt && { deletedAt: message.deletedAt }),
    ...cameAlong(message),
    ...(message.direction === 'OUTBOUND' && outboundFields(message)),
    ...(message.occurredAt && { occurredAt: message.occurredAt }),
    createdAt: message.createdAt,
  }
}

function outboundFields(message: Message) {
  return {
    origin: message.origin,
    deliveryPolicy: message.deliveryPolicy,
    ...(message.status === 'UNKNOWN' && { final: message.reason === UNRESOLVED }),
    ...(message.held && { held: true as const }),
    ...(message.possibleDuplicate && { possibleDuplicate: true as const }),
    ...(message.outOfOrder && { outOfOrder: true as const }),
    ...(message.fallbackWaits && { fallbackWaits: true as const }),
    ...(message.fallbackUsed && { fallbackUsed: true as const }),
    ...(message.sendAt && { sendAt: message.sendAt }),
    ...(message.expiresAt && { expiresAt: message.expiresAt }),
  }
}

/** Why a message failed: for programs by code, class and reason, for people in a sentence. */
function failureOf({ failureClass, reason = 'unknown-error', reasonCode: code }: Message) {
  if (failureClass === undefined) return {}
  const text = failureSentence(reason)
  return { failure: { ...(code !== undefined && { code }), class: failureClass, reason, text } }
}

/** What is known of a message beside its content. */
function cameAlong({ metadata, editedAt, revokedAt, pricing }: Message) {
  return {
    ...(pricing && { pricing }),
    ...(metadata && { metadata }),
    ...(editedAt && { editedAt }),
    ...(revokedAt && { revokedAt }),
  }
}

/** The parsed content with its absent options left out, as the domain has it. */
export type PostMessageBody = z.output<typeof postMessageBody>

export function contentOf({ content }: Pick<PostMessageBody, 'content'>): OutboundContent {
  return JSON.parse(JSON.stringify(content)) as OutboundContent
}

/** The message that a body asks for, in the words of the domain. */
export function wishOf<T extends PostMessageBody>({ content, fallbackTemplate, ...options }: T) {
  return {
    ...options,
    content: contentOf({ content }),
    fallback: fallbackTemplate && (JSON.parse(JSON.stringify(fallbackTemplate)) as TemplateContent),
  }
}

/** A page of a thread. */
export function messagePageResource(page: {
  readonly items: readonly Message[]
  readonly nextCursor: string | undefined
}) {
  return { items: page.items.map(messageResource), nextCursor: page.nextCursor ?? null }
}

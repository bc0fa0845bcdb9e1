import * as z from 'zod'
import { failureSentence } from '../domain/failure-reason.ts'
import { type Message, messageStatuses, UNRESOLVED } from '../domain/message.ts'
import { shownContent } from './content/shown.ts'
import { pageQuery, shownId, shownTime } from './paging.ts'
import { shownMetadata, shownPricing } from './shown-metadata.ts'

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

/** A message as the API shows it; what is not true of it is left out. */
export const shownMessage = z
  .object({
    messageId: shownId,
    chatId: shownId,
    direction: z.enum(['INBOUND', 'OUTBOUND']).meta({ examples: ['OUTBOUND'] }),
    channel: z.enum(['WHATSAPP', 'EMAIL']),
    status: z.enum(messageStatuses).meta({ examples: ['READ'] }),
    reason: z.string().optional(),
    reasonCode: z.int().optional().meta({ description: "The provider's own code." }),
    failure: z
      .object({
        code: z.int().optional(),
        class: z.string(),
        reason: z.string(),
        text: z.string().meta({ description: 'For people, in Portuguese.' }),
      })
      .optional(),
    statusAt: shownTime,
    content: shownContent.nullable().meta({ description: 'Null once deleted or taken back.' }),
    replyToMessageId: shownId.nullable().meta({ examples: [null] }),
    resendOfMessageId: shownId.optional(),
    deletedAt: shownTime.optional(),
    origin: z.enum(['api', 'automatic', 'business-app']).optional().meta({
      description: 'Who wrote it: a program, Recado itself, or somebody at the business’s phone.',
    }),
    pricing: shownPricing.optional(),
    metadata: shownMetadata.optional(),
    editedAt: shownTime.optional(),
    revokedAt: shownTime.optional(),
    deliveryPolicy: z.enum(['at-least-once', 'at-most-once']).optional(),
    final: z.boolean().optional().meta({ description: 'Of UNKNOWN: nothing more will be tried.' }),
    held: z.literal(true).optional().meta({ description: 'The provider waits to deliver it.' }),
    possibleDuplicate: z.literal(true).optional().meta({
      description: 'It was sent again after a lost answer; the person may have it twice.',
    }),
    outOfOrder: z.literal(true).optional().meta({ description: 'Later messages went before it.' }),
    fallbackWaits: z.literal(true).optional().meta({
      description: 'A template goes in its place once the service window is closed.',
    }),
    fallbackUsed: z.literal(true).optional().meta({
      description: 'The template of `fallbackTemplate` went in its place.',
    }),
    sendAt: shownTime.optional(),
    expiresAt: shownTime.optional(),
    occurredAt: shownTime.optional().meta({ description: "In the provider's time." }),
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

/** A page of a thread. */
export function messagePageResource(page: {
  readonly items: readonly Message[]
  readonly nextCursor: string | undefined
}) {
  return { items: page.items.map(messageResource), nextCursor: page.nextCursor ?? null }
}

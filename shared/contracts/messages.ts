import * as z from 'zod'
import type { MessageContent } from '../domain/content.ts'
import { failureSentence } from '../domain/failure-reason.ts'
import { type Message, UNRESOLVED } from '../domain/message.ts'
import { pageQuery } from './paging.ts'
import { cleanLine, cleanText } from './text.ts'

/** Meta: text body ≤ 4096 characters. */
const textContent = z.strictObject({
  type: z.literal('text'),
  text: cleanText(4096),
  previewUrl: z.boolean().optional(),
})

/** Meta refuses newlines, tabs and more than four spaces in a row inside a parameter. */
const variable = cleanLine(1024).refine((text) => !/ {5}/.test(text), {
  error: 'must not hold more than four spaces in a row',
})

const variableValues = z.union([
  z.array(variable).min(1).max(50),
  // zod leaves out a key named `__proto__`; what remains must not be empty.
  z
    .record(z.string().regex(/^[a-z][a-z0-9_]{0,59}$/), variable)
    .refine((values) => Object.keys(values).length > 0, { error: 'must not be empty' }),
])

const buttonVariable = z.discriminatedUnion('type', [
  z.strictObject({
    index: z.int().min(0).max(9),
    type: z.literal('url'),
    text: variable,
  }),
  z.strictObject({
    index: z.int().min(0).max(9),
    type: z.literal('quick_reply'),
    payload: cleanLine(256),
  }),
])

const templateContent = z.strictObject({
  type: z.literal('template'),
  name: z.string().regex(/^[a-z0-9_]{1,512}$/),
  language: z.string().regex(/^[a-z]{2,3}(_[A-Z]{2})?$/),
  variables: z
    .strictObject({
      header: variableValues.optional(),
      body: variableValues.optional(),
      buttons: z.array(buttonVariable).max(10).optional(),
    })
    .optional(),
  // Meta: authentication 30–900, utility 30–43,200, marketing 43,200–2,592,000, -1 is 30 days.
  ttlSeconds: z.union([z.literal(-1), z.int().min(30).max(2_592_000)]).optional(),
})

/** A content travels in one row of 64 KB, sealed and in base64. */
const mostContentBytes = 40_000

/** RFC 3339 with a zone. PostgreSQL knows neither the year 0 nor every offset that RFC 3339 does. */
const instant = z.iso
  .datetime({ offset: true })
  .transform((input) => new Date(input))
  .refine((at) => at.getUTCFullYear() >= 1970 && at.getUTCFullYear() <= 9998, {
    error: 'must lie in the years 1970 to 9998',
  })
  .transform((at) => at.toISOString())

/** `POST /chats/{chatId}/messages`. Times are RFC 3339 with a zone. */
export const postMessageBody = z.strictObject({
  channel: z.literal('WHATSAPP'),
  content: z
    .discriminatedUnion('type', [textContent, templateContent])
    .refine(
      (content) => new TextEncoder().encode(JSON.stringify(content)).length <= mostContentBytes,
      {
        error: 'must be 40,000 bytes or less as JSON',
      },
    ),
  sendAt: instant.optional(),
  expiresAt: instant.optional(),
  deliveryPolicy: z.enum(['at-least-once', 'at-most-once']).optional(),
})

/** `?order=desc` (newest first, the default) or `asc`. */
export const messagesQuery = pageQuery.extend({ order: z.enum(['asc', 'desc']).default('desc') })

/** `Idempotency-Key`: any visible ASCII up to 255 characters. */
export const idempotencyKey = z.string().regex(/^[\x21-\x7e]{1,255}$/)

/** The 202 of a message: made of the key row and the request alone, so that it repeats exactly. */
export function acceptedResource(accepted: {
  chatId: string
  messageId: string
  acceptedAt: string
}) {
  return {
    messageId: accepted.messageId,
    chatId: accepted.chatId,
    status: 'QUEUED',
    acceptedAt: accepted.acceptedAt,
  }
}

/** A message as the API shows it; what is not true of it is left out. */
export function messageResource(message: Message) {
  const outbound = message.direction === 'OUTBOUND' && {
    deliveryPolicy: message.deliveryPolicy,
    ...(message.status === 'UNKNOWN' && { final: message.reason === UNRESOLVED }),
    ...(message.held && { held: true }),
    ...(message.possibleDuplicate && { possibleDuplicate: true }),
    ...(message.outOfOrder && { outOfOrder: true }),
    ...(message.sendAt && { sendAt: message.sendAt }),
    ...(message.expiresAt && { expiresAt: message.expiresAt }),
  }
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
    ...cameAlong(message),
    ...outbound,
    ...(message.occurredAt && { occurredAt: message.occurredAt }),
    createdAt: message.createdAt,
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

export function contentOf(body: PostMessageBody): MessageContent {
  return JSON.parse(JSON.stringify(body.content)) as MessageContent
}

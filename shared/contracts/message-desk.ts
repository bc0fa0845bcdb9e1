import * as z from 'zod'
import type { Channel } from '../domain/channel.ts'
import type { Refusal } from '../domain/errors.ts'
import { type Message, messageStatuses } from '../domain/message.ts'
import type { MessageFacts } from '../domain/message-check.ts'
import type { HistoryStep, SendAttempt } from '../domain/message-history.ts'
import { acceptedMessage, acceptedResource, messageResource, shownMessage } from './messages.ts'
import { shownTime } from './paging.ts'
import { partProblem } from './part-problem.ts'
import { batchedMessage, instant, sendTime } from './post-message.ts'

/** `POST /messages`: each message as `POST /chats/{chatId}/messages` takes it, and its chat. */
export const postMessagesBody = z.strictObject({
  messages: z.array(batchedMessage).min(1).max(100),
})

const index = z.int().min(0).max(99)

/** What became of each message, in the order of the request. */
export const postedMessages = z
  .object({
    items: z.array(
      z.union([acceptedMessage.extend({ index }), z.object({ index, problem: partProblem })]),
    ),
  })
  .meta({ id: 'PostedMessages' })

/** What became of one message of many. */
type Posted =
  | {
      readonly chatId: string
      readonly accepted: { readonly messageId: string; readonly acceptedAt: string }
    }
  | { readonly refusal: Refusal }

type Problem = z.input<typeof partProblem>
type ShowRefusal = (refusal: Refusal) => Problem

export function postedResource(
  posted: readonly Posted[],
  problemOf: ShowRefusal,
): z.input<typeof postedMessages> {
  return {
    items: posted.map((item, index) =>
      'refusal' in item
        ? { index, problem: problemOf(item.refusal) }
        : { index, ...acceptedResource({ chatId: item.chatId, ...item.accepted }) },
    ),
  }
}

/** `POST /chats/{chatId}/messages/{messageId}/resend`: it may do without a body. */
export const resendMessageBody = z
  .strictObject({ sendAt: sendTime.optional(), expiresAt: instant.optional() })
  .optional()

const reasons = { reason: z.string().nullable(), reasonCode: z.int().nullable() }

/** A message with all that became of it. */
export const messageDetail = shownMessage
  .extend({
    history: z.array(
      z.object({
        status: z.enum(messageStatuses),
        at: shownTime,
        reason: z.string().optional(),
        reasonCode: z.int().optional(),
        attempt: z.int().optional(),
      }),
    ),
    attempts: z.array(
      z.object({
        number: z.int(),
        outcome: z.enum(['CALLING', 'ACCEPTED', 'REJECTED', 'NOT_CALLED', 'UNKNOWN', 'ABANDONED']),
        claimedAt: shownTime,
        resolvedAt: shownTime.nullable(),
        ...reasons,
      }),
    ),
  })
  .meta({ id: 'MessageDetail' })

export function messageDetailResource(read: {
  readonly message: Message
  readonly history: readonly HistoryStep[]
  readonly attempts: readonly SendAttempt[]
}): z.input<typeof messageDetail> {
  return {
    ...messageResource(read.message),
    history: read.history.map((step) => ({
      status: step.status,
      at: step.at,
      ...(step.reason !== undefined && { reason: step.reason }),
      ...(step.reasonCode !== undefined && { reasonCode: step.reasonCode }),
      ...(step.attempt !== undefined && { attempt: step.attempt }),
    })),
    attempts: read.attempts.map((attempt) => ({
      number: attempt.number,
      outcome: attempt.outcome,
      claimedAt: attempt.claimedAt,
      resolvedAt: attempt.resolvedAt ?? null,
      reason: attempt.reason ?? null,
      reasonCode: attempt.reasonCode ?? null,
    })),
  }
}

const word = z.string().nullable()

/** What would become of a message, and what the rules went by. */
export const checkedMessage = z
  .object({
    wouldSend: z.boolean(),
    /** Which part would go: null when nothing would. */
    wouldUse: z.enum(['content', 'fallbackTemplate']).nullable(),
    /** What `POST /chats/{chatId}/messages` would answer instead of a 202. */
    problem: partProblem.nullable(),
    channel: z.enum(['WHATSAPP', 'EMAIL']),
    contactKnown: z.boolean(),
    senderKnown: z.boolean(),
    /** Of WhatsApp: of the contact and the sender that a send would use. */
    serviceWindow: z
      .object({ open: z.boolean(), expiresAt: shownTime.nullable(), enforced: z.boolean() })
      .nullable(),
    /** The template asked for, as content or as fallback; null values are not known here. */
    template: z
      .object({
        name: z.string(),
        language: z.string(),
        category: word,
        acceptedCategory: word,
        status: word,
      })
      .nullable(),
    consent: z.object({
      /** Whether an opt-out stands against this message. */
      optedOut: z.boolean(),
      optOuts: z.array(z.object({ category: z.string(), optedOutAt: shownTime })).readonly(),
    }),
    limits: z.object({
      /** Whom the portfolio may reach outside their service window in 24 hours. */
      uniqueUsers: z.object({ limit: z.int(), room: z.boolean() }).nullable(),
      /** Messages that the tenant may have charged today. */
      chargedMessages: z.object({ limit: z.int(), left: z.int() }).nullable(),
    }),
    /** What a send would have to wait for. */
    holds: z
      .array(
        z.object({
          reason: z.enum(['breaker-open', 'throughput', 'pair-pace']),
          until: shownTime,
        }),
      )
      .readonly(),
  })
  .meta({ id: 'CheckedMessage' })

export function checkedResource(
  checked: {
    readonly channel: Channel
    readonly facts: MessageFacts
    readonly refusal: Refusal | undefined
    readonly usesFallback: boolean | undefined
  },
  problemOf: ShowRefusal,
): z.input<typeof checkedMessage> {
  const { facts, refusal, usesFallback } = checked
  const { serviceWindow: window, template, limits } = facts
  return {
    wouldSend: refusal === undefined,
    wouldUse: usesFallback === undefined ? null : usesFallback ? 'fallbackTemplate' : 'content',
    problem: refusal === undefined ? null : problemOf(refusal),
    channel: checked.channel,
    contactKnown: facts.contactKnown,
    senderKnown: facts.senderKnown,
    serviceWindow: window ? { ...window, expiresAt: window.expiresAt ?? null } : null,
    template: template ? { ...unknownTemplate, ...template } : null,
    consent: { optedOut: facts.optedOut, optOuts: facts.optOuts },
    limits: {
      uniqueUsers: limits.uniqueUsers ?? null,
      chargedMessages: limits.chargedMessages ?? null,
    },
    holds: facts.holds,
  }
}

const unknownTemplate = { category: null, acceptedCategory: null, status: null }

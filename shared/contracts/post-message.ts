import * as z from 'zod'
import type { OutboundContent } from '../domain/content.ts'
import type { TemplateContent } from '../domain/template-content.ts'
import { emailContent } from './content/email.ts'
import { outboundContent } from './content/outbound.ts'
import { templateContent } from './content/template.ts'
import { idPattern } from './paging.ts'

/** RFC 3339 with a zone. PostgreSQL knows neither the year 0 nor every offset that RFC 3339 does. */
export const instant = z.iso
  .datetime({ offset: true })
  .transform((input) => new Date(input))
  .refine((at) => at.getUTCFullYear() >= 1970 && at.getUTCFullYear() <= 9998, {
    error: 'must lie in the years 1970 to 9998',
  })
  .transform((at) => at.toISOString())

/** What the clocks show where the person lives; the zone is found with the chat. */
const clockTime = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?$/)
  .transform((text) => (text.length === 16 ? `${text}:00` : text))
  .refine((text) => instant.safeParse(`${text}Z`).success, { error: 'must be a time of a day' })

/** A moment, or the same without a zone: on the person's own clocks. */
export const sendTime = z.union([instant, clockTime]).meta({
  documentedAs: z.string().meta({ examples: ['2026-12-01T09:00', '2026-12-01T12:00:00Z'] }),
})

const id = z.string().regex(idPattern)

const options = {
  replyToMessageId: id.optional().meta({ description: 'A message of the same chat and channel.' }),
  sendAt: sendTime.optional().meta({
    description:
      'Not before this time, to the minute. RFC 3339; without a zone it is the time on the ' +
      "person's own clocks (`timeZone` of the person, else the company's).",
  }),
  expiresAt: instant.optional().meta({
    description: 'Not accepted by the provider by then: FAILED with reason `expired`.',
  }),
  deliveryPolicy: z.enum(['at-least-once', 'at-most-once']).optional().meta({
    description: 'What becomes of a message whose answer was lost: sent again, or left UNKNOWN.',
  }),
}

const onWhatsApp = z
  .strictObject({
    channel: z.literal('WHATSAPP'),
    content: outboundContent,
    fallbackTemplate: templateContent.optional().meta({
      description: 'Goes instead once the service window is closed.',
    }),
    ...options,
  })
  .refine(({ content, fallbackTemplate }) => !(fallbackTemplate && content.type === 'template'), {
    path: ['fallbackTemplate'],
    error: 'must not come with a template',
  })

const byMail = z.strictObject({
  channel: z.literal('EMAIL'),
  content: emailContent,
  ...options,
})

/** `POST /chats/{chatId}/messages`. Times are RFC 3339 with a zone. */
export const postMessageBody = z.discriminatedUnion('channel', [onWhatsApp, byMail])

/** A message of a batch names its chat. */
export const batchedMessage = z.discriminatedUnion('channel', [
  onWhatsApp.safeExtend({ chatId: id }),
  byMail.extend({ chatId: id }),
])

type PostMessageBody = z.output<typeof postMessageBody>

/** The parsed content with its absent options left out, as the domain has it. */
export function contentOf({ content }: Pick<PostMessageBody, 'content'>): OutboundContent {
  return JSON.parse(JSON.stringify(content)) as OutboundContent
}

/** The message that a body asks for, in the words of the domain. */
export function wishOf<T extends PostMessageBody>(body: T) {
  const { content, ...rest } = body
  const { fallbackTemplate, ...wish } = { fallbackTemplate: undefined, ...rest }
  return {
    ...wish,
    content: contentOf({ content }),
    fallback: fallbackTemplate && (JSON.parse(JSON.stringify(fallbackTemplate)) as TemplateContent),
  }
}

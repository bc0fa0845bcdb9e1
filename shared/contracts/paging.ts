import * as z from 'zod'
import { Refusal } from '../domain/errors.ts'

/** Ids of ours are decimal strings; anything else names nothing. */
export const idPattern = /^[1-9]\d{0,17}$/

export const pageQuery = z.strictObject({
  limit: z
    .string()
    .regex(/^\d{1,3}$/)
    .transform(Number)
    .pipe(z.int().min(1).max(100))
    .default(50),
  cursor: z.string().min(1).max(512).optional(),
})

/** The chat that a path names. Throws Refusal `chat-not-found` for what cannot be an id. */
export function chatIdOf(params: Readonly<Record<string, string | undefined>>): string {
  const { chatId } = params
  if (chatId === undefined || !idPattern.test(chatId)) throw new Refusal('chat-not-found')
  return chatId
}

/** The message that a path names. Throws Refusal `message-not-found` for what cannot be an id. */
export function messageIdOf(params: Readonly<Record<string, string | undefined>>): string {
  const { messageId } = params
  if (messageId === undefined || !idPattern.test(messageId)) throw new Refusal('message-not-found')
  return messageId
}

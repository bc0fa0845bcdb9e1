import * as z from 'zod'
import type { Chat } from '../domain/chat.ts'
import { parsePhone } from '../domain/phone.ts'
import { shownId, shownTime } from './paging.ts'
import { cleanLine } from './text.ts'

const whatsAppContact = z.strictObject({
  channel: z.literal('WHATSAPP'),
  address: z
    .string()
    .max(40)
    .transform((input, context) => {
      const phone = parsePhone(input)
      if (phone !== undefined) return phone.e164
      context.addIssue({ code: 'custom', message: 'must be a phone in E.164, e.g. +5511987654321' })
      return z.NEVER
    }),
})

const emailContact = z.strictObject({
  channel: z.literal('EMAIL'),
  address: z.email().max(320),
})

/** An address where people are reached, in the spelling that its channel has. */
export const contactAddress = z.discriminatedUnion('channel', [whatsAppContact, emailContact])

/** `POST /chats`: the person, known by the business system's id, and where to reach them. */
export const openChatBody = z.strictObject({
  person: z.strictObject({
    externalId: cleanLine(200),
    name: cleanLine(200).optional(),
  }),
  contacts: z.array(contactAddress).min(1).max(10),
})

/** `POST /chats/{chatId}/read`: without a body nobody is shown as typing. */
export const markReadBody = z.strictObject({ typing: z.boolean().optional() }).optional()

const channel = z.enum(['WHATSAPP', 'EMAIL'])

/** A chat as the API shows it. */
export const shownChat = z
  .object({
    chatId: shownId,
    status: z.enum(['ACTIVE', 'CLOSED', 'ARCHIVED']),
    channels: z.array(channel).readonly(),
    personId: shownId,
    person: z.object({
      personId: shownId,
      externalId: z.string().nullable(),
      name: z.string().nullable(),
    }),
    contacts: z.array(z.object({ channel, address: z.string() })).readonly(),
    lastMessageId: shownId.nullable(),
    unreadCount: z.int().min(0),
    serviceWindow: z.object({ open: z.boolean(), expiresAt: shownTime.nullable() }),
    mergedIntoChatId: shownId.nullable(),
    lastActivityAt: shownTime,
    createdAt: shownTime,
    updatedAt: shownTime,
  })
  .meta({ id: 'Chat' })

export function chatResource(chat: Chat): z.input<typeof shownChat> {
  return {
    chatId: chat.chatId,
    status: chat.status,
    channels: chat.channels,
    personId: chat.person.personId,
    person: {
      personId: chat.person.personId,
      externalId: chat.person.externalId ?? null,
      name: chat.person.name ?? null,
    },
    contacts: chat.person.contacts,
    lastMessageId: chat.lastMessageId ?? null,
    unreadCount: chat.unreadCount,
    serviceWindow: {
      open: chat.serviceWindow.open,
      expiresAt: chat.serviceWindow.expiresAt ?? null,
    },
    mergedIntoChatId: chat.mergedIntoChatId ?? null,
    lastActivityAt: chat.lastActivityAt,
    createdAt: chat.createdAt,
    updatedAt: chat.updatedAt,
  }
}

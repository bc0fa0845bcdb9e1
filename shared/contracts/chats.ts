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
    .meta({ description: 'A phone, best in E.164.', examples: ['+5511987654321'] })
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

/** `POST /chats`: the person, known by the business system's id, and where to reach them. */
export const openChatBody = z.strictObject({
  person: z.strictObject({
    externalId: cleanLine(200).meta({ description: 'Your own id of the person.' }),
    name: cleanLine(200).optional(),
  }),
  contacts: z
    .array(z.discriminatedUnion('channel', [whatsAppContact, emailContact]))
    .min(1)
    .max(10),
})

/** `POST /chats/{chatId}/read`: without a body nobody is shown as typing. */
export const markReadBody = z
  .strictObject({
    typing: z
      .boolean()
      .optional()
      .meta({ description: 'Shows the person for some seconds that somebody is writing.' }),
  })
  .optional()

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
      externalId: z
        .string()
        .nullable()
        .meta({ examples: ['8812'] }),
      name: z
        .string()
        .nullable()
        .meta({ examples: ['Ana Lima'] }),
    }),
    contacts: z
      .array(z.object({ channel, address: z.string().meta({ examples: ['+5511987654321'] }) }))
      .readonly(),
    lastMessageId: shownId.nullable(),
    unreadCount: z.int().min(0),
    serviceWindow: z
      .object({ open: z.boolean(), expiresAt: shownTime.nullable() })
      .meta({ description: 'Of the sender that a send would use: WhatsApp lets it write freely.' }),
    mergedIntoChatId: shownId.nullable().meta({
      description: 'Where the thread goes on after persons were merged.',
      examples: [null],
    }),
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

import * as z from 'zod'
import type { Chat } from '../domain/chat.ts'
import { messageStatuses } from '../domain/message.ts'
import { channel, givenContact } from './contacts.ts'
import { pageQuery, shownId, shownTime } from './paging.ts'
import { cleanName } from './text.ts'

/** `POST /chats`: the person, known by the business system's id, and where to reach them. */
export const openChatBody = z.strictObject({
  person: z.strictObject({
    externalId: cleanName(200).meta({ description: 'Your own id of the person.' }),
    name: cleanName(200).optional(),
  }),
  contacts: z.array(givenContact).min(1).max(10),
})

const chatStatus = z.enum(['ACTIVE', 'CLOSED', 'ARCHIVED'])

/** `GET /chats`: all that is given must hold. */
export const chatsQuery = pageQuery.extend({
  personId: shownId.optional(),
  status: chatStatus.optional(),
  channel: channel.optional(),
  unread: z
    .enum(['true', 'false'])
    .transform((word) => word === 'true')
    .optional(),
  updatedAfter: z.iso
    .datetime({ offset: true })
    .refine((time) => Date.parse(time) >= 0, { error: 'must be a time since 1970' })
    .optional(),
})

/** `PATCH /chats/{chatId}`. */
export const updateChatBody = z.strictObject({ status: chatStatus })

/** `POST /chats/{chatId}/read`: without a body nobody is shown as typing. */
export const markReadBody = z
  .strictObject({
    typing: z
      .boolean()
      .optional()
      .meta({ description: 'Shows the person for some seconds that somebody is writing.' }),
  })
  .optional()

/** A chat as the API shows it. */
export const shownChat = z
  .object({
    chatId: shownId,
    version: shownId,
    status: chatStatus,
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
    lastMessage: z
      .object({
        messageId: shownId,
        direction: z.enum(['INBOUND', 'OUTBOUND']),
        channel,
        contentType: z.string().nullable(),
        status: z.enum(messageStatuses),
        preview: z.string().nullable(),
        createdAt: shownTime,
      })
      .nullable(),
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
    version: chat.version,
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
    lastMessage: chat.lastMessage
      ? {
          messageId: chat.lastMessage.messageId,
          direction: chat.lastMessage.direction,
          channel: chat.lastMessage.channel,
          contentType: chat.lastMessage.contentType ?? null,
          status: chat.lastMessage.status,
          preview: chat.lastMessage.preview ?? null,
          createdAt: chat.lastMessage.createdAt,
        }
      : null,
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

import type { Channel } from '../../domain/channel.ts'
import type { Chat, ChatStatus, LastMessage } from '../../domain/chat.ts'
import type { Direction, MessageStatus } from '../../domain/message.ts'
import { previewOf } from '../../domain/preview.ts'
import type { TenantSealer } from '../../ports/sealer.ts'
import { openPersonCells, type PersonCells } from './person-cells.ts'
import { fromBase64, openContent } from './sealed-cells.ts'

/** `chat_view.chat`, with sealed cells in base64. */
interface ChatJson extends PersonCells {
  readonly chatId: string
  readonly version: string
  readonly personId: string
  readonly status: ChatStatus
  readonly channels: readonly Channel[]
  readonly lastMessageId: string | null
  readonly lastMessage: LastMessageJson | null
  readonly unreadCount: number
  readonly mergedIntoChatId: string | null
  readonly lastActivityAt: string
  readonly createdAt: string
  readonly updatedAt: string
  readonly serviceWindow: { readonly open: boolean; readonly expiresAt: string | null }
}

interface LastMessageJson {
  readonly messageId: string
  readonly direction: Direction
  readonly channel: Channel
  readonly status: MessageStatus
  readonly contentType: string | null
  /** Null once it is gone, and where it is too large to be read for a list. */
  readonly content: string | null
  readonly rowToken: string
  readonly createdAt: string
}

export function toChat(sealer: TenantSealer, json: string): Chat {
  const row = JSON.parse(json) as ChatJson
  const { contacts, ...person } = openPersonCells(sealer, row)
  return {
    chatId: row.chatId,
    version: row.version,
    status: row.status,
    channels: row.channels,
    person: {
      personId: row.personId,
      ...person,
      contacts: contacts.map(({ channel, address }) => ({ channel, address })),
    },
    lastMessageId: row.lastMessageId ?? undefined,
    lastMessage: row.lastMessage === null ? undefined : toLastMessage(sealer, row.lastMessage),
    unreadCount: row.unreadCount,
    serviceWindow: {
      open: row.serviceWindow.open,
      expiresAt: row.serviceWindow.expiresAt ?? undefined,
    },
    mergedIntoChatId: row.mergedIntoChatId ?? undefined,
    lastActivityAt: row.lastActivityAt,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  }
}

function toLastMessage(
  sealer: TenantSealer,
  { contentType, content, rowToken, ...message }: LastMessageJson,
): LastMessage {
  return {
    ...message,
    contentType: contentType ?? undefined,
    preview:
      content === null ? undefined : previewOf(openContent(sealer, fromBase64(content), rowToken)),
  }
}

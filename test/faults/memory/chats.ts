import type { Chat, ChatFilter } from '#shared/domain/chat.ts'
import type { ChatPageRequest, Page, UpdateAnswer, UpdateChat } from '#shared/ports/chat-store.ts'
import { refuse, takeToken } from './accepting.ts'
import { readCursor, shownChat, writeCursor } from './reading.ts'
import { type ChatRow, keyOf, type MemoryDatabase } from './rows.ts'

/** Newest activity or change first, every match. Throws Refusal `invalid-cursor`. */
export function listChats(
  db: MemoryDatabase,
  tenantId: string,
  { limit, cursor, filter = {} }: ChatPageRequest,
): Page<Chat> {
  const scope = `${tenantId}:chats:${JSON.stringify(Object.entries(filter).sort())}`
  const after = readCursor(scope, cursor)
  const order = filter.updatedAfter === undefined ? 'lastActivityAt' : 'updatedAt'
  const chats = [...(db.tenants.get(tenantId)?.chats ?? [])]
    .filter((chat) => isWanted(chat, filter) || chat.chatId === after)
    .sort((a, b) => b[order] - a[order] || Number(b.chatId) - Number(a.chatId))
  const start = after === undefined ? 0 : chats.findIndex(({ chatId }) => chatId === after) + 1
  const shown = chats.slice(start, start + limit)
  return {
    items: shown.map((chat) => shownChat(db, chat)),
    nextCursor:
      start + limit < chats.length ? writeCursor(scope, shown.at(-1)?.chatId ?? '') : undefined,
  }
}

function isWanted(chat: ChatRow, filter: ChatFilter): boolean {
  const { personId, status, channel, unread, updatedAfter } = filter
  return (
    (personId ?? chat.person.personId) === chat.person.personId &&
    (status ?? chat.status) === chat.status &&
    (channel === undefined || chat.channels.includes(channel)) &&
    (unread === undefined || unread === chat.unreadCount > 0) &&
    (updatedAfter === undefined || chat.updatedAt > Date.parse(updatedAfter))
  )
}

/** Closes, reopens or archives a chat that still is what the caller has seen. */
export function updateChat(db: MemoryDatabase, command: UpdateChat): UpdateAnswer {
  const refused = takeToken(db, command)
  if (refused !== undefined) return refused
  const { tenantId, chatId, status } = command
  const chat = db.chats.get(keyOf(tenantId, chatId))
  if (chat === undefined) return refuse('chat-not-found')
  if (chat.status !== status) {
    const why = whyNot(db, chat, command)
    if (why !== undefined) return refuse(why)
    Object.assign(chat, { status, updatedAt: db.now() })
  }
  return { outcome: 'updated', chat: shownChat(db, chat) }
}

function whyNot(db: MemoryDatabase, chat: ChatRow, { version, status }: UpdateChat) {
  if (shownChat(db, chat).version !== version) return 'version-mismatch'
  if (chat.mergedIntoChatId !== undefined) return 'chat-merged'
  if (chat.status === 'ARCHIVED') return 'chat-archived'
  const isTaken = chat.person.chats.some((other) => other.status === 'ACTIVE')
  return status === 'ACTIVE' && isTaken ? 'person-has-active-chat' : undefined
}

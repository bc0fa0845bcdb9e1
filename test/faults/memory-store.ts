import type { Durations } from '#shared/domain/durations.ts'
import type { ChatStore } from '#shared/ports/chat-store.ts'
import type { Clock } from '#shared/ports/clock.ts'
import type { EventStore } from '#shared/ports/event-store.ts'
import type { MessageStore } from '#shared/ports/message-store.ts'
import type { TaskStore } from '#shared/ports/task-store.ts'
import { acceptMessage, cancelMessage } from './memory/accepting.ts'
import { listChats, updateChat } from './memory/chats.ts'
import { claimSends } from './memory/claiming.ts'
import { checkStatuses, relay } from './memory/clockwork.ts'
import { applyEvents } from './memory/events.ts'
import { openChat } from './memory/opening.ts'
import { listMessages, shownChat, waitingMessages } from './memory/reading.ts'
import { type Audit, keyOf, type MemoryDatabase, makeMemoryDatabase } from './memory/rows.ts'
import { settleSends } from './memory/settling.ts'

export interface MemoryStores {
  readonly messages: MessageStore
  readonly chats: ChatStore
  readonly events: EventStore
  readonly tasks: TaskStore
  readonly database: MemoryDatabase
}

const nobody: Audit = { status: () => undefined, outcome: () => undefined }

/**
 * The four stores in memory, with the rules of the SQL functions and the time of a clock of the
 * caller's. Each method is atomic; a step costs no more for a large database than for a small one.
 */
export function makeMemoryStores(parts: {
  readonly clock: Clock
  readonly waits: Durations
  readonly audit?: Audit
}): MemoryStores {
  const db = makeMemoryDatabase({ audit: nobody, ...parts })
  return {
    database: db,
    messages: {
      accept: async (command) => acceptMessage(db, command),
      claim: async (request) => claimSends(db, request),
      settle: async (sends) => settleSends(db, sends),
      cancel: async (message) => cancelMessage(db, message),
    },
    events: { apply: async (batch) => applyEvents(db, batch) },
    tasks: tasksOf(db),
    chats: {
      open: async (command) => openChat(db, command),
      get: async ({ tenantId }, chatId) => {
        const chat = db.chats.get(keyOf(tenantId, chatId))
        return chat && shownChat(db, chat)
      },
      list: async ({ tenantId }, page) => listChats(db, tenantId, page),
      update: async (command) => updateChat(db, command),
      messages: async ({ tenantId }, chatId, page) =>
        listMessages(db, { tenantId, chatId, ...page }),
    },
  }
}

function tasksOf(db: MemoryDatabase): TaskStore {
  return {
    checkStatuses: async (checks) => checkStatuses(db, checks),
    relay: async (limit) => relay(db, limit),
    disableProbe: async ({ senderId }) => {
      const sender = db.senders.get(senderId)
      if (sender !== undefined) sender.historyProbe = false
    },
    recordFailures: async (failures) => {
      for (const failure of failures) {
        const key = keyOf(failure.queue, failure.queueMessageId)
        const tenantId = db.tenants.has(failure.tenantId) ? failure.tenantId : '0'
        if (!db.failures.has(key)) db.failures.set(key, { ...failure, tenantId })
      }
    },
    waiting: async (filter) => waitingMessages(db, filter),
  }
}

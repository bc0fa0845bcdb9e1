import { deliveryTtlSeconds } from '#shared/domain/content.ts'
import type { RoutedInbound } from '#shared/ports/event-store.ts'
import type { Wake } from '#shared/ports/task-queue.ts'
import {
  type ContactRow,
  keyOf,
  type MemoryDatabase,
  type MessageRow,
  type ReportRow,
} from './rows.ts'
import { addTask, wakeOf } from './tasks.ts'

/** The newest word wins, of two in one moment the stop. Answers whether the person is out now. */
export function recordOptOut(contact: ContactRow, category: string, at: number): boolean {
  const known = contact.optOuts.get(category)
  if (known === undefined) {
    contact.optOuts.set(category, { optedOutAt: at, restoredAt: undefined })
    return true
  }
  if (at <= known.optedOutAt) return false
  known.optedOutAt = at
  if (known.restoredAt === undefined || at < known.restoredAt) return false
  known.restoredAt = undefined
  return true
}

/** Answers whether the person was out until now. */
export function restoreOptOut(contact: ContactRow, category: string, at: number): boolean {
  const known = contact.optOuts.get(category)
  if (known === undefined) {
    contact.optOuts.set(category, { optedOutAt: Number.NEGATIVE_INFINITY, restoredAt: at })
    return false
  }
  if (at <= known.optedOutAt) return false
  const wasOut = known.restoredAt === undefined
  known.restoredAt = Math.max(at, known.restoredAt ?? at)
  return wasOut
}

/** The provider refused a message because the person stopped marketing messages. */
export function takeRefusal({ message, reason, occurredAt }: ReportRow): void {
  if (message === undefined || reason !== 'marketing-stopped') return
  recordOptOut(message.contact, 'MARKETING', occurredAt)
}

/** Books the word that a message is; its confirmation, when it changed something. */
export function takeOptOutWord(
  db: MemoryDatabase,
  written: MessageRow,
  { senderId, optOut }: RoutedInbound,
): readonly Wake[] {
  if (optOut === undefined) return []
  const at = Date.parse(written.occurredAt ?? '')
  const change = optOut.word === 'stop' ? recordOptOut : restoreOptOut
  if (!change(written.contact, 'ALL', at) || optOut.confirmation === undefined) return []
  const now = db.now()
  const message = confirmationOf(db, written, { senderId, text: optOut.confirmation })
  db.messages.set(keyOf(message.tenantId, message.messageId), message)
  const { chat } = message
  chat.messages.push(message)
  chat.lastMessageId = message.messageId
  chat.lastSequence = message.sequence
  db.audit.status(message, undefined)
  const times = { plannedAt: now, dueAt: now, wokenAt: now }
  return [wakeOf(addTask(db, message, { type: 'MESSAGE_SEND', ...times }), now)]
}

function confirmationOf(
  db: MemoryDatabase,
  written: MessageRow,
  { senderId, text }: { readonly senderId: string; readonly text: string },
): MessageRow {
  const { waits } = db
  const now = db.now()
  const content = { type: 'text', text } as const
  return {
    ...written,
    messageId: db.nextId(),
    sequence: written.sequence + 1,
    direction: 'OUTBOUND',
    origin: 'automatic',
    sender: db.senders.get(senderId),
    content,
    metadata: undefined,
    status: 'QUEUED',
    statusAt: now,
    deliveryPolicy: db.tenants.get(written.tenantId)?.deliveryPolicy ?? 'at-least-once',
    providerMessageId: undefined,
    replyToMessageId: undefined,
    occurredAt: undefined,
    expiresAt: now + waits.horizonSeconds * 1000,
    reportTtlSeconds: Math.ceil(
      deliveryTtlSeconds(content, waits.deliveryTtlSeconds) + waits.deliveryGraceSeconds,
    ),
    createdAt: now,
    attempts: [],
  }
}

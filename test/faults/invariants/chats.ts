import type { Case, Violation } from '../invariants.ts'
import { violation } from './sending.ts'

/**
 * I9: every inbound id that we answered with 2xx is stored exactly once, and nothing else is; also
 * those that were taken out of their messages since.
 */
export function inboundOnce({ ledgers, rows }: Case): readonly Violation[] {
  const inbound: readonly { readonly providerMessageId: string | undefined }[] =
    rows.upkeep?.inbound ?? rows.messages.filter(({ direction }) => direction === 'INBOUND')
  const stored = Map.groupBy(inbound, ({ providerMessageId }) => providerMessageId ?? '')
  const emitted = ledgers.events.filter(({ kind }) => kind === 'inbound')
  const known = new Set(emitted.map(({ providerMessageId }) => providerMessageId))
  return [
    ...emitted
      .filter(({ takenAt }) => takenAt !== undefined)
      .flatMap(({ providerMessageId }) => {
        const times = stored.get(providerMessageId)?.length ?? 0
        const text = `inbound ${providerMessageId} is stored ${times} times`
        return times === 1 ? [] : [violation('I9', text, providerMessageId)]
      }),
    ...[...stored.keys()]
      .filter((id) => !known.has(id))
      .map((id) => violation('I9', `inbound ${id} came from nowhere`, id)),
  ]
}

/** I10: one ACTIVE chat for a person. */
export function oneActiveChat({ rows }: Case): readonly Violation[] {
  const active = rows.chats.filter(({ status }) => status === 'ACTIVE')
  return [...Map.groupBy(active, ({ tenantId, personId }) => `${tenantId}/${personId}`)]
    .filter(([, chats]) => chats.length > 1)
    .map(([person, chats]) => violation('I10', `${person} has ${chats.length} ACTIVE chats`))
}

/** I11: counters, numbers and the last message of a chat are what a recount says. */
export function counters({ rows, erasedChats }: Case): readonly Violation[] {
  const byChat = Map.groupBy(rows.messages, ({ chatId }) => chatId)
  return rows.chats.flatMap(({ chatId, lastMessageId, unreadCount, lastSequence }) => {
    const messages = byChat.get(chatId) ?? []
    const last = messages.toSorted((one, other) => other.sequence - one.sequence)[0]
    const inbound = messages.filter(({ direction }) => direction === 'INBOUND').length
    const unread = erasedChats.has(chatId) ? 0 : inbound
    const numbers = new Set(messages.map(({ sequence }) => sequence))
    const isRight =
      unread === unreadCount &&
      last?.messageId === lastMessageId &&
      lastSequence === messages.length &&
      numbers.size === messages.length
    return isRight ? [] : [violation('I11', `the counters of chat ${chatId} are wrong`, chatId)]
  })
}

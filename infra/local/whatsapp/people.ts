import { userIdOf, waIdOf } from './phone-number.ts'
import type { ShownMessage } from './shown-message.ts'

/** Somebody with WhatsApp, known to one business account. */
export interface Person {
  readonly userId: string
  /** Digits; undefined for somebody addressed by a user id that we never made. */
  readonly waId: string | undefined
  name: string
}

/** How a webhook names somebody. */
export function contactOf({ name, waId, userId }: Person, hidesPhone: boolean) {
  const phone = hidesPhone || waId === undefined ? {} : { wa_id: waId }
  return { profile: { name }, ...phone, user_id: userId }
}

export interface StoredMessage {
  readonly messageId: string
  readonly direction: 'inbound' | 'outbound'
  readonly phoneNumberId: string
  readonly person: Person
  readonly type: string
  readonly shown: ShownMessage
  readonly atMs: number
  readonly attemptId: string | undefined
  /** The message that is quoted, reacted to, edited or taken back. */
  readonly replyTo: string | undefined
  /** Reports in the order they were told, with their times. */
  readonly reports: { readonly status: string; readonly atMs: number }[]
}

export interface Conversation {
  readonly conversationId: string
  readonly phoneNumberId: string
  readonly person: Person
  lastInboundAtMs: number | undefined
  /** The person wants no marketing from this number. */
  stoppedMarketing: boolean
  readonly messages: StoredMessage[]
}

/** Who is known and what was said, on both sides. */
export class People {
  readonly #byWaId = new Map<string, Person>()
  readonly #byUserId = new Map<string, Person>()
  readonly #conversations = new Map<string, Conversation>()
  readonly #messages = new Map<string, StoredMessage>()

  /** The person behind dialled digits, whichever form of the number was used. */
  byPhone(digits: string, wabaId: string, shortAreaCodes: readonly string[]): Person {
    const waId = waIdOf(digits, shortAreaCodes)
    const known = this.#byWaId.get(`${wabaId}:${waId}`)
    if (known) return known
    const person = { userId: userIdOf(waId, wabaId), waId, name: `+${waId}` }
    this.#byWaId.set(`${wabaId}:${waId}`, person)
    this.#byUserId.set(person.userId, person)
    return person
  }

  byUserId(userId: string): Person {
    const known = this.#byUserId.get(userId)
    if (known) return known
    const person = { userId, waId: undefined, name: userId }
    this.#byUserId.set(userId, person)
    return person
  }

  conversation(phoneNumberId: string, person: Person): Conversation {
    const conversationId = `${phoneNumberId}:${person.userId}`
    const known = this.#conversations.get(conversationId)
    if (known) return known
    const opened = {
      conversationId,
      phoneNumberId,
      person,
      lastInboundAtMs: undefined,
      stoppedMarketing: false,
      messages: [],
    }
    this.#conversations.set(conversationId, opened)
    return opened
  }

  add(message: StoredMessage): void {
    const conversation = this.conversation(message.phoneNumberId, message.person)
    conversation.messages.push(message)
    // News of the provider itself opens no service window.
    if (message.direction === 'inbound' && message.type !== 'system') {
      conversation.lastInboundAtMs = Math.max(conversation.lastInboundAtMs ?? 0, message.atMs)
    }
    this.#messages.set(message.messageId, message)
  }

  message(messageId: string): StoredMessage | undefined {
    return this.#messages.get(messageId)
  }

  /** Marks this inbound message and the earlier ones as read by the business. */
  markRead(message: StoredMessage, atMs: number): void {
    for (const earlier of this.conversation(message.phoneNumberId, message.person).messages) {
      const isUnread = earlier.direction === 'inbound' && earlier.reports.length === 0
      if (isUnread) earlier.reports.push({ status: 'read', atMs })
      if (earlier === message) return
    }
  }

  conversations(): Conversation[] {
    return [...this.#conversations.values()]
  }
}

const ranks = ['failed', 'sent', 'delivered', 'read', 'played']

/** The furthest report of a message; `failed` only when nothing was delivered. */
export function shownStatus(message: StoredMessage): string | undefined {
  const statuses = message.reports.map(({ status }) => status)
  if (statuses.includes('failed') && !statuses.includes('delivered')) return 'failed'
  return ranks.findLast((status) => statuses.includes(status))
}

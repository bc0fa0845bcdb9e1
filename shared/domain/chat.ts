import type { Channel } from './channel.ts'
import type { Direction, MessageStatus } from './message.ts'
import type { Contact, Person } from './person.ts'

/**
 * ACTIVE ⇄ CLOSED, and both → ARCHIVED, which is the end. A person has one ACTIVE chat at most.
 *
 * What a person writes goes to their ACTIVE chat; else it reopens the CLOSED one that was active last,
 * if that was closed within the tenant's reopen days (7 unless an operator sets another number; 0
 * reopens nothing); else it opens a new one. ARCHIVED and merged chats never reopen.
 */
export type ChatStatus = 'ACTIVE' | 'CLOSED' | 'ARCHIVED'

/** Meta's 24 hours since the person's last message, for the sender that a send would use. */
export interface ServiceWindow {
  readonly open: boolean
  /** Also of one that is over; undefined when the person never wrote to this sender. */
  readonly expiresAt: string | undefined
}

/** What a list of chats shows of the newest message. */
export interface LastMessage {
  readonly messageId: string
  readonly direction: Direction
  readonly channel: Channel
  readonly status: MessageStatus
  /** Undefined once nothing of the content is left. */
  readonly contentType: string | undefined
  /** Its first words; undefined where there are none, or nothing is left. */
  readonly preview: string | undefined
  readonly createdAt: string
}

/** One thread with one person. Ids are decimal strings, times ISO 8601 UTC. */
export interface Chat {
  readonly chatId: string
  /** Another one after each change of the chat's own row. */
  readonly version: string
  readonly status: ChatStatus
  readonly channels: readonly Channel[]
  readonly person: Pick<Person, 'personId' | 'externalId' | 'name'> & {
    readonly contacts: readonly Contact[]
  }
  readonly lastMessageId: string | undefined
  readonly lastMessage: LastMessage | undefined
  readonly unreadCount: number
  readonly serviceWindow: ServiceWindow
  readonly mergedIntoChatId: string | undefined
  readonly lastActivityAt: string
  readonly createdAt: string
  readonly updatedAt: string
}

/** What a list of chats is narrowed to; all of it must hold. */
export interface ChatFilter {
  readonly personId?: string | undefined
  readonly status?: ChatStatus | undefined
  readonly channel?: Channel | undefined
  readonly unread?: boolean | undefined
  /** RFC 3339. Such a list is ordered by the newest change. */
  readonly updatedAfter?: string | undefined
}

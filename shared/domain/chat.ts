import type { Channel } from './channel.ts'

export type ChatStatus = 'ACTIVE' | 'CLOSED' | 'ARCHIVED'

export interface Contact {
  readonly channel: Channel
  /** E.164, e-mail address, or a WhatsApp user id where the person shows no phone. */
  readonly address: string
}

interface Person {
  readonly personId: string
  readonly externalId: string | undefined
  readonly name: string | undefined
  readonly contacts: readonly Contact[]
}

/** Meta's 24 hours since the person's last message, for the sender that a send would use. */
export interface ServiceWindow {
  readonly open: boolean
  /** Also of one that is over; undefined when the person never wrote to this sender. */
  readonly expiresAt: string | undefined
}

/** One thread with one person. Ids are decimal strings, times ISO 8601 UTC. */
export interface Chat {
  readonly chatId: string
  readonly status: ChatStatus
  readonly channels: readonly Channel[]
  readonly person: Person
  readonly lastMessageId: string | undefined
  readonly unreadCount: number
  readonly serviceWindow: ServiceWindow
  readonly mergedIntoChatId: string | undefined
  readonly lastActivityAt: string
  readonly createdAt: string
  readonly updatedAt: string
}

/** What programs of a tenant are told of; the words are stable. */
export const eventTypes = [
  'message.accepted',
  'message.received',
  'message.sent',
  'message.delivered',
  'message.read',
  'message.failed',
  'message.unknown',
  'message.expired',
  'message.cancelled',
  'message.edited',
  'message.revoked',
  'message.deleted',
  'chat.opened',
  'chat.closed',
  'chat.reopened',
  'chat.archived',
  'chat.merged',
  'person.merged',
  'contact.optedOut',
  'contact.optedIn',
  'template.changed',
  'subscription.paused',
] as const

export type EventType = (typeof eventTypes)[number]

/** Something that happened to a tenant's chats; ids and clear facts only. */
export interface TenantEvent {
  readonly eventId: string
  readonly type: EventType
  readonly createdAt: string
  readonly chatId?: string
  readonly messageId?: string
  readonly personId?: string
  readonly detail: Readonly<Record<string, unknown>>
}

/** An event as receivers see it, wherever it reaches them. */
export interface EventEnvelope {
  readonly id: string
  readonly type: EventType
  readonly createdAt: string
  readonly data: Readonly<Record<string, unknown>>
}

export function envelopeOf(event: TenantEvent): EventEnvelope {
  const { eventId, type, createdAt, detail, ...ids } = event
  return { id: eventId, type, createdAt, data: { ...ids, ...detail } }
}

import { auditOperations } from './operations/audit.ts'
import { businessEventOperations } from './operations/business-events.ts'
import { chatOperations } from './operations/chats.ts'
import { dunningOperations } from './operations/dunning.ts'
import { eventOperations } from './operations/events.ts'
import { mediaOperations } from './operations/media.ts'
import { messageOperations } from './operations/messages.ts'
import { ownTemplateOperations } from './operations/own-templates.ts'
import { personOperations } from './operations/persons.ts'
import { privacyOperations } from './operations/privacy.ts'
import { subscriptionOperations } from './operations/subscriptions.ts'
import { suppressionOperations } from './operations/suppressions.ts'
import { templateOperations } from './operations/templates.ts'

/** The API, room by room: the one list that the routes and the OpenAPI document are made of. */
export const rooms = {
  chats: chatOperations,
  messages: messageOperations,
  media: mediaOperations,
  persons: personOperations,
  privacy: privacyOperations,
  templates: templateOperations,
  'own-templates': ownTemplateOperations,
  events: eventOperations,
  subscriptions: subscriptionOperations,
  suppressions: suppressionOperations,
  audit: auditOperations,
  'business-events': businessEventOperations,
  dunning: dunningOperations,
} as const

export type RoomName = keyof typeof rooms

import type { Inbound } from './inbound.ts'
import type { Writing } from './inbound-message.ts'
import { contactOf, type Person } from './people.ts'
import { metadataOf } from './reports.ts'

type Told = Pick<Inbound, 'messageId' | 'timestamp' | 'hidesPhone'>

/** Somebody of the business wrote to the person from the business's own phone. */
export function tellEcho(writing: Writing, said: string, told: Told): { messageId: string } {
  const { simulation, number, person } = writing
  const messageId = told.messageId ?? simulation.random.wamid(recipientOf(person))
  const atSeconds = secondsOf(writing, told)
  const echo = {
    from: number.displayPhoneNumber.replace(/\D/g, ''),
    to: recipientOf(person),
    id: messageId,
    timestamp: String(atSeconds),
    type: 'text',
    text: { body: said },
  }
  if (!simulation.people.message(messageId)) {
    simulation.people.add({
      messageId,
      direction: 'outbound',
      phoneNumberId: number.phoneNumberId,
      person,
      type: 'text',
      shown: { text: said, footer: 'do telefone da empresa' },
      atMs: atSeconds * 1000,
      attemptId: undefined,
      replyTo: undefined,
      reports: [],
    })
  }
  const value = { ...envelopeOf(writing), message_echoes: [echo] }
  simulation.tell(number, { field: 'smb_message_echoes', value, wamid: messageId })
  return { messageId }
}

/** The person turned marketing messages of the business off or on; sends of them follow it. */
export function tellPreference(
  writing: Writing,
  value: 'stop' | 'resume',
  told: Told,
): { messageId: string } {
  const { simulation, number, person } = writing
  simulation.people.conversation(number.phoneNumberId, person).stoppedMarketing = value === 'stop'
  const contact = contactOf(person, told.hidesPhone)
  const { profile: _, ...identity } = contact
  const preference = {
    ...identity,
    detail: `User requested to ${value} marketing messages`,
    category: 'marketing_messages',
    value,
    timestamp: secondsOf(writing, told),
  }
  const news = { ...envelopeOf(writing), contacts: [contact], user_preferences: [preference] }
  const { eventId } = simulation.tell(number, { field: 'user_preferences', value: news })
  return { messageId: eventId }
}

function envelopeOf({ number }: Writing) {
  return { messaging_product: 'whatsapp', metadata: metadataOf(number) }
}

function secondsOf({ simulation }: Writing, { timestamp }: Told): number {
  return timestamp ?? Math.floor(simulation.clock.now() / 1000)
}

const recipientOf = (person: Person) => person.waId ?? person.userId

import { isoTime } from './clock.ts'
import { type Conversation, type StoredMessage, shownStatus } from './people.ts'
import type { Simulation } from './simulation.ts'

/** What the phone page shows: the newest conversation first, its last 200 messages. */
export function conversations(simulation: Simulation): object[] {
  return simulation.people
    .conversations()
    .filter(({ messages }) => messages.length > 0)
    .sort((one, other) => lastAtMs(other) - lastAtMs(one))
    .map(({ conversationId, phoneNumberId, person, messages }) => ({
      conversationId,
      phoneNumberId,
      waId: person.waId,
      userId: person.userId,
      name: person.name,
      messages: messages.slice(-200).map((message) => messageOf(simulation, message)),
    }))
}

function messageOf({ people }: Simulation, message: StoredMessage): object {
  const { messageId, direction, type, shown, replyTo } = message
  const quoted = replyTo === undefined ? undefined : people.message(replyTo)?.shown.text
  const at = isoTime(message.atMs)
  return { messageId, direction, type, ...shown, at, status: shownStatus(message), replyTo, quoted }
}

const lastAtMs = ({ messages }: Conversation) => messages.at(-1)?.atMs ?? 0

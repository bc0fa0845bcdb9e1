import type { OpenAnswer, OpenChat } from '#shared/ports/chat-store.ts'
import { keepAnswer, knownAnswer, refuse, takeToken } from './accepting.ts'
import { addChat, addContact, addIdentity, addPerson, identityKey, mergePersons } from './people.ts'
import { shownChat } from './reading.ts'
import { type ContactRow, keyOf, type MemoryDatabase, type PersonRow } from './rows.ts'

/** Opens or returns the ACTIVE chat of a person; links or merges one who wrote first. */
export function openChat(db: MemoryDatabase, command: OpenChat): OpenAnswer {
  const refused = takeToken(db, command)
  if (refused !== undefined) return refused
  const known = knownAnswer(db, command)
  if (known !== undefined) {
    if ('outcome' in known) return known
    const chat = db.chats.get(keyOf(command.tenantId, known.resourceId))
    if (chat === undefined) throw new Error('a kept answer without its chat')
    return { outcome: 'opened', created: known.answerStatus === 201, chat: shownChat(db, chat) }
  }
  const holders = command.contacts.map((contact) => holderOf(db, command.tenantId, contact))
  const isTaken = holders.some((holder) => {
    const owner = holder?.person.externalId
    return owner !== undefined && owner !== command.externalId
  })
  if (isTaken) return refuse('contact-taken')
  const person = personFor(db, command, holders)
  for (const contact of command.contacts) {
    if (holderOf(db, command.tenantId, contact) !== undefined) continue
    addIdentity(db, addContact(db, person, contact.channel), identityOf(contact))
  }
  const active = person.chats.find(({ status }) => status === 'ACTIVE')
  const chat = active ?? addChat(db, person)
  chat.channels = [...new Set(person.contacts.map(({ channel }) => channel))].sort()
  const created = active === undefined
  keepAnswer(db, command, { resourceId: chat.chatId, answerStatus: created ? 201 : 200 })
  return { outcome: 'opened', created, chat: shownChat(db, chat) }
}

type Named = OpenChat['contacts'][number]

function identityOf({ channel, address }: Named) {
  return { kind: channel === 'EMAIL' ? ('email' as const) : ('phone' as const), value: address }
}

function holderOf(db: MemoryDatabase, tenantId: string, contact: Named): ContactRow | undefined {
  return db.identities.get(identityKey(tenantId, contact.channel, identityOf(contact)))
}

function personFor(
  db: MemoryDatabase,
  { tenantId, externalId, name }: OpenChat,
  holders: readonly (ContactRow | undefined)[],
): PersonRow {
  const key = keyOf(tenantId, externalId)
  let person = db.personsByExternalId.get(key)
  for (const holder of holders) {
    if (holder === undefined || holder.person === person) continue
    person = person === undefined ? holder.person : mergePersons(db, person, holder.person)
  }
  person ??= addPerson(db, { tenantId, externalId, name })
  person.externalId = externalId
  person.name = name ?? person.name
  db.personsByExternalId.set(key, person)
  return person
}

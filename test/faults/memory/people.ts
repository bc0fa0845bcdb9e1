import type { PersonAddress } from '#shared/domain/channel-event.ts'
import { canonicalPhone } from '#shared/domain/phone.ts'
import {
  type ChatRow,
  type ContactRow,
  type IdentityKind,
  keyOf,
  type MemoryDatabase,
  type PersonRow,
} from './rows.ts'

interface Identity {
  readonly kind: IdentityKind
  readonly value: string
}

export function identityKey(tenantId: string, channel: string, { kind, value }: Identity): string {
  const canonical = kind === 'phone' ? canonicalPhone(value) : value
  return keyOf(tenantId, channel, kind, kind === 'email' ? value.toLowerCase() : canonical)
}

/** In the order in which they tell who it is. */
export function identitiesOf({ waId, userId, parentUserId }: PersonAddress): readonly Identity[] {
  const named: readonly (readonly [IdentityKind, string | undefined])[] = [
    ['user-id', userId],
    ['phone', waId && `+${waId}`],
    ['parent-user-id', parentUserId],
  ]
  return named.flatMap(([kind, value]) => (value ? [{ kind, value }] : []))
}

export function holderOf(
  db: MemoryDatabase,
  place: { readonly tenantId: string; readonly channel: string },
  identities: readonly Identity[],
): ContactRow | undefined {
  return identities
    .map((identity) => db.identities.get(identityKey(place.tenantId, place.channel, identity)))
    .find((contact) => contact !== undefined)
}

/** What a contact is written to at: a number or mail address, else a user id. */
export function addressOf({ identities }: ContactRow): Identity | undefined {
  const current = identities.filter(({ isSuperseded }) => isSuperseded !== true)
  return (
    current.find(({ kind }) => kind === 'phone' || kind === 'email') ??
    current.find(({ kind }) => kind === 'user-id') ??
    current[0]
  )
}

export function addChat(db: MemoryDatabase, person: PersonRow): ChatRow {
  const now = db.now()
  const chat: ChatRow = {
    tenantId: person.tenantId,
    chatId: db.nextId(),
    person,
    status: 'ACTIVE',
    lastMessageId: undefined,
    channels: [],
    unreadCount: 0,
    lastSequence: 0,
    mergedIntoChatId: undefined,
    lastActivityAt: now,
    createdAt: now,
    updatedAt: now,
    messages: [],
    lanes: new Map(),
  }
  person.chats.push(chat)
  db.chats.set(keyOf(chat.tenantId, chat.chatId), chat)
  db.tenants.get(chat.tenantId)?.chats.push(chat)
  return chat
}

export function addPerson(
  db: MemoryDatabase,
  person: Pick<PersonRow, 'tenantId' | 'externalId' | 'name'>,
): PersonRow {
  const added = { ...person, personId: db.nextId(), contacts: [], chats: [] }
  db.persons.push(added)
  return added
}

export function addContact(
  db: MemoryDatabase,
  person: PersonRow,
  channel: ContactRow['channel'],
): ContactRow {
  const contact: ContactRow = {
    contactId: db.nextId(),
    channel,
    person,
    identities: [],
    wroteTo: new Map(),
    optOuts: new Map(),
  }
  person.contacts.push(contact)
  return contact
}

/** One that another contact holds stays there. */
export function addIdentity(db: MemoryDatabase, contact: ContactRow, identity: Identity): void {
  const key = identityKey(contact.person.tenantId, contact.channel, identity)
  if (db.identities.has(key)) return
  db.identities.set(key, contact)
  contact.identities.push(identity)
}

/** The older person survives; of two ACTIVE chats the newer one is closed and points to the older. */
export function mergePersons(db: MemoryDatabase, one: PersonRow, other: PersonRow): PersonRow {
  const [kept, gone] = Number(one.personId) < Number(other.personId) ? [one, other] : [other, one]
  kept.externalId ??= gone.externalId
  kept.name ??= gone.name
  gone.externalId = undefined
  for (const contact of gone.contacts) contact.person = kept
  kept.contacts.push(...gone.contacts)
  const [oldest, ...newer] = [...kept.chats, ...gone.chats]
    .filter(({ status }) => status === 'ACTIVE')
    .sort((a, b) => Number(a.chatId) - Number(b.chatId))
  for (const chat of newer) {
    chat.status = 'CLOSED'
    chat.mergedIntoChatId = oldest?.chatId
    chat.updatedAt = db.now()
  }
  for (const chat of gone.chats) chat.person = kept
  kept.chats.push(...gone.chats)
  gone.contacts = []
  gone.chats = []
  if (kept.externalId !== undefined) {
    db.personsByExternalId.set(keyOf(kept.tenantId, kept.externalId), kept)
  }
  return kept
}

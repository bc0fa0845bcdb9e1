import type { PersonAddress } from '#shared/domain/channel-event.ts'
import { recordOptOut, restoreOptOut } from './opt-outs.ts'
import {
  addContact,
  addIdentity,
  addPerson,
  holderOf,
  identitiesOf,
  identityKey,
  mergePersons,
} from './people.ts'
import type { ContactRow, MemoryDatabase } from './rows.ts'

interface Named {
  readonly tenantId: string
  readonly channel: ContactRow['channel']
  readonly person: PersonAddress & { readonly name?: string }
  /** The provider says that the person is known so from now on. */
  readonly nowKnownAs?: PersonAddress | undefined
}

/** The contact that an event is about, found or made, with all identities that it names. */
export function joinContact(db: MemoryDatabase, named: Named): ContactRow {
  const { tenantId, channel, person, nowKnownAs } = named
  const renewed = identitiesOf(nowKnownAs ?? {})
  const identities = [...identitiesOf(person), ...renewed]
  const { name } = person
  const known = holderOf(db, named, identities)
  const found =
    known ?? addContact(db, addPerson(db, { tenantId, externalId: undefined, name }), channel)
  found.person.name ??= name
  const contact = nowKnownAs === undefined ? found : mergeHolders(db, found, identities)
  for (const identity of identities) addIdentity(db, contact, identity)
  for (const identity of renewed) supersede(db, contact, identity)
  return contact
}

type Identities = ReturnType<typeof identitiesOf>

/** Two persons whom the business knows as two stay two. */
function mergeHolders(db: MemoryDatabase, found: ContactRow, identities: Identities): ContactRow {
  const { tenantId } = found.person
  const { channel } = found
  const others = new Set(
    identities
      .map((identity) => holderOf(db, { tenantId, channel }, [identity]))
      .filter((contact) => contact !== undefined && contact !== found),
  )
  let kept = found
  for (const other of others) {
    if (other === undefined || areTwo(kept, other)) continue
    if (kept.person !== other.person) mergePersons(db, kept.person, other.person)
    const [older, newer] =
      Number(kept.contactId) < Number(other.contactId) ? [kept, other] : [other, kept]
    moveContact(db, newer, older)
    kept = older
  }
  return kept
}

function areTwo(one: ContactRow, other: ContactRow): boolean {
  const [first, second] = [one.person.externalId, other.person.externalId]
  return first !== undefined && second !== undefined && first !== second
}

function moveContact(db: MemoryDatabase, gone: ContactRow, kept: ContactRow): void {
  const { person } = kept
  for (const identity of gone.identities) {
    db.identities.set(identityKey(person.tenantId, gone.channel, identity), kept)
    kept.identities.push(identity)
  }
  for (const chat of person.chats) {
    for (const message of chat.messages) if (message.contact === gone) message.contact = kept
  }
  for (const [senderId, at] of gone.wroteTo) {
    kept.wroteTo.set(senderId, Math.max(at, kept.wroteTo.get(senderId) ?? 0))
  }
  for (const [category, { optedOutAt, restoredAt }] of gone.optOuts) {
    recordOptOut(kept, category, optedOutAt)
    if (restoredAt !== undefined) restoreOptOut(kept, category, restoredAt)
  }
  person.contacts = person.contacts.filter((contact) => contact !== gone)
}

/** Of this kind only the new identity is current, if the contact holds it. */
function supersede(db: MemoryDatabase, contact: ContactRow, renewed: Identities[number]): void {
  const { tenantId } = contact.person
  const key = identityKey(tenantId, contact.channel, renewed)
  if (db.identities.get(key) !== contact) return
  for (const identity of contact.identities.filter(({ kind }) => kind === renewed.kind)) {
    identity.isSuperseded = identityKey(tenantId, contact.channel, identity) !== key
  }
}

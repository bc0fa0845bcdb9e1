import type { Channel } from '../../domain/channel.ts'
import type { Contact, PersonContact } from '../../domain/person.ts'
import type { Randomness } from '../../ports/randomness.ts'
import type { TenantSealer } from '../../ports/sealer.ts'
import {
  base64,
  fromBase64,
  type IdentityKind,
  identityKindOf,
  openIdentity,
  sealIdentity,
} from './sealed-cells.ts'

/** What a person is called, as the views `chat_view` and `person_view` give it: cells in base64. */
export interface PersonCells {
  readonly externalId: string | null
  readonly externalIdHash: string | null
  readonly name: string | null
  readonly nameToken: string
  readonly identities: readonly IdentityCells[]
}

interface IdentityCells {
  readonly contactId: string
  readonly channel: Channel
  readonly kind: IdentityKind
  readonly value: string
  readonly rowToken: string
}

export function openPersonCells(
  sealer: TenantSealer,
  { externalId, externalIdHash, name, nameToken, identities }: PersonCells,
) {
  return {
    externalId:
      externalId === null || externalIdHash === null
        ? undefined
        : sealer.open(externalIdCell(externalIdHash), fromBase64(externalId)),
    name: name === null ? undefined : sealer.open(nameCell(nameToken), fromBase64(name)),
    contacts: addressesOf(identities).map(
      ({ contactId, channel, value, rowToken }): PersonContact => ({
        contactId,
        channel,
        address: openIdentity(sealer, fromBase64(value), rowToken),
      }),
    ),
  }
}

/** An external id as SQL functions take it: found by keyed hash, kept sealed. */
export function sealExternalId(sealer: TenantSealer, externalId: string) {
  const hash = externalIdHash(sealer, externalId)
  return { hash, value: base64(sealer.seal(externalIdCell(hash), externalId)) }
}

export function externalIdHash(sealer: TenantSealer, externalId: string): string {
  return base64(sealer.hash('external-id', externalId))
}

export function sealName(sealer: TenantSealer, name: string, nameToken: string): string {
  return base64(sealer.seal(nameCell(nameToken), name))
}

/** Contacts as SQL functions take them. */
export function sealContacts(
  sealer: TenantSealer,
  randomness: Randomness,
  contacts: readonly Contact[],
) {
  return contacts.map(({ channel, address }) => ({
    channel,
    ...sealIdentity(sealer, {
      kind: identityKindOf(channel),
      value: address,
      rowToken: randomness.uuid(),
    }),
  }))
}

function externalIdCell(rowToken: string) {
  return { table: 'persons', column: 'external_id', rowToken }
}

function nameCell(rowToken: string) {
  return { table: 'persons', column: 'name', rowToken }
}

/** One address a contact: the phone or mail address, else the user id. */
function addressesOf(identities: readonly IdentityCells[]): readonly IdentityCells[] {
  const shown = new Map<string, IdentityCells>()
  for (const identity of identities) {
    const known = shown.get(identity.contactId)
    if (known === undefined || rankOf(identity) < rankOf(known)) {
      shown.set(identity.contactId, identity)
    }
  }
  return [...shown.values()]
}

function rankOf({ kind }: { readonly kind: IdentityKind }): number {
  if (kind === 'user-id') return 1
  return kind === 'parent-user-id' ? 2 : 0
}

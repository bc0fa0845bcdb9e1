import type { Caller } from '../../domain/caller.ts'
import type { Channel } from '../../domain/channel.ts'
import type { RefusalCode } from '../../domain/errors.ts'
import type { OptOutCategory, Person } from '../../domain/person.ts'
import type { PersonAnswer, PersonStore } from '../../ports/person-store.ts'
import type { Randomness } from '../../ports/randomness.ts'
import type { Sealer, TenantSealer } from '../../ports/sealer.ts'
import { callAs, queryAs } from './client-call.ts'
import type { DataApi } from './data-api.ts'
import {
  externalIdHash,
  openPersonCells,
  type PersonCells,
  sealContacts,
  sealExternalId,
  sealName,
} from './person-cells.ts'
import { optionalNumber, text } from './row-values.ts'

interface Parts {
  readonly database: DataApi
  readonly sealer: Sealer
  readonly randomness: Randomness
}

/** Persons in PostgreSQL, one call each; rows of other tenants do not exist for it. */
export function makePersonStore(parts: Parts): PersonStore {
  const { sealer: sealers, randomness } = parts
  return {
    get: (caller, personId) => find(parts, caller, { person: personId }),
    findByExternalId: async (caller, externalId) => {
      const sealer = await sealers.forTenant(caller.tenantId)
      return find(parts, caller, { hash: externalIdHash(sealer, externalId) })
    },
    update: (command) =>
      change(parts, command, {
        name: 'update_person_v1',
        input: (sealer) => {
          const nameToken = randomness.uuid()
          return {
            personId: command.personId,
            name: command.name && sealName(sealer, command.name, nameToken),
            nameToken,
            externalId: command.externalId && sealExternalId(sealer, command.externalId),
            timeZone: command.timeZone,
            state: command.state,
          }
        },
      }),
    putContacts: (command) =>
      change(parts, command, {
        name: 'put_contacts_v1',
        input: (sealer) => ({
          personId: command.personId,
          contacts: sealContacts(sealer, randomness, command.contacts),
        }),
      }),
    changeOptOut: (command) =>
      change(parts, command, {
        name: 'change_opt_out_v1',
        input: () => {
          const { personId, channel, category, isOut } = command
          return { personId, channel, category, isOut }
        },
      }),
  }
}

async function find(
  { database, sealer: sealers }: Parts,
  caller: Caller,
  key: { readonly person: string } | { readonly hash: string },
): Promise<Person | undefined> {
  const [row] = await queryAs(database, caller, {
    sql: `select v.person::text as person, p.person_id::text as person_id from persons p
      join person_view v on v.tenant_id = p.tenant_id and v.person_id = p.person_id
      where p.tenant_id = :tenant::bigint and p.erased_at is null and ${
        'hash' in key
          ? `p.external_id_hash = decode(:hash, 'base64')`
          : 'p.person_id = :person::bigint'
      }`,
    parameters: key,
    shows: { ids: { personId: 'w.person_id' } },
  })
  return row && toPerson(await sealers.forTenant(caller.tenantId), text(row, 'person'))
}

async function change(
  { database, sealer: sealers }: Parts,
  caller: Caller,
  call: { readonly name: string; readonly input: (sealer: TenantSealer) => object },
): Promise<PersonAnswer> {
  const { tenantId, clientId } = caller
  const sealer = await sealers.forTenant(tenantId)
  const [row] = await callAs(database, caller, {
    name: call.name,
    input: { tenantId, clientId, ...call.input(sealer) },
  })
  const outcome = text(row, 'outcome')
  if (outcome === 'changed') return { outcome, person: toPerson(sealer, text(row, 'person')) }
  const retryAfterSeconds = optionalNumber(row, 'retry_after_seconds')
  return { outcome: 'refused', code: outcome as RefusalCode, retryAfterSeconds }
}

/** `person_view.person`, with sealed cells in base64. */
interface PersonJson extends PersonCells {
  readonly personId: string
  readonly timeZone: string | null
  readonly state: string | null
  readonly activeChatId: string | null
  readonly mergedIntoPersonId: string | null
  readonly optOuts: readonly {
    readonly contactId: string
    readonly channel: Channel
    readonly category: OptOutCategory
    readonly source: string
    readonly optedOutAt: string
    readonly restoredAt: string | null
  }[]
}

function toPerson(sealer: TenantSealer, json: string): Person {
  const row = JSON.parse(json) as PersonJson
  return {
    personId: row.personId,
    ...openPersonCells(sealer, row),
    timeZone: row.timeZone ?? undefined,
    state: row.state ?? undefined,
    optOuts: row.optOuts.map((optOut) => ({
      ...optOut,
      restoredAt: optOut.restoredAt ?? undefined,
    })),
    activeChatId: row.activeChatId ?? undefined,
    mergedIntoPersonId: row.mergedIntoPersonId ?? undefined,
  }
}

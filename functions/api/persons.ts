import { personOperations } from '#shared/contracts/operations/persons.ts'
import { optOutsResource, personResource } from '#shared/contracts/persons.ts'
import { config } from '#shared/runtime/config.ts'
import { api } from '#shared/runtime/http.ts'
import { storesEnv } from '../env.ts'
import { wirePersons } from '../wire-persons.ts'

const { findClient, persons } = wirePersons(config(storesEnv))

export const handler = api(
  personOperations,
  findClient,
)({
  findPersons: async ({ caller, query }) => {
    const person = await persons.findByExternalId(caller, query.externalId)
    const items = person === undefined ? [] : [personResource(person)]
    return { status: 200, body: { items, nextCursor: null } }
  },

  getPerson: async ({ caller, params }) => ({
    status: 200,
    body: personResource(await persons.get(caller, params.personId)),
  }),

  updatePerson: async ({ caller, params, body: { name, externalId, ...place } }) => {
    const person = await persons.update({ ...caller, ...params, name, externalId, ...place })
    return { status: 200, body: personResource(person) }
  },

  putContacts: async ({ caller, params, body: { contacts } }) => {
    const person = await persons.putContacts({ ...caller, ...params, contacts })
    return { status: 200, body: personResource(person) }
  },

  listOptOuts: async ({ caller, params }) => ({
    status: 200,
    body: optOutsResource(await persons.get(caller, params.personId)),
  }),

  optOut: async ({ caller, params }) => {
    const person = await persons.changeOptOut({ ...caller, ...params, isOut: true })
    return { status: 200, body: optOutsResource(person) }
  },

  takeOptOutBack: async ({ caller, params }) => {
    const person = await persons.changeOptOut({ ...caller, ...params, isOut: false })
    return { status: 200, body: optOutsResource(person) }
  },
})

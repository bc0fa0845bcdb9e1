import type { personOperations } from '#shared/contracts/operations/persons.ts'
import type { Side } from '#test/support/api-side.ts'
import type { Wanted } from '#test/support/operations.ts'
import { fresh, freshPhone } from '#test/support/stores-world.ts'
import { type Row, withBody } from './row.ts'

const person = async (side: Side): Promise<Wanted> => ({
  params: { personId: (await side.chat()).personId },
})
const marketing = async (side: Side): Promise<Wanted> => ({
  params: { ...(await person(side)).params, channel: 'WHATSAPP', category: 'MARKETING' },
})
const phones = (address: string) => ({ contacts: [{ channel: 'WHATSAPP', address }] })
/** Words that every tenant has. */
const plain = ['channel', 'category']

export const personRows: Readonly<Record<keyof typeof personOperations, Row>> = {
  findPersons: {
    answers: 200,
    request: async (side) => ({ query: { externalId: (await side.chat()).externalId } }),
    ids: {
      externalId: {
        of: async (side) => (await side.chat()).externalId,
        put: (_, externalId) => ({ query: { externalId } }),
        foreign: { status: 200 },
        nobodys: () => fresh('nobody'),
      },
    },
  },
  getPerson: { answers: 200, request: person },
  updatePerson: {
    answers: 200,
    request: async (side) => withBody(await person(side), { name: 'Ana Souza' }),
    ids: {
      externalId: {
        of: async (side) => (await side.chat()).externalId,
        put: (wanted, externalId) => withBody(wanted, { externalId }),
        own: { status: 409, code: 'external-id-set' },
        foreign: { status: 409, code: 'external-id-set' },
        nobodys: () => fresh('nobody'),
      },
    },
  },
  putContacts: {
    answers: 200,
    request: async (side) => withBody(await person(side), phones(freshPhone())),
    ids: {
      'address of a contact': {
        of: async (side) => (await side.chat()).phone,
        put: (wanted, address) => withBody(wanted, phones(address)),
        own: { status: 409, code: 'contact-taken' },
        foreign: { status: 200 },
        nobodys: freshPhone,
      },
    },
  },
  listOptOuts: { answers: 200, request: person },
  optOut: { answers: 200, request: marketing, plain },
  takeOptOutBack: { answers: 200, request: marketing, plain },
}

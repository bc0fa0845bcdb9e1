import type { Caller } from '../domain/caller.ts'
import { Refusal } from '../domain/errors.ts'
import type { Person } from '../domain/person.ts'
import type {
  ChangeOptOut,
  PersonAnswer,
  PersonStore,
  PutContacts,
  UpdatePerson,
} from '../ports/person-store.ts'

/** The persons of a tenant; one of somebody else is simply not found. */
export function makeKeepPersons(persons: PersonStore) {
  return {
    get: async (caller: Caller, personId: string): Promise<Person> => {
      const person = await persons.get(caller, personId)
      if (person === undefined) throw new Refusal('person-not-found')
      return person
    },
    findByExternalId: (caller: Caller, externalId: string): Promise<Person | undefined> =>
      persons.findByExternalId(caller, externalId),
    update: async (command: UpdatePerson) => changed(await persons.update(command)),
    putContacts: async (command: PutContacts) => changed(await persons.putContacts(command)),
    changeOptOut: async (command: ChangeOptOut) => changed(await persons.changeOptOut(command)),
  }
}

function changed(answer: PersonAnswer): Person {
  if (answer.outcome === 'refused') throw new Refusal(answer.code, answer.retryAfterSeconds)
  return answer.person
}

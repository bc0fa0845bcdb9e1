import type { Caller } from '../domain/caller.ts'
import type { Channel } from '../domain/channel.ts'
import type { RefusalCode } from '../domain/errors.ts'
import type { Contact, OptOutCategory, Person } from '../domain/person.ts'

interface PersonCommand extends Caller {
  readonly personId: string
}

export interface UpdatePerson extends PersonCommand {
  readonly name: string | undefined
  /** For one who wrote first; the one that a person has already is no change. */
  readonly externalId: string | undefined
  /** IANA name. */
  readonly timeZone?: string | undefined
  /** Of Brazil, e.g. SP. */
  readonly state?: string | undefined
}

export interface PutContacts extends PersonCommand {
  /** All that are in use from now on. */
  readonly contacts: readonly Contact[]
}

export interface ChangeOptOut extends PersonCommand {
  readonly channel: Channel
  readonly category: OptOutCategory
  /** False: the person may be written to again. */
  readonly isOut: boolean
}

/**
 * Of a change: person-not-found, person-merged, and
 * of `update`: external-id-set, external-id-taken; of `putContacts`: contact-taken;
 * of `changeOptOut`: contact-missing.
 */
export type PersonAnswer =
  | { readonly outcome: 'changed'; readonly person: Person }
  | {
      readonly outcome: 'refused'
      readonly code: RefusalCode
      readonly retryAfterSeconds: number | undefined
    }

/**
 * Persons with their contacts and opt-outs. Each method is one database call; reads throw Refusal
 * `client-unknown` and `rate-limited`.
 */
export interface PersonStore {
  get(caller: Caller, personId: string): Promise<Person | undefined>
  findByExternalId(caller: Caller, externalId: string): Promise<Person | undefined>
  update(command: UpdatePerson): Promise<PersonAnswer>
  /** May merge two persons: the answer is the one that is left, who may have another id. */
  putContacts(command: PutContacts): Promise<PersonAnswer>
  changeOptOut(command: ChangeOptOut): Promise<PersonAnswer>
}

import * as z from 'zod'
import { brazilianStates, optOutCategories, type Person } from '../domain/person.ts'
import { channel, givenContact } from './contacts.ts'
import { shownId, shownTime } from './paging.ts'
import { cleanName } from './text.ts'

const category = z.enum(optOutCategories)

/** `GET /persons`. */
export const personsQuery = z.strictObject({ externalId: cleanName(200) })

/** `PATCH /persons/{personId}`. */
export const updatePersonBody = z
  .strictObject({
    name: cleanName(200).optional(),
    externalId: cleanName(200).optional(),
    timeZone: z
      .string()
      .max(64)
      .refine(isTimeZone, { error: 'must be an IANA time zone, e.g. America/Manaus' })
      .optional()
      .meta({ description: 'Where the person is, for the hours at which they are written to.' }),
    state: z.enum(brazilianStates).optional().meta({ description: 'For its holidays.' }),
  })
  .refine((given) => Object.values(given).some((value) => value !== undefined), {
    error: 'must change something',
  })

/** Names with a place only: an offset has no summer time. */
function isTimeZone(name: string): boolean {
  try {
    return /^[A-Za-z]/.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}

/** `PUT /persons/{personId}/contacts`: all that are in use from now on. */
export const putContactsBody = z.strictObject({ contacts: z.array(givenContact).max(10) })

/** What a path that names an opt-out holds. */
export const optOutParams = {
  channel: { schema: channel, notFound: 'opt-out-not-found' },
  category: { schema: category, notFound: 'opt-out-not-found' },
} as const

const shownOptOut = z
  .object({
    contactId: shownId,
    channel,
    category,
    source: z.string(),
    optedOutAt: shownTime,
    restoredAt: shownTime.nullable(),
  })
  .meta({ id: 'OptOut' })

export const shownOptOuts = z.object({ items: z.array(shownOptOut) })

/** A person as the API shows it. */
export const shownPerson = z
  .object({
    personId: shownId,
    externalId: z.string().nullable(),
    name: z.string().nullable(),
    timeZone: z
      .string()
      .nullable()
      .meta({ examples: ['America/Manaus'] }),
    state: z
      .string()
      .nullable()
      .meta({ examples: ['AM'] }),
    contacts: z.array(z.object({ contactId: shownId, channel, address: z.string() })).readonly(),
    optOuts: z.array(shownOptOut).readonly(),
    activeChatId: shownId.nullable(),
    mergedIntoPersonId: shownId.nullable(),
  })
  .meta({ id: 'Person' })

export function personResource(person: Person): z.input<typeof shownPerson> {
  return {
    personId: person.personId,
    externalId: person.externalId ?? null,
    name: person.name ?? null,
    timeZone: person.timeZone ?? null,
    state: person.state ?? null,
    contacts: person.contacts,
    optOuts: optOutsResource(person).items,
    activeChatId: person.activeChatId ?? null,
    mergedIntoPersonId: person.mergedIntoPersonId ?? null,
  }
}

export function optOutsResource({ optOuts }: Person): z.input<typeof shownOptOuts> {
  return { items: optOuts.map((optOut) => ({ ...optOut, restoredAt: optOut.restoredAt ?? null })) }
}

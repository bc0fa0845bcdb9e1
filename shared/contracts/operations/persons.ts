import { idParam, operations } from '../operation.ts'
import { pageOf } from '../paging.ts'
import {
  optOutParams,
  personsQuery,
  putContactsBody,
  shownOptOuts,
  shownPerson,
  updatePersonBody,
} from '../persons.ts'

const personId = idParam('person-not-found')

/** What programs do with persons, their contacts, and their words against being written to. */
export const personOperations = operations({
  findPersons: {
    method: 'GET',
    path: '/persons',
    scope: 'chats:read',
    audit: 'reads',
    summary: "Find the person that the business system's id names",
    query: personsQuery,
    answers: { 200: { description: 'One person or none.', schema: pageOf(shownPerson) } },
    refusals: [],
  },
  getPerson: {
    method: 'GET',
    path: '/persons/{personId}',
    scope: 'chats:read',
    audit: 'reads',
    summary: 'Read a person',
    description:
      'One who was merged into another person has no contacts any more and names that person.',
    params: { personId },
    answers: { 200: { description: 'The person.', schema: shownPerson } },
    refusals: ['person-not-found'],
  },
  updatePerson: {
    method: 'PATCH',
    path: '/persons/{personId}',
    scope: 'contacts:write',
    audit: 'writes',
    summary:
      "Rename a person, say where they are, or give one who wrote first the business system's id",
    description:
      'An id that a person has already stays. When another person has the id, name the contact in ' +
      '`PUT /persons/{personId}/contacts` of that one: the two are merged.',
    params: { personId },
    body: updatePersonBody,
    answers: { 200: { description: 'The person as it is now.', schema: shownPerson } },
    refusals: ['person-not-found', 'person-merged', 'external-id-set', 'external-id-taken'],
    examples: {
      rename: { name: 'Ana Lima' },
      'say where': { timeZone: 'America/Manaus', state: 'AM' },
    },
  },
  putContacts: {
    method: 'PUT',
    path: '/persons/{personId}/contacts',
    scope: 'contacts:write',
    audit: 'writes',
    summary: 'Say where a person is reached',
    description:
      'The list replaces the one before. Contacts that it leaves out are retired: they are neither ' +
      'shown nor written to, and what is queued for them fails with `contact-retired`; a message from ' +
      'one brings it back. Contacts that are known by a WhatsApp user id only stay, as no list can ' +
      'name them. A contact of somebody who wrote first merges the two persons: the older one ' +
      'survives, and the answer names it.',
    params: { personId },
    body: putContactsBody,
    answers: { 200: { description: 'The person as it is now.', schema: shownPerson } },
    refusals: ['person-not-found', 'person-merged', 'contact-taken'],
    examples: { phone: { contacts: [{ channel: 'WHATSAPP', address: '+5511987654321' }] } },
  },
  listOptOuts: {
    method: 'GET',
    path: '/persons/{personId}/opt-outs',
    scope: 'chats:read',
    audit: 'reads',
    summary: 'List what a person asked not to be sent',
    description:
      'One item for each contact and category, also those that were taken back (`restoredAt`). ' +
      '`source` is keyword, preference, provider-refusal or client.',
    params: { personId },
    answers: { 200: { description: 'The opt-outs.', schema: shownOptOuts } },
    refusals: ['person-not-found'],
  },
  optOut: {
    method: 'PUT',
    path: '/persons/{personId}/opt-outs/{channel}/{category}',
    scope: 'suppressions:write',
    audit: 'writes',
    summary: 'Stop messages to a person on a channel',
    description:
      'For all contacts that the person has on the channel now, not for those that come later. ALL ' +
      'stops every template, and what is written freely until the person writes again; MARKETING ' +
      'stops templates of that category. Messages that are queued fail with `opted-out`. The newest ' +
      "word counts, whoever's it is.",
    params: { personId, ...optOutParams },
    answers: { 200: { description: "The person's opt-outs.", schema: shownOptOuts } },
    refusals: ['person-not-found', 'opt-out-not-found', 'person-merged', 'contact-missing'],
  },
  takeOptOutBack: {
    method: 'DELETE',
    path: '/persons/{personId}/opt-outs/{channel}/{category}',
    scope: 'suppressions:write',
    audit: 'writes',
    summary: 'Let a person be written to again on a channel',
    params: { personId, ...optOutParams },
    answers: { 200: { description: "The person's opt-outs.", schema: shownOptOuts } },
    refusals: ['person-not-found', 'opt-out-not-found', 'person-merged', 'contact-missing'],
  },
})

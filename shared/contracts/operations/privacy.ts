import { idParam, operations } from '../operation.ts'
import { pageOf, pageQuery } from '../paging.ts'
import {
  addConsentBody,
  legalHoldBody,
  privacyRequestsQuery,
  shownConsent,
  shownLegalHold,
  shownPrivacyRequest,
} from '../privacy.ts'

const personId = idParam('person-not-found')
const accepted = 'It is planned; one that was under way is answered again.'

/** What persons may ask for by law, and their words for and against being written to. */
export const privacyOperations = operations({
  exportPerson: {
    method: 'POST',
    path: '/persons/{personId}/exports',
    scope: 'privacy:write',
    audit: 'writes',
    summary: 'Make a copy of everything that is kept of a person',
    description:
      'One JSON document of everything, and a CSV table of the messages with what they say in ' +
      'words, to be fetched for 7 days. Deleted messages are in both while their content is still ' +
      'kept, with `deletedAt`; files are listed, those that were sent to the person too. The ' +
      'receipt counts the rows by what they are.',
    params: { personId },
    idempotent: true,
    answers: { 202: { description: accepted, schema: shownPrivacyRequest } },
    refusals: ['person-not-found', 'person-merged'],
  },
  erasePerson: {
    method: 'POST',
    path: '/persons/{personId}/erasure',
    scope: 'privacy:write',
    audit: 'writes',
    summary: 'Erase a person',
    description:
      'Contents, names, addresses and files go from every table; what is queued fails with ' +
      '`erased`. From then on the person is not found, and whoever writes from the same address is ' +
      'somebody new. It cannot be taken back.',
    params: { personId },
    idempotent: true,
    answers: { 202: { description: accepted, schema: shownPrivacyRequest } },
    refusals: ['person-not-found', 'person-merged', 'legal-hold'],
  },
  getPrivacyRequest: {
    method: 'GET',
    path: '/privacy-requests/{requestId}',
    scope: 'privacy:read',
    audit: 'reads',
    summary: 'Read what became of an export or an erasure',
    params: { requestId: idParam('privacy-request-not-found') },
    answers: { 200: { description: 'The request.', schema: shownPrivacyRequest } },
    refusals: ['privacy-request-not-found'],
  },
  listPrivacyRequests: {
    method: 'GET',
    path: '/privacy-requests',
    scope: 'privacy:read',
    audit: 'reads',
    summary: 'List exports and erasures, newest first',
    query: privacyRequestsQuery,
    answers: { 200: { description: 'A page of them.', schema: pageOf(shownPrivacyRequest) } },
    refusals: ['invalid-cursor'],
  },
  setLegalHold: {
    method: 'PUT',
    path: '/persons/{personId}/legal-hold',
    scope: 'privacy:write',
    audit: 'writes',
    summary: 'Keep a person from being erased',
    description: 'For a lawsuit, say: erasures are refused with `legal-hold` while it stands.',
    params: { personId },
    body: legalHoldBody,
    answers: { 200: { description: 'The hold as it stands.', schema: shownLegalHold } },
    refusals: ['person-not-found', 'person-merged'],
    examples: { lawsuit: { reason: '0001234-56.2026.8.26.0100' } },
  },
  liftLegalHold: {
    method: 'DELETE',
    path: '/persons/{personId}/legal-hold',
    scope: 'privacy:write',
    audit: 'writes',
    summary: 'Let a person be erased again',
    params: { personId },
    answers: { 200: { description: 'No hold stands.', schema: shownLegalHold } },
    refusals: ['person-not-found', 'person-merged'],
  },
  listConsents: {
    method: 'GET',
    path: '/persons/{personId}/consents',
    scope: 'privacy:read',
    audit: 'reads',
    summary: "List a person's words for and against being written to, oldest first",
    description: 'A ledger: nothing in it is ever changed. Opt-outs write into it by themselves.',
    params: { personId },
    query: pageQuery,
    answers: { 200: { description: 'A page of words.', schema: pageOf(shownConsent) } },
    refusals: ['person-not-found', 'invalid-cursor'],
  },
  addConsent: {
    method: 'POST',
    path: '/persons/{personId}/consents',
    scope: 'privacy:write',
    audit: 'writes',
    summary: 'Book a consent, or that it was taken back',
    description:
      'For `all` and `marketing`, REVOKED opts the person out on the channel and GIVEN lets it be ' +
      'written to again; the newest word counts.',
    params: { personId },
    body: addConsentBody,
    idempotent: true,
    answers: { 201: { description: 'It is in the ledger.', schema: shownConsent } },
    refusals: ['person-not-found', 'person-merged'],
    examples: {
      given: {
        channel: 'WHATSAPP',
        purpose: 'marketing',
        action: 'GIVEN',
        textVersion: 'termos-2026-03',
        source: 'site',
      },
    },
  },
})

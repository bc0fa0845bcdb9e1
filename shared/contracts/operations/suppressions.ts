import { idParam, operations } from '../operation.ts'
import { pageOf } from '../paging.ts'
import { addSuppressionBody, shownSuppression, suppressionsQuery } from '../suppressions.ts'

/** What programs do with the addresses that nothing goes to. */
export const suppressionOperations = operations({
  listSuppressions: {
    method: 'GET',
    path: '/suppressions',
    scope: 'chats:read',
    audit: 'reads',
    summary: 'List suppressed addresses, newest first',
    description: 'Those that were removed or are over are not shown.',
    query: suppressionsQuery,
    answers: { 200: { description: 'A page of suppressions.', schema: pageOf(shownSuppression) } },
    refusals: ['invalid-cursor'],
  },
  addSuppression: {
    method: 'POST',
    path: '/suppressions',
    scope: 'suppressions:write',
    audit: 'writes',
    summary: 'Let nothing more go to an address',
    description:
      'An address has one suppression: of two reasons the stronger one stands (complaint, ' +
      'hard-bounce, provider-list, manual, unsubscribed, soft-bounces). `unsubscribed` stops ' +
      'marketing alone.',
    body: addSuppressionBody,
    idempotent: true,
    answers: {
      200: { description: 'The address was suppressed already.', schema: shownSuppression },
      201: { description: 'The address is suppressed.', schema: shownSuppression },
    },
    refusals: ['expiry-passed'],
    examples: {
      'until somebody removes it': { channel: 'EMAIL', address: 'ana@example.com' },
      'for a while': {
        channel: 'EMAIL',
        address: 'ana@example.com',
        reason: 'manual',
        expiresAt: '2027-01-31T00:00:00-03:00',
      },
    },
  },
  removeSuppression: {
    method: 'DELETE',
    path: '/suppressions/{suppressionId}',
    scope: 'suppressions:write',
    audit: 'writes',
    summary: 'Let messages go to an address again',
    description:
      'A list that the provider keeps itself is not touched: what it holds back bounces again. ' +
      'May be repeated.',
    params: { suppressionId: idParam('suppression-not-found') },
    answers: { 204: { description: 'The address is not suppressed by it any more.' } },
    refusals: ['suppression-not-found'],
  },
})

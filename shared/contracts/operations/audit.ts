import { auditQuery, shownAuditEntry } from '../audit.ts'
import { operations } from '../operation.ts'
import { pageOf } from '../paging.ts'

/** What programs ask about who saw or changed what. */
export const auditOperations = operations({
  listAudit: {
    method: 'GET',
    path: '/audit',
    scope: 'audit:read',
    audit: 'reads',
    summary: 'List who saw or changed what, newest first',
    description:
      'All filters that are given must hold. Requests that show what people wrote or are called, and ' +
      'those that change something, have an entry; it holds ids and codes, and stays when a person is ' +
      'erased. Who reads this list has one as well. Of a person and an actor a page looks at 1,000 ' +
      'entries of the person: it may hold fewer than asked for and not be the last. What is younger ' +
      'than a minute or so may not be in the list of a person yet, when the tenant has more than ' +
      '10,000 such entries.',
    query: auditQuery,
    answers: { 200: { description: 'A page of entries.', schema: pageOf(shownAuditEntry) } },
    refusals: ['invalid-cursor'],
  },
})

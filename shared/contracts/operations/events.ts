import { eventsQuery, shownFeed } from '../events.ts'
import { operations } from '../operation.ts'

/** What programs read of what happened. */
export const eventOperations = operations({
  listEvents: {
    method: 'GET',
    path: '/events',
    scope: 'events:read',
    audit: { none: 'Ids, codes and times, which name nobody and show nothing that anybody wrote.' },
    summary: 'Read what happened, in an order in which nothing appears behind the reader',
    description:
      'Begin without a cursor (the oldest event that is kept) or with `from=now`, and go on with `after` set to `nextCursor`, also of a page without events. `hasMore` tells whether to ask at once. Events are kept for 30 days. An event is told to webhooks and to the bus too; its `id` is the same everywhere.',
    query: eventsQuery,
    answers: { 200: { description: 'A page of events, and where to go on.', schema: shownFeed } },
    refusals: ['invalid-cursor', 'cursor-expired'],
  },
})

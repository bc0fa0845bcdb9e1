import { eventResource } from '#shared/contracts/events.ts'
import { eventOperations } from '#shared/contracts/operations/events.ts'
import { config } from '#shared/runtime/config.ts'
import { api } from '#shared/runtime/http.ts'
import { storesEnv } from '../env.ts'
import { wireEventFeed } from '../wire-events.ts'

const { findClient, feed } = wireEventFeed(config(storesEnv))

export const handler = api(
  eventOperations,
  findClient,
)({
  listEvents: async ({ caller, query: { after, from, types, limit } }) => {
    const page = await feed.read(caller, {
      cursor: after,
      isFromNow: from === 'now',
      types,
      limit,
    })
    return { status: 200, body: { ...page, items: page.items.map(eventResource) } }
  },
})

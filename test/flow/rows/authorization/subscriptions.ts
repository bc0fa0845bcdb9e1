import type { subscriptionOperations } from '#shared/contracts/operations/subscriptions.ts'
import type { Side } from '#test/support/api-side.ts'
import type { Wanted } from '#test/support/operations.ts'
import { type Row, withBody } from './row.ts'

/** A tenant may have 20: the older ones make room. */
const mostKept = 10
/** Nothing that these tests do is told to it. */
const body = { url: 'http://127.0.0.1:9/hook', types: ['contact.optedOut'] }

interface Listed {
  readonly items: readonly { readonly subscriptionId: string }[]
}

async function makeRoom(side: Side): Promise<void> {
  const { items } = (await side.ask('GET /subscriptions')).json as unknown as Listed
  for (const { subscriptionId } of items.slice(0, Math.max(0, items.length - mostKept))) {
    await side.ask(`DELETE /subscriptions/${subscriptionId}`)
  }
}

async function subscription(side: Side): Promise<Wanted> {
  await makeRoom(side)
  const { json, text } = await side.ask('POST /subscriptions', { body })
  if (json?.subscriptionId === undefined) throw new Error(`not subscribed: ${text}`)
  return { params: { subscriptionId: String(json.subscriptionId) } }
}

/** Of any event: which one is delivered again is not what is asked here. */
async function eventId(side: Side): Promise<string> {
  await side.chat()
  const { items } = (await side.ask('GET /events?limit=1')).json as unknown as {
    readonly items: readonly { readonly id: string }[]
  }
  if (items[0] === undefined) throw new Error('nothing happened')
  return items[0].id
}

export const subscriptionRows: Readonly<Record<keyof typeof subscriptionOperations, Row>> = {
  createSubscription: {
    answers: 201,
    request: async (side) => {
      await makeRoom(side)
      return { body }
    },
  },
  listSubscriptions: { answers: 200, request: async () => ({}) },
  getSubscription: { answers: 200, request: subscription },
  changeSubscription: {
    answers: 200,
    request: async (side) => withBody(await subscription(side), { status: 'PAUSED' }),
  },
  deleteSubscription: { answers: 204, request: subscription },
  rotateSecret: { answers: 200, request: subscription },
  replayEvents: {
    answers: 202,
    request: async (side) =>
      withBody(await subscription(side), {
        from: '2020-01-01T00:00:00Z',
        to: '2020-01-02T00:00:00Z',
      }),
    ids: {
      eventId: {
        of: eventId,
        put: (wanted, id) => withBody(wanted, { eventId: id }),
        foreign: { status: 404, code: 'event-not-found' },
      },
    },
  },
  listDeliveries: {
    answers: 200,
    request: subscription,
  },
}

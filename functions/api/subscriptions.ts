import { subscriptionOperations } from '#shared/contracts/operations/subscriptions.ts'
import {
  deliveryResource,
  subscriptionResource,
  withSecretResource,
} from '#shared/contracts/subscriptions.ts'
import { config } from '#shared/runtime/config.ts'
import { api } from '#shared/runtime/http.ts'
import { subscriptionsEnv } from '../env.ts'
import { wireSubscriptions } from '../wire-events.ts'

const { findClient, subscriptions } = wireSubscriptions(config(subscriptionsEnv))

export const handler = api(
  subscriptionOperations,
  findClient,
)({
  createSubscription: async ({ caller, body, request }) => {
    const made = await subscriptions.create({ ...caller, ...body, request })
    return {
      status: 201,
      headers: { location: `/subscriptions/${made.subscriptionId}` },
      body: withSecretResource(made),
    }
  },
  listSubscriptions: async ({ caller }) => {
    const items = await subscriptions.list(caller)
    return { status: 200, body: { items: items.map(subscriptionResource) } }
  },
  getSubscription: async ({ caller, params }) => {
    const found = await subscriptions.get(caller, params.subscriptionId)
    return { status: 200, body: subscriptionResource(found) }
  },
  changeSubscription: async ({ caller, params, body }) => {
    const changed = await subscriptions.change({ ...caller, ...params, ...body })
    return { status: 200, body: subscriptionResource(changed) }
  },
  deleteSubscription: async ({ caller, params }) => {
    await subscriptions.remove(caller, params.subscriptionId)
    return { status: 204, body: undefined }
  },
  rotateSecret: async ({ caller, params, request }) => {
    const rotated = await subscriptions.rotateSecret({ ...caller, ...params, request })
    return { status: 200, body: withSecretResource(rotated) }
  },
  replayEvents: async ({ caller, params, body }) => {
    const { events, nextFrom } = await subscriptions.replay({ ...caller, ...params, wish: body })
    return { status: 202, body: { events, nextFrom: nextFrom ?? null } }
  },
  listDeliveries: async ({ caller, params, query }) => {
    const page = { limit: query.limit, cursor: query.cursor }
    const found = await subscriptions.attempts(caller, params.subscriptionId, page)
    return {
      status: 200,
      body: { items: found.items.map(deliveryResource), nextCursor: found.nextCursor ?? null },
    }
  },
})

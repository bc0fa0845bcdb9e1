import * as z from 'zod'
import { idParam, operations } from '../operation.ts'
import { pageOf, pageQuery } from '../paging.ts'
import {
  changeSubscriptionBody,
  createSubscriptionBody,
  replayBody,
  shownDelivery,
  shownReplay,
  shownSubscription,
  shownWithSecret,
} from '../subscriptions.ts'

const scope = 'subscriptions:write'
const params = { subscriptionId: idParam('subscription-not-found') }

/** What programs do to be called when something happens. */
export const subscriptionOperations = operations({
  createSubscription: {
    method: 'POST',
    path: '/subscriptions',
    scope,
    audit: 'writes',
    summary: 'Have a program called when something happens',
    description:
      'Calls are POSTs of an event, signed as Standard Webhooks with the secret that only this answer shows. Any 2xx takes the event; anything else is tried again for three days. An event may come twice: its `webhook-id` is the same each time.',
    body: createSubscriptionBody,
    idempotent: true,
    answers: {
      201: { description: 'The subscription, with its secret.', schema: shownWithSecret },
    },
    refusals: ['address-refused', 'subscriptions-limit'],
    examples: {
      'what became of messages': {
        url: 'https://erp.exemplo.com.br/recado',
        types: ['message.delivered', 'message.read', 'message.failed'],
      },
      everything: { url: 'https://erp.exemplo.com.br/recado' },
    },
  },
  listSubscriptions: {
    method: 'GET',
    path: '/subscriptions',
    scope,
    audit: { none: 'Addresses of programs, which are no persons.' },
    summary: 'List the subscriptions; there are 20 at most',
    answers: {
      200: {
        description: 'All of them, oldest first.',
        schema: z.object({ items: z.array(shownSubscription) }),
      },
    },
    refusals: [],
  },
  getSubscription: {
    method: 'GET',
    path: '/subscriptions/{subscriptionId}',
    scope,
    audit: { none: 'Addresses of programs, which are no persons.' },
    summary: 'Read a subscription',
    params,
    answers: { 200: { description: 'The subscription.', schema: shownSubscription } },
    refusals: ['subscription-not-found'],
  },
  changeSubscription: {
    method: 'PATCH',
    path: '/subscriptions/{subscriptionId}',
    scope,
    audit: 'writes',
    summary: 'Change the address or the types of a subscription, pause or resume it',
    description:
      'One that is resumed is told what happens from then on; what it missed can be replayed.',
    params,
    body: changeSubscriptionBody,
    answers: { 200: { description: 'The subscription.', schema: shownSubscription } },
    refusals: ['subscription-not-found', 'address-refused'],
    examples: { pause: { status: 'PAUSED' }, resume: { status: 'ACTIVE' } },
  },
  deleteSubscription: {
    method: 'DELETE',
    path: '/subscriptions/{subscriptionId}',
    scope,
    audit: 'writes',
    summary: 'Have the program called no more',
    params,
    answers: { 204: { description: 'It is gone.' } },
    refusals: ['subscription-not-found'],
  },
  rotateSecret: {
    method: 'POST',
    path: '/subscriptions/{subscriptionId}/rotate-secret',
    scope,
    audit: 'writes',
    summary: 'Give a subscription a new secret',
    description: 'For 24 hours calls carry a signature by the old one too.',
    params,
    idempotent: true,
    answers: {
      200: { description: 'The subscription, with its new secret.', schema: shownWithSecret },
    },
    refusals: ['subscription-not-found'],
  },
  replayEvents: {
    method: 'POST',
    path: '/subscriptions/{subscriptionId}/replay',
    scope,
    audit: 'writes',
    summary: 'Have events delivered again: one, or those of a time',
    description:
      'Of a time some thousand at most; `nextFrom` is the `from` of the next request. `to` is excluded. What is still under way stays so.',
    params,
    body: replayBody,
    answers: { 202: { description: 'How many events go again.', schema: shownReplay } },
    refusals: ['subscription-not-found', 'subscription-paused', 'event-not-found'],
    examples: {
      'one event': { eventId: '4711' },
      'what was missed': { from: '2026-11-24T00:00:00Z', to: '2026-11-25T00:00:00Z' },
    },
  },
  listDeliveries: {
    method: 'GET',
    path: '/subscriptions/{subscriptionId}/deliveries',
    scope,
    audit: { none: 'Ids, codes and times of calls.' },
    summary: 'List what became of the calls, newest first; they are kept for 30 days',
    params,
    query: pageQuery,
    answers: { 200: { description: 'A page of calls.', schema: pageOf(shownDelivery) } },
    refusals: ['subscription-not-found', 'invalid-cursor'],
  },
})

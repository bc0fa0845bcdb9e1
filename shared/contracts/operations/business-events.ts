import {
  foreignId,
  postBusinessEventsBody,
  receivedBusinessEvents,
  shownBusinessEvent,
} from '../business-events.ts'
import {
  installmentsQuery,
  shownDebtMessage,
  shownInstallment,
  shownMovement,
} from '../installments.ts'
import { operations } from '../operation.ts'
import { pageOf, pageQuery } from '../paging.ts'
import { businessEventsExamples } from './business-events-examples.ts'

const installmentId = { schema: foreignId, notFound: 'installment-not-found' } as const

/** What finance systems tell, and what is known of it. */
export const businessEventOperations = operations({
  postBusinessEvents: {
    method: 'POST',
    path: '/business-events',
    scope: 'business-events:write',
    audit: 'writes',
    summary: 'Tell what happened to movements and installments',
    description:
      'Each event carries the whole movement or installment as it is after what happened, and its ' +
      'version, which grows with each change; events may come in any order and be sent again. They ' +
      'are applied some seconds later: `GET /business-events/{eventId}` tells what became of one. ' +
      'An `eventId` is taken once, whatever the Idempotency-Key. Programs inside AWS may put the ' +
      'same events on the bus `recado-business` instead: type as detail type, the event as detail.',
    body: postBusinessEventsBody,
    idempotent: true,
    answers: { 202: { description: 'The events are kept.', schema: receivedBusinessEvents } },
    refusals: ['events-not-taken'],
    examples: businessEventsExamples,
  },
  getBusinessEvent: {
    method: 'GET',
    path: '/business-events/{eventId}',
    scope: 'business-events:read',
    audit: { none: 'Ids, codes and times of an event, nothing of a person.' },
    summary: 'See what became of an event',
    params: { eventId: { schema: foreignId, notFound: 'business-event-not-found' } },
    answers: { 200: { description: 'What became of it.', schema: shownBusinessEvent } },
    refusals: ['business-event-not-found'],
  },
  getMovement: {
    method: 'GET',
    path: '/movements/{movementId}',
    scope: 'business-events:read',
    audit: 'reads',
    summary: 'Read a movement as it is known',
    params: { movementId: { schema: foreignId, notFound: 'movement-not-found' } },
    answers: { 200: { description: 'The movement.', schema: shownMovement } },
    refusals: ['movement-not-found'],
  },
  listInstallments: {
    method: 'GET',
    path: '/installments',
    scope: 'business-events:read',
    audit: 'reads',
    summary: 'List installments as they are known, by id',
    query: installmentsQuery,
    answers: {
      200: { description: 'A page of installments.', schema: pageOf(shownInstallment) },
    },
    refusals: ['invalid-cursor'],
  },
  getInstallment: {
    method: 'GET',
    path: '/installments/{installmentId}',
    scope: 'business-events:read',
    audit: 'reads',
    summary: 'Read an installment as it is known',
    params: { installmentId },
    answers: { 200: { description: 'The installment.', schema: shownInstallment } },
    refusals: ['installment-not-found'],
  },
  listInstallmentMessages: {
    method: 'GET',
    path: '/installments/{installmentId}/messages',
    scope: 'business-events:read',
    audit: 'reads',
    summary: 'List the messages about an installment, newest first, and why they went',
    description: 'Without their contents: those are read in their chats.',
    params: { installmentId },
    query: pageQuery,
    answers: { 200: { description: 'A page of messages.', schema: pageOf(shownDebtMessage) } },
    refusals: ['installment-not-found', 'invalid-cursor'],
  },
})

import * as z from 'zod'
import { defaultPolicy } from '../../domain/dunning/policy.ts'
import { foreignId } from '../business-events.ts'
import { dryRunBody, dunningPolicyBody, shownDryStep, shownPolicy, shownStep } from '../dunning.ts'
import { operations } from '../operation.ts'
import { pageOf } from '../paging.ts'

const first = { version: 1, createdAt: '2026-11-23T12:00:00.000Z', policy: defaultPolicy }
const checks = [
  { check: 'status', found: 'OPEN' },
  { check: 'step-day', found: '2026-11-25' },
  { check: 'window', found: '08:00-20:00 America/Sao_Paulo' },
]

/** What a tenant says to whom and when about what is to be paid, and what became of it. */
export const dunningOperations = operations({
  getDunningPolicy: {
    method: 'GET',
    path: '/dunning-policy',
    scope: 'dunning:read',
    audit: { none: 'The policy is of the company and of no person.' },
    summary: 'Read the dunning policy',
    answers: { 200: { description: 'The newest version.', schema: shownPolicy, example: first } },
    refusals: [],
  },
  putDunningPolicy: {
    method: 'PUT',
    path: '/dunning-policy',
    scope: 'dunning:write',
    audit: 'writes',
    summary: 'Replace the dunning policy',
    description:
      'It becomes the next version, by which steps are decided from the next look on; what is on ' +
      'its way goes. `If-Match` names the version that was read. The policy that is stored already ' +
      'is no change. Steps go to first-party debtors in neutral words only.',
    body: dunningPolicyBody,
    ifMatch: true,
    answers: {
      200: { description: 'The version it became.', schema: shownPolicy, example: first },
    },
    refusals: ['version-mismatch'],
    examples: { 'the default, turned on': { ...defaultPolicy, enabled: true } },
  },
  dryRunDunning: {
    method: 'POST',
    path: '/dunning-runs/dry',
    scope: 'dunning:read',
    audit: { none: 'Ids, codes and times; nothing of a person is shown.' },
    summary: 'See what would go out on a day, and why not, without sending',
    description:
      'Decides as the real run does, of a day to come as if nothing changed until then. Nothing is ' +
      'written. A page may have fewer items than asked for; the limit of messages a person and day ' +
      'counts what was sent and what is on the same page.',
    body: dryRunBody,
    answers: {
      200: {
        description: 'A page of steps, by installment.',
        schema: pageOf(shownDryStep),
        example: {
          items: [
            {
              ...{ installmentId: 'inst-1', step: 'due-today', outcome: 'go', reason: null },
              ...{ channel: 'WHATSAPP', day: null, refused: {}, checks },
              sendAt: '2026-11-25T11:00:00.000Z',
              expiresAt: '2026-11-25T23:00:00.000Z',
            },
          ],
          nextCursor: null,
        },
      },
    },
    refusals: ['invalid-cursor'],
    examples: { 'a day': { day: '2026-11-25' } },
  },
  listInstallmentSteps: {
    method: 'GET',
    path: '/installments/{installmentId}/steps',
    scope: 'dunning:read',
    audit: { none: 'Ids, codes and times; nothing of a person is shown.' },
    summary: 'See what became of each step of an installment',
    description: 'Of a step that is not listed nothing was to be decided yet.',
    params: { installmentId: { schema: foreignId, notFound: 'installment-not-found' } },
    answers: {
      200: {
        description: 'The steps, by the day they were planned for.',
        schema: z.object({ items: z.array(shownStep) }),
        example: {
          items: [
            {
              ...{ step: 'due-today', state: 'SENT', plannedOn: '2026-11-25' },
              ...{ dueOn: '2026-11-25', reason: null, channel: 'WHATSAPP', messageId: '1042' },
              ...{ decidedAt: '2026-11-25T03:00:12.000Z', policyVersion: 1, refused: {}, checks },
            },
          ],
        },
      },
    },
    refusals: ['installment-not-found'],
  },
})

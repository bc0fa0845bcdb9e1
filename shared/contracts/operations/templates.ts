import * as z from 'zod'
import { operations } from '../operation.ts'
import { pageOf } from '../paging.ts'
import { shownSync, shownTemplate, templateParams, templateQuery } from '../templates.ts'

/** What programs do with Meta's approved templates. */
export const templateOperations = operations({
  listTemplates: {
    method: 'GET',
    path: '/provider-templates',
    scope: 'templates:read',
    audit: { none: "Meta's templates are of the company and of no person." },
    summary: "List the provider's templates, by name",
    query: templateQuery,
    answers: { 200: { description: 'A page of templates.', schema: pageOf(shownTemplate) } },
    refusals: ['invalid-cursor'],
  },
  syncTemplates: {
    method: 'POST',
    path: '/provider-templates/sync',
    scope: 'templates:write',
    audit: { none: "Meta's templates are of the company and of no person." },
    summary: 'Have the templates read from the provider anew',
    answers: {
      202: {
        description: 'What was planned for each account.',
        schema: z.object({ items: z.array(shownSync) }),
      },
    },
    refusals: ['template-sync-limit'],
  },
  acceptTemplateCategory: {
    method: 'POST',
    path: '/provider-templates/{name}/{language}/accept-category',
    scope: 'templates:write',
    audit: { none: "Meta's templates are of the company and of no person." },
    summary: 'Let a recategorised template go again',
    params: templateParams,
    answers: {
      200: {
        description: 'The template in each account that has it.',
        schema: z.object({ items: z.array(shownTemplate) }),
      },
    },
    refusals: ['template-not-found'],
  },
})

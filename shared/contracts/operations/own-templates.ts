import { operations } from '../operation.ts'
import {
  lintOwnTemplateBody,
  ownTemplateParams,
  ownTemplateQuery,
  ownTemplatesQuery,
  previewOwnTemplateBody,
  putOwnTemplateBody,
  shownLint,
  shownOwnTemplate,
  shownOwnTemplateWithSource,
  shownPreview,
} from '../own-templates.ts'
import { pageOf, pageQuery } from '../paging.ts'

const path = '/templates/{name}/{channel}/{language}' as const
const params = ownTemplateParams

const reminder = {
  source: {
    channel: 'EMAIL',
    subject: 'Sua parcela vence em {{dias|dia|dias}}',
    preheader: '{{valor}}, com vencimento em {{vencimento}}',
    blocks: [
      { type: 'heading', text: 'Olá, {{nome}}!' },
      { type: 'paragraph', text: 'Sua parcela vence em {{dias|dia|dias}}.' },
      {
        type: 'facts',
        rows: [
          { label: 'Vencimento', value: '{{vencimento}}' },
          { label: 'Valor', value: '{{valor}}' },
        ],
      },
      { type: 'button', label: 'Pagar agora', url: '{{link}}' },
      { type: 'code', label: 'PIX copia e cola', value: '{{pix}}' },
    ],
  },
  category: 'transactional',
}
const bound = {
  source: {
    channel: 'WHATSAPP',
    providerTemplate: { name: 'lembrete_parcela', language: 'pt_BR' },
    body: ['{{nome}}', '{{valor}}', '{{vencimento}}'],
  },
}

/** What programs do with templates of their own. */
export const ownTemplateOperations = operations({
  listOwnTemplates: {
    method: 'GET',
    path: '/templates',
    scope: 'templates:read',
    audit: { none: 'A template is of the company and of no person.' },
    summary: 'List your templates, by name',
    description: 'The newest version of each.',
    query: ownTemplatesQuery,
    answers: { 200: { description: 'A page of templates.', schema: pageOf(shownOwnTemplate) } },
    refusals: ['invalid-cursor'],
  },
  getOwnTemplate: {
    method: 'GET',
    path,
    scope: 'templates:read',
    audit: { none: 'A template is of the company and of no person.' },
    summary: 'Read a template of yours',
    params,
    query: ownTemplateQuery,
    answers: { 200: { description: 'The template.', schema: shownOwnTemplateWithSource } },
    refusals: ['template-not-found'],
  },
  putOwnTemplate: {
    method: 'PUT',
    path,
    scope: 'templates:write',
    audit: 'writes',
    summary: 'Keep a template of yours',
    description:
      'Another source or category than the newest version has makes the next version; the same ' +
      'again changes nothing. Messages that were accepted keep the version that they have.',
    params,
    body: putOwnTemplateBody,
    answers: {
      200: { description: 'The newest version says so already.', schema: shownOwnTemplate },
      201: { description: 'A new version.', schema: shownOwnTemplate },
    },
    refusals: [],
    examples: { mail: reminder, WhatsApp: bound },
  },
  listOwnTemplateVersions: {
    method: 'GET',
    path: `${path}/versions`,
    scope: 'templates:read',
    audit: { none: 'A template is of the company and of no person.' },
    summary: 'List the versions of a template of yours, newest first',
    params,
    query: pageQuery,
    answers: { 200: { description: 'A page of versions.', schema: pageOf(shownOwnTemplate) } },
    refusals: ['template-not-found', 'invalid-cursor'],
  },
  previewOwnTemplate: {
    method: 'POST',
    path: `${path}/preview`,
    scope: 'templates:read',
    audit: { none: 'A template is of the company and of no person.' },
    summary: 'See what a template of yours becomes',
    description: 'Filled as it is at a send; nothing is kept.',
    params,
    body: previewOwnTemplateBody,
    answers: { 200: { description: 'What it becomes.', schema: shownPreview } },
    refusals: ['template-not-found', 'template-parameters'],
    examples: {
      mail: {
        variables: {
          nome: 'Ana',
          dias: { type: 'count', count: 3 },
          valor: { type: 'money', cents: 12_345, currency: 'BRL' },
          vencimento: { type: 'date', date: '2026-12-05' },
          link: 'https://pagar.exemplo.com.br/p/1042',
          pix: '00020126580014br.gov.bcb.pix',
        },
      },
    },
  },
  lintOwnTemplate: {
    method: 'POST',
    path: `${path}/lint`,
    scope: 'templates:read',
    audit: { none: 'A template is of the company and of no person.' },
    summary: 'Find what speaks against a template of yours as a message about a debt',
    description:
      'Variables that billing does not know or has no value for, texts that become too long, ' +
      "wording that people and Meta's policy take for a threat, no way to pay. Nothing is kept.",
    params,
    body: lintOwnTemplateBody,
    answers: { 200: { description: 'What was found; empty: nothing.', schema: shownLint } },
    refusals: ['template-not-found'],
    examples: { 'for the due day': { step: 'due-today' } },
  },
})

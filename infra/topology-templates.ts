import { apiEnv, planTemplateSyncsEnv, templateSyncEnv } from '#functions/env.ts'
import type { FunctionSpec, QueueSpec, Route } from './topology-shapes.ts'

/** What keeps Meta's templates and shows them; part of the one list in topology.ts. */

export type TemplateFunctionName =
  | 'list-templates'
  | 'sync-templates'
  | 'accept-template-category'
  | 'template-sync'
  | 'plan-template-syncs'

const api = { timeoutSeconds: 15, memoryMb: 512 } as const

export const templateFunctions: Readonly<Record<TemplateFunctionName, FunctionSpec>> = {
  'list-templates': {
    ...api,
    entry: 'functions/api/list-templates.ts',
    env: apiEnv,
    access: ['database', 'data-key'],
    sendsTo: [],
    errorImpact: 'programs cannot list templates: GET /provider-templates fails',
  },
  'sync-templates': {
    ...api,
    entry: 'functions/api/sync-templates.ts',
    env: planTemplateSyncsEnv,
    access: ['database'],
    sendsTo: ['TEMPLATE_SYNC'],
    errorImpact: 'programs cannot ask for fresh templates: POST /provider-templates/sync fails',
  },
  'accept-template-category': {
    ...api,
    entry: 'functions/api/accept-template-category.ts',
    env: apiEnv,
    access: ['database', 'data-key'],
    sendsTo: [],
    errorImpact: 'programs cannot accept a new category; recategorised templates stay blocked',
  },
  'template-sync': {
    entry: 'functions/processors/template-sync.ts',
    env: templateSyncEnv,
    timeoutSeconds: 60,
    memoryMb: 512,
    access: ['database', 'sender-secrets'],
    sendsTo: ['TEMPLATE_SYNC'],
    errorImpact:
      'what is known of templates grows old; sends meet refusals of Meta instead of ours',
  },
  'plan-template-syncs': {
    entry: 'functions/schedules/plan-template-syncs.ts',
    env: planTemplateSyncsEnv,
    timeoutSeconds: 30,
    memoryMb: 512,
    access: ['database'],
    sendsTo: ['TEMPLATE_SYNC'],
    errorImpact:
      'what is known of templates grows old; sends meet refusals of Meta instead of ours',
  },
}

export const templateRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/provider-templates',
    function: 'list-templates',
    scope: 'templates:read',
  },
  {
    method: 'POST',
    path: '/provider-templates/sync',
    function: 'sync-templates',
    scope: 'templates:write',
  },
  {
    method: 'POST',
    path: '/provider-templates/{name}/{language}/accept-category',
    function: 'accept-template-category',
    scope: 'templates:write',
  },
]

/** One account a batch: its list may take most of the lease. */
export const templateQueue: QueueSpec = {
  consumer: 'template-sync',
  batchSize: 1,
  maxBatchingWindowSeconds: 0,
  maxConcurrency: 2,
  maxReceiveCount: 5,
  errorImpact: 'a wake-up that no code can read; its task is re-issued by the relay',
}

import { planTemplateSyncsEnv, templateSyncEnv } from '#functions/env.ts'
import type { FunctionSpec, QueueSpec } from './topology-shapes.ts'

/** What keeps Meta's templates; part of the one list in topology.ts. */

export type TemplateFunctionName = 'template-sync' | 'plan-template-syncs'

export const templateFunctions: Readonly<Record<TemplateFunctionName, FunctionSpec>> = {
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

/** One account a batch: its list may take most of the lease. */
export const templateQueue: QueueSpec = {
  consumer: 'template-sync',
  batchSize: 1,
  maxBatchingWindowSeconds: 0,
  maxConcurrency: 2,
  maxReceiveCount: 5,
  errorImpact: 'a wake-up that no code can read; its task is re-issued by the relay',
}

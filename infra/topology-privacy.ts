import { personErasureEnv, personExportEnv } from '#functions/env.ts'
import type { FunctionSpec, QueueSpec } from './topology-shapes.ts'

/** What gives persons their data and takes it away; part of the one list in topology.ts. */
export type PrivacyFunctionName = 'person-export' | 'person-erasure'
export type PrivacyQueueName = 'PERSON_EXPORT' | 'PERSON_ERASURE'

/** Where bytes of a person may lie. */
const deletes = ['media:delete', 'exports:delete', 'inbound-mail:delete'] as const

export const privacyFunctions: Readonly<Record<PrivacyFunctionName, FunctionSpec>> = {
  'person-export': {
    entry: 'functions/processors/person-export.ts',
    env: personExportEnv,
    timeoutSeconds: 180,
    memoryMb: 1024,
    access: ['database', 'data-key', 'exports:write', 'exports:delete'],
    sendsTo: ['PERSON_EXPORT'],
    errorImpact: 'people who asked for a copy of their data wait for it; the law gives 15 days',
  },
  'person-erasure': {
    entry: 'functions/processors/person-erasure.ts',
    env: personErasureEnv,
    timeoutSeconds: 120,
    memoryMb: 512,
    access: ['database', 'ledger:write', ...deletes],
    sendsTo: ['PERSON_ERASURE'],
    errorImpact: 'what people asked to have erased is still there',
  },
}

export const privacyQueues: Readonly<Record<PrivacyQueueName, QueueSpec>> = {
  PERSON_EXPORT: {
    consumer: 'person-export',
    batchSize: 1,
    maxBatchingWindowSeconds: 0,
    maxConcurrency: 2,
    maxReceiveCount: 5,
    errorImpact: 'a wake-up that no code can read; its task is re-issued by the relay',
  },
  PERSON_ERASURE: {
    consumer: 'person-erasure',
    // Each takes many calls: one a batch keeps it within the function's time.
    batchSize: 1,
    maxBatchingWindowSeconds: 0,
    maxConcurrency: 2,
    maxReceiveCount: 5,
    errorImpact: 'a wake-up that no code can read; its task is re-issued by the relay',
  },
}

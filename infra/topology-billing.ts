import { businessEventEnv } from '#functions/env.ts'
import type { FunctionSpec, QueueSpec } from './topology-shapes.ts'

/** What finance systems tell; part of the one list in topology.ts. */

export type BillingFunctionName = 'business-event'
export type BillingQueueName = 'BUSINESS_EVENT' | 'BUSINESS_BUS'

export const billingFunctions: Readonly<Record<BillingFunctionName, FunctionSpec>> = {
  'business-event': {
    entry: 'functions/processors/business-event.ts',
    env: businessEventEnv,
    timeoutSeconds: 60,
    memoryMb: 512,
    access: ['database', 'data-key', 'chunks:read'],
    sendsTo: ['MESSAGE_SEND', 'EVENT_FANOUT'],
    errorImpact: 'payments are taken but not known: people may be reminded of what they paid',
  },
}

const events = {
  consumer: 'business-event',
  batchSize: 10,
  maxBatchingWindowSeconds: 1,
  maxConcurrency: 5,
  maxReceiveCount: 10,
  errorImpact: 'payments and other changes of debts that could not be applied wait for a human',
} as const

export const billingQueues: Readonly<Record<BillingQueueName, QueueSpec>> = {
  BUSINESS_EVENT: events,
  // EventBridge writes clear text: a queue of its own.
  BUSINESS_BUS: { ...events, bus: 'recado-business' },
}

/** Tokens with which finance systems are asked live in secrets under this prefix. */
export const billingSecretPrefix = 'recado/billing/'

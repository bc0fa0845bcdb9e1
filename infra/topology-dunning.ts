import { dunningStepEnv, planDunningEnv } from '#functions/env.ts'
import type { FunctionSpec, QueueSpec } from './topology-shapes.ts'

/** What writes to people about what is to be paid; part of the one list in topology.ts. */

export type DunningFunctionName = 'dunning-step' | 'plan-dunning'

export const dunningFunctions: Readonly<Record<DunningFunctionName, FunctionSpec>> = {
  'dunning-step': {
    entry: 'functions/processors/dunning-step.ts',
    env: dunningStepEnv,
    timeoutSeconds: 60,
    // A look is 1,000 debts, opened and sealed again.
    memoryMb: 1024,
    access: ['database', 'data-key'],
    sendsTo: ['DUNNING_STEP', 'MESSAGE_SEND', 'EVENT_FANOUT'],
    errorImpact:
      'people are not written to about what is due; due-today notices of the day are lost',
  },
  'plan-dunning': {
    entry: 'functions/schedules/plan-dunning.ts',
    env: planDunningEnv,
    timeoutSeconds: 50,
    memoryMb: 512,
    access: ['database'],
    sendsTo: ['DUNNING_STEP'],
    errorImpact:
      'people are not written to about what is due; due-today notices of the day are lost',
  },
}

/** One look a batch: it may take most of the lease. */
export const dunningQueue: QueueSpec = {
  consumer: 'dunning-step',
  batchSize: 1,
  maxBatchingWindowSeconds: 0,
  maxConcurrency: 5,
  maxReceiveCount: 5,
  errorImpact: 'a wake-up that no code can read; its task is re-issued by the relay',
}

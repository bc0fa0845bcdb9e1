import { chatCleanupEnv, planCleanupsEnv, resealEnv } from '#functions/env.ts'
import type { FunctionSpec, QueueSpec } from './topology-shapes.ts'

/** What keeps nothing longer, and under no older key, than it may be; part of the one list in topology.ts. */

export type UpkeepFunctionName = 'plan-cleanups' | 'chat-cleanup' | 'reseal'

export const upkeepFunctions: Readonly<Record<UpkeepFunctionName, FunctionSpec>> = {
  'plan-cleanups': {
    entry: 'functions/schedules/plan-cleanups.ts',
    env: planCleanupsEnv,
    timeoutSeconds: 120,
    memoryMb: 512,
    access: ['database'],
    sendsTo: ['CHAT_CLEANUP'],
    errorImpact: 'chats stay open and old contents are kept beyond their date',
  },
  'chat-cleanup': {
    entry: 'functions/processors/chat-cleanup.ts',
    env: chatCleanupEnv,
    timeoutSeconds: 300,
    memoryMb: 512,
    access: ['database', 'media:delete'],
    sendsTo: ['CHAT_CLEANUP'],
    errorImpact: 'chats stay open and old contents are kept beyond their date',
  },
  reseal: {
    entry: 'functions/processors/reseal.ts',
    env: resealEnv,
    timeoutSeconds: 300,
    memoryMb: 512,
    access: ['database', 'data-key'],
    sendsTo: ['RESEAL'],
    errorImpact: 'cells stay sealed under an old key, which cannot be retired',
  },
}

export const upkeepQueues = {
  CHAT_CLEANUP: {
    consumer: 'chat-cleanup',
    batchSize: 1,
    maxBatchingWindowSeconds: 0,
    maxConcurrency: 2,
    maxReceiveCount: 5,
    errorImpact: 'a wake-up that no code can read; its task is re-issued by the relay',
  },
  RESEAL: {
    consumer: 'reseal',
    batchSize: 1,
    maxBatchingWindowSeconds: 0,
    maxConcurrency: 2,
    maxReceiveCount: 5,
    errorImpact: 'a wake-up that no code can read; its task is re-issued by the relay',
  },
} as const satisfies Readonly<Record<string, QueueSpec>>

import { mediaFetchEnv } from '#functions/env.ts'
import type { FunctionSpec, QueueSpec } from './topology-shapes.ts'

/** What fetches files; part of the one list in topology.ts. */
export const mediaFunctions = {
  'media-fetch': {
    entry: 'functions/processors/media-fetch.ts',
    env: mediaFetchEnv,
    timeoutSeconds: 180,
    memoryMb: 512,
    access: ['database', 'data-key', 'sender-secrets', 'media:write'],
    sendsTo: ['MEDIA_FETCH'],
    errorImpact: 'files that people send stay PENDING; Meta forgets them after 7 days',
  },
} as const satisfies Readonly<Record<string, FunctionSpec>>

export const mediaQueues = {
  MEDIA_FETCH: {
    consumer: 'media-fetch',
    // All of a batch side by side, each up to 100 MB within the function's time.
    batchSize: 4,
    maxBatchingWindowSeconds: 0,
    maxConcurrency: 10,
    maxReceiveCount: 5,
    errorImpact: 'a wake-up that no code can read; its task is re-issued by the relay',
  },
} as const satisfies Readonly<Record<string, QueueSpec>>

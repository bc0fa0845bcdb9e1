import { mediaEnv, mediaFetchEnv } from '#functions/env.ts'
import type { FunctionSpec, QueueSpec, Route } from './topology-shapes.ts'

/** What brings and keeps files; part of the one list in topology.ts. */
const api = { env: mediaEnv, timeoutSeconds: 15, memoryMb: 512, sendsTo: [] } as const

export const mediaFunctions = {
  'create-media': {
    ...api,
    entry: 'functions/api/create-media.ts',
    access: ['database', 'data-key', 'media:write'],
    errorImpact: 'programs cannot bring files to send: POST /media fails',
  },
  'complete-media': {
    ...api,
    entry: 'functions/api/complete-media.ts',
    access: ['database', 'data-key', 'media:write', 'media:read'],
    errorImpact: 'uploaded files are not checked and cannot be sent',
  },
  'get-media': {
    ...api,
    entry: 'functions/api/get-media.ts',
    access: ['database', 'data-key', 'media:read'],
    errorImpact: 'programs cannot read files: GET /media/{mediaId} fails',
  },
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

export const mediaRoutes: readonly Route[] = [
  { method: 'POST', path: '/media', function: 'create-media', scope: 'messages:send' },
  {
    method: 'POST',
    path: '/media/{mediaId}/complete',
    function: 'complete-media',
    scope: 'messages:send',
  },
  { method: 'GET', path: '/media/{mediaId}', function: 'get-media', scope: 'chats:read' },
]

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

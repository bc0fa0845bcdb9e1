import { storesEnv, verifyWebhookEnv, webhookEnv, webhookEventEnv } from '#functions/env.ts'
import type { FunctionSpec, QueueSpec, Route } from './topology-shapes.ts'

export type WebhookFunctionName =
  | 'verify-whatsapp-webhook'
  | 'receive-whatsapp-webhook'
  | 'unsubscribe'
  | 'webhook-event'

/** The doors without a token of ours, and what applies Meta's webhooks; part of topology.ts. */
export const webhookFunctions: Readonly<Record<WebhookFunctionName, FunctionSpec>> = {
  'verify-whatsapp-webhook': {
    entry: 'functions/webhooks/verify-whatsapp.ts',
    env: verifyWebhookEnv,
    timeoutSeconds: 10,
    memoryMb: 512,
    access: ['meta-secret'],
    sendsTo: [],
    errorImpact: 'Meta cannot verify the callback address; a new subscription stays unconfirmed',
  },
  unsubscribe: {
    entry: 'functions/webhooks/unsubscribe.ts',
    env: storesEnv,
    timeoutSeconds: 10,
    memoryMb: 512,
    access: ['database', 'data-key'],
    sendsTo: [],
    errorImpact:
      'people cannot unsubscribe from mails; mail programs count that against the domain',
  },
  'receive-whatsapp-webhook': {
    entry: 'functions/webhooks/receive-whatsapp.ts',
    env: webhookEnv,
    timeoutSeconds: 15,
    memoryMb: 1024,
    access: ['meta-secret', 'data-key', 'chunks:write'],
    sendsTo: ['WEBHOOK_EVENT'],
    errorImpact: 'replies and delivery reports are not taken; Meta retries them for days',
  },
  'webhook-event': {
    entry: 'functions/processors/webhook-event.ts',
    env: webhookEventEnv,
    timeoutSeconds: 60,
    memoryMb: 1024,
    access: ['database', 'data-key', 'chunks:read'],
    sendsTo: ['MESSAGE_SEND', 'MESSAGE_STATUS_CHECK', 'MEDIA_FETCH', 'EVENT_FANOUT'],
    errorImpact: 'replies and delivery reports are taken but not shown',
  },
}

const signedByMeta =
  'Called by Meta, which has no token of ours: the function checks its signature.'

const unsubscribing = {
  path: '/unsubscribe/{token}',
  function: 'unsubscribe',
  scope: undefined,
  openBecause: 'A mail carries the address; the function checks its token.',
} as const

export const webhookRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/webhooks/whatsapp',
    function: 'verify-whatsapp-webhook',
    scope: undefined,
    openBecause: signedByMeta,
  },
  {
    method: 'POST',
    path: '/webhooks/whatsapp',
    function: 'receive-whatsapp-webhook',
    scope: undefined,
    openBecause: signedByMeta,
  },
  { ...unsubscribing, method: 'GET' },
  { ...unsubscribing, method: 'POST' },
]

export const webhookQueues: Readonly<Record<'WEBHOOK_EVENT', QueueSpec>> = {
  WEBHOOK_EVENT: {
    consumer: 'webhook-event',
    batchSize: 4,
    maxBatchingWindowSeconds: 0,
    maxConcurrency: 10,
    maxReceiveCount: 10,
    errorImpact: 'replies and delivery reports that could not be applied wait for a human',
  },
}

import {
  deadLettersEnv,
  messageSendEnv,
  migrateEnv,
  readReceiptEnv,
  relayEnv,
  statusCheckEnv,
  storesEnv,
  verifyWebhookEnv,
  webhookEnv,
  webhookEventEnv,
} from '#functions/env.ts'
import { type ApiFunctionName, apiFunctions, apiRoutes } from './topology-api.ts'
import { docsFunctions, docsRoutes } from './topology-docs.ts'
import { type DunningFunctionName, dunningFunctions, dunningQueue } from './topology-dunning.ts'
import { type EventFunctionName, eventFunctions, eventQueues } from './topology-events.ts'
import {
  type MailFunctionName,
  type MailQueueName,
  mailFunctions,
  mailQueues,
} from './topology-mail.ts'
import { mediaFunctions, mediaQueues } from './topology-media.ts'
import type { FunctionSpec, QueueSpec, Route } from './topology-shapes.ts'
import {
  type TemplateFunctionName,
  templateFunctions,
  templateQueue,
} from './topology-templates.ts'

/**
 * The one list of what exists: functions, routes, queues and schedules, as data.
 * The AWS stack and the local stack both read it; tests hold the synthesised template against it.
 */

/** What a function may touch; the stack turns each into the least IAM statements that allow it. */
export type Access =
  | 'database'
  | 'data-key'
  | 'meta-secret'
  | 'sender-secrets'
  | 'chunks:write'
  | 'chunks:read'
  | 'media:write'
  | 'media:read'
  | 'mail:send'
  | 'inbound-mail:read'
  | 'owner-secret'
  | 'webhook-backlog'
  | 'event-bus'

export type QueueName =
  | MailQueueName
  | 'MESSAGE_SEND'
  | 'MESSAGE_STATUS_CHECK'
  | 'READ_RECEIPT'
  | 'MEDIA_FETCH'
  | 'TEMPLATE_SYNC'
  | 'DUNNING_STEP'
  | 'WEBHOOK_EVENT'
  | 'EVENT_FANOUT'
  | 'EVENT_DELIVERY'

export type FunctionName =
  | ApiFunctionName
  | MailFunctionName
  | TemplateFunctionName
  | EventFunctionName
  | DunningFunctionName
  | keyof typeof docsFunctions
  | 'verify-whatsapp-webhook'
  | 'receive-whatsapp-webhook'
  | 'unsubscribe'
  | 'message-send'
  | 'message-status-check'
  | 'read-receipt'
  | 'webhook-event'
  | 'media-fetch'
  | 'dead-letters'
  | 'relay'
  | 'migrate'

export const functions: Readonly<Record<FunctionName, FunctionSpec>> = {
  ...apiFunctions,
  ...mediaFunctions,
  ...docsFunctions,
  ...mailFunctions,
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
  'message-send': {
    entry: 'functions/processors/message-send.ts',
    env: messageSendEnv,
    timeoutSeconds: 60,
    memoryMb: 512,
    access: ['database', 'data-key', 'sender-secrets', 'media:read', 'mail:send'],
    sendsTo: ['MESSAGE_SEND', 'MESSAGE_STATUS_CHECK', 'EVENT_FANOUT'],
    errorImpact: 'outbound messages stay QUEUED; people are not being written to',
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
  'dead-letters': {
    entry: 'functions/processors/dead-letters.ts',
    env: deadLettersEnv,
    timeoutSeconds: 30,
    memoryMb: 512,
    access: ['database', 'data-key', 'chunks:read'],
    sendsTo: [],
    errorImpact: 'what no code could process waits unseen in its dead-letter queue',
  },
  'message-status-check': {
    entry: 'functions/processors/message-status-check.ts',
    env: statusCheckEnv,
    timeoutSeconds: 60,
    memoryMb: 512,
    access: ['database', 'data-key', 'sender-secrets', 'webhook-backlog'],
    sendsTo: ['MESSAGE_SEND', 'MESSAGE_STATUS_CHECK', 'EVENT_FANOUT'],
    errorImpact: 'messages whose answer was lost stay UNKNOWN beyond their wait',
  },
  'read-receipt': {
    entry: 'functions/processors/read-receipt.ts',
    env: readReceiptEnv,
    timeoutSeconds: 60,
    memoryMb: 512,
    access: ['database', 'sender-secrets'],
    sendsTo: ['READ_RECEIPT'],
    errorImpact: 'people do not see that their messages were read, nor that somebody is writing',
  },
  relay: {
    entry: 'functions/schedules/relay.ts',
    env: relayEnv,
    timeoutSeconds: 50,
    memoryMb: 512,
    access: ['database'],
    sendsTo: [
      'MESSAGE_SEND',
      'MESSAGE_STATUS_CHECK',
      'READ_RECEIPT',
      'MEDIA_FETCH',
      'TEMPLATE_SYNC',
      'EVENT_DELIVERY',
      'DUNNING_STEP',
    ],
    errorImpact: 'scheduled and retried messages, and lost wake-ups, wait without end',
  },
  ...templateFunctions,
  ...eventFunctions,
  ...dunningFunctions,
  migrate: {
    entry: 'functions/deployment/migrate.ts',
    env: migrateEnv,
    timeoutSeconds: 300,
    memoryMb: 512,
    access: ['database', 'owner-secret'],
    sendsTo: [],
    errorImpact: 'a deployment could not migrate the database; the old code keeps running',
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

export const routes: readonly Route[] = [
  ...apiRoutes,
  ...docsRoutes,
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

export const queues: Readonly<Record<QueueName, QueueSpec>> = {
  MESSAGE_SEND: {
    consumer: 'message-send',
    batchSize: 10,
    maxBatchingWindowSeconds: 0,
    maxConcurrency: 20,
    maxReceiveCount: 5,
    errorImpact: 'a wake-up that no code can read; its task is re-issued by the relay',
  },
  MESSAGE_STATUS_CHECK: {
    consumer: 'message-status-check',
    batchSize: 10,
    maxBatchingWindowSeconds: 0,
    maxConcurrency: 5,
    maxReceiveCount: 5,
    errorImpact: 'a wake-up that no code can read; its task is re-issued by the relay',
  },
  READ_RECEIPT: {
    consumer: 'read-receipt',
    batchSize: 10,
    maxBatchingWindowSeconds: 0,
    maxConcurrency: 5,
    maxReceiveCount: 5,
    errorImpact: 'a wake-up that no code can read; its receipt is re-issued by the relay',
  },
  TEMPLATE_SYNC: templateQueue,
  DUNNING_STEP: dunningQueue,
  WEBHOOK_EVENT: {
    consumer: 'webhook-event',
    batchSize: 4,
    maxBatchingWindowSeconds: 0,
    maxConcurrency: 10,
    maxReceiveCount: 10,
    errorImpact: 'replies and delivery reports that could not be applied wait for a human',
  },
  ...mediaQueues,
  ...eventQueues,
  ...mailQueues,
}

/** Senders' tokens live in secrets under this prefix; people write them by hand. */
export const senderSecretPrefix = 'recado/senders/'

/** Turns what lands in any task queue's DLQ into visible failures with their reason. */
export const deadLetterConsumer: FunctionName = 'dead-letters'

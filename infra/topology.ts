import {
  deadLettersEnv,
  messageSendEnv,
  migrateEnv,
  readReceiptEnv,
  relayEnv,
  statusCheckEnv,
} from '#functions/env.ts'
import { type ApiFunctionName, apiFunctions, apiRoutes } from './topology-api.ts'
import { type AuditFunctionName, auditFunctions } from './topology-audit.ts'
import {
  type BillingFunctionName,
  type BillingQueueName,
  billingFunctions,
  billingQueues,
} from './topology-billing.ts'
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
import {
  type PrivacyFunctionName,
  type PrivacyQueueName,
  privacyFunctions,
  privacyQueues,
} from './topology-privacy.ts'
import type { FunctionSpec, QueueSpec, Route } from './topology-shapes.ts'
import {
  type TemplateFunctionName,
  templateFunctions,
  templateQueue,
} from './topology-templates.ts'
import { type UpkeepFunctionName, upkeepFunctions, upkeepQueues } from './topology-upkeep.ts'
import {
  type WebhookFunctionName,
  webhookFunctions,
  webhookQueues,
  webhookRoutes,
} from './topology-webhooks.ts'

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
  | 'billing-secrets'
  | 'chunks:write'
  | 'chunks:read'
  | 'media:write'
  | 'media:read'
  | 'exports:write'
  | 'exports:read'
  | 'exports:delete'
  | 'audit-heads:write'
  | 'media:delete'
  | 'ledger:write'
  | 'mail:send'
  | 'inbound-mail:read'
  | 'inbound-mail:delete'
  | 'owner-secret'
  | 'webhook-backlog'
  | 'event-bus'

export type QueueName =
  | MailQueueName
  | BillingQueueName
  | 'MESSAGE_SEND'
  | 'MESSAGE_STATUS_CHECK'
  | 'READ_RECEIPT'
  | 'MEDIA_FETCH'
  | PrivacyQueueName
  | 'TEMPLATE_SYNC'
  | 'DUNNING_STEP'
  | 'WEBHOOK_EVENT'
  | 'EVENT_FANOUT'
  | 'EVENT_DELIVERY'
  | 'CHAT_CLEANUP'
  | 'RESEAL'

export type FunctionName =
  | ApiFunctionName
  | MailFunctionName
  | BillingFunctionName
  | TemplateFunctionName
  | EventFunctionName
  | AuditFunctionName
  | UpkeepFunctionName
  | DunningFunctionName
  | keyof typeof docsFunctions
  | PrivacyFunctionName
  | WebhookFunctionName
  | 'message-send'
  | 'message-status-check'
  | 'read-receipt'
  | 'media-fetch'
  | 'dead-letters'
  | 'relay'
  | 'migrate'

export const functions: Readonly<Record<FunctionName, FunctionSpec>> = {
  ...apiFunctions,
  ...mediaFunctions,
  ...privacyFunctions,
  ...docsFunctions,
  ...mailFunctions,
  ...billingFunctions,
  ...webhookFunctions,
  'message-send': {
    entry: 'functions/processors/message-send.ts',
    env: messageSendEnv,
    timeoutSeconds: 60,
    memoryMb: 512,
    access: [
      'database',
      'data-key',
      'sender-secrets',
      'billing-secrets',
      'media:read',
      'mail:send',
    ],
    sendsTo: ['MESSAGE_SEND', 'MESSAGE_STATUS_CHECK', 'EVENT_FANOUT'],
    errorImpact: 'outbound messages stay QUEUED; people are not being written to',
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
      'PERSON_EXPORT',
      'PERSON_ERASURE',
      'CHAT_CLEANUP',
      'RESEAL',
      'DUNNING_STEP',
    ],
    errorImpact: 'scheduled and retried messages, and lost wake-ups, wait without end',
  },
  ...templateFunctions,
  ...eventFunctions,
  ...auditFunctions,
  ...upkeepFunctions,
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

export const routes: readonly Route[] = [...apiRoutes, ...docsRoutes, ...webhookRoutes]

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
  ...webhookQueues,
  DUNNING_STEP: dunningQueue,
  ...mediaQueues,
  ...privacyQueues,
  ...eventQueues,
  ...upkeepQueues,
  ...mailQueues,
  ...billingQueues,
}

/** Senders' tokens live in secrets under this prefix; people write them by hand. */
export const senderSecretPrefix = 'recado/senders/'

/** Turns what lands in any task queue's DLQ into visible failures with their reason. */
export const deadLetterConsumer: FunctionName = 'dead-letters'

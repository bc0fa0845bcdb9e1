import type * as z from 'zod'
import {
  apiEnv,
  deadLettersEnv,
  messageSendEnv,
  migrateEnv,
  postMessageEnv,
  statusCheckEnv,
  taskEnv,
  verifyWebhookEnv,
  webhookEnv,
  webhookEventEnv,
} from '#functions/env.ts'

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
  | 'owner-secret'
  | 'webhook-backlog'

export interface FunctionSpec {
  /** Handler file, relative to the root of the project; it exports `handler`. */
  readonly entry: `functions/${string}.ts`
  readonly env: z.ZodObject
  readonly timeoutSeconds: number
  readonly memoryMb: number
  readonly access: readonly Access[]
  /** Queues it may put wake-ups or chunks on. */
  readonly sendsTo: readonly QueueName[]
  /** What breaks when it fails; the alarm's text. */
  readonly errorImpact: string
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  readonly path: `/${string}`
  readonly function: FunctionName
  /** Scope the JWT must carry; undefined means no JWT (a provider signs the request instead). */
  readonly scope: Scope | undefined
}

export interface QueueSpec {
  readonly consumer: FunctionName
  readonly batchSize: number
  readonly maxBatchingWindowSeconds: number
  /** 2 to 1,000; keeps senders under what a provider allows. */
  readonly maxConcurrency: number
  readonly maxReceiveCount: number
  /** What people notice when messages land in the DLQ; the alarm's text. */
  readonly errorImpact: string
}

export interface ScheduleSpec {
  readonly function: FunctionName
  /** EventBridge Scheduler expression. */
  readonly expression: string
}

export type Scope = 'chats:read' | 'chats:write' | 'messages:send'
export const scopes: readonly Scope[] = ['chats:read', 'chats:write', 'messages:send']

export type QueueName = 'MESSAGE_SEND' | 'MESSAGE_STATUS_CHECK' | 'WEBHOOK_EVENT'

export type FunctionName =
  | 'open-chat'
  | 'list-chats'
  | 'get-chat'
  | 'list-messages'
  | 'post-message'
  | 'cancel-message'
  | 'verify-whatsapp-webhook'
  | 'receive-whatsapp-webhook'
  | 'message-send'
  | 'message-status-check'
  | 'webhook-event'
  | 'dead-letters'
  | 'relay'
  | 'migrate'

const api = {
  timeoutSeconds: 15,
  memoryMb: 512,
  access: ['database', 'data-key'],
  sendsTo: [],
} as const

export const functions: Readonly<Record<FunctionName, FunctionSpec>> = {
  'open-chat': {
    ...api,
    entry: 'functions/api/open-chat.ts',
    env: apiEnv,
    errorImpact: 'programs cannot open chats: POST /chats fails',
  },
  'list-chats': {
    ...api,
    entry: 'functions/api/list-chats.ts',
    env: apiEnv,
    errorImpact: 'programs cannot list chats: GET /chats fails',
  },
  'get-chat': {
    ...api,
    entry: 'functions/api/get-chat.ts',
    env: apiEnv,
    errorImpact: 'programs cannot read a chat: GET /chats/{chatId} fails',
  },
  'list-messages': {
    ...api,
    entry: 'functions/api/list-messages.ts',
    env: apiEnv,
    errorImpact: 'programs cannot read threads: GET /chats/{chatId}/messages fails',
  },
  'post-message': {
    ...api,
    entry: 'functions/api/post-message.ts',
    env: postMessageEnv,
    sendsTo: ['MESSAGE_SEND', 'MESSAGE_STATUS_CHECK'],
    errorImpact: 'programs cannot send: POST /chats/{chatId}/messages fails',
  },
  'cancel-message': {
    ...api,
    entry: 'functions/api/cancel-message.ts',
    env: postMessageEnv,
    sendsTo: ['MESSAGE_SEND', 'MESSAGE_STATUS_CHECK'],
    errorImpact: 'programs cannot cancel a message before it is sent',
  },
  'verify-whatsapp-webhook': {
    entry: 'functions/webhooks/verify-whatsapp.ts',
    env: verifyWebhookEnv,
    timeoutSeconds: 10,
    memoryMb: 512,
    access: ['meta-secret'],
    sendsTo: [],
    errorImpact: 'Meta cannot verify the callback address; a new subscription stays unconfirmed',
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
    access: ['database', 'data-key', 'sender-secrets'],
    sendsTo: ['MESSAGE_SEND', 'MESSAGE_STATUS_CHECK'],
    errorImpact: 'outbound messages stay QUEUED; people are not being written to',
  },
  'webhook-event': {
    entry: 'functions/processors/webhook-event.ts',
    env: webhookEventEnv,
    timeoutSeconds: 60,
    memoryMb: 1024,
    access: ['database', 'data-key', 'chunks:read'],
    sendsTo: ['MESSAGE_SEND', 'MESSAGE_STATUS_CHECK'],
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
    sendsTo: ['MESSAGE_SEND', 'MESSAGE_STATUS_CHECK'],
    errorImpact: 'messages whose answer was lost stay UNKNOWN beyond their wait',
  },
  relay: {
    entry: 'functions/schedules/relay.ts',
    env: taskEnv,
    timeoutSeconds: 50,
    memoryMb: 512,
    access: ['database'],
    sendsTo: ['MESSAGE_SEND', 'MESSAGE_STATUS_CHECK'],
    errorImpact: 'scheduled and retried messages, and lost wake-ups, wait without end',
  },
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

export const routes: readonly Route[] = [
  { method: 'POST', path: '/chats', function: 'open-chat', scope: 'chats:write' },
  { method: 'GET', path: '/chats', function: 'list-chats', scope: 'chats:read' },
  { method: 'GET', path: '/chats/{chatId}', function: 'get-chat', scope: 'chats:read' },
  {
    method: 'GET',
    path: '/chats/{chatId}/messages',
    function: 'list-messages',
    scope: 'chats:read',
  },
  {
    method: 'POST',
    path: '/chats/{chatId}/messages',
    function: 'post-message',
    scope: 'messages:send',
  },
  {
    method: 'POST',
    path: '/chats/{chatId}/messages/{messageId}/cancel',
    function: 'cancel-message',
    scope: 'messages:send',
  },
  {
    method: 'GET',
    path: '/webhooks/whatsapp',
    function: 'verify-whatsapp-webhook',
    scope: undefined,
  },
  {
    method: 'POST',
    path: '/webhooks/whatsapp',
    function: 'receive-whatsapp-webhook',
    scope: undefined,
  },
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
  WEBHOOK_EVENT: {
    consumer: 'webhook-event',
    batchSize: 4,
    maxBatchingWindowSeconds: 0,
    maxConcurrency: 10,
    maxReceiveCount: 10,
    errorImpact: 'replies and delivery reports that could not be applied wait for a human',
  },
}

export const schedules: Readonly<Record<'relay-each-minute', ScheduleSpec>> = {
  'relay-each-minute': { function: 'relay', expression: 'rate(1 minute)' },
}

/** Senders' tokens live in secrets under this prefix; people write them by hand. */
export const senderSecretPrefix = 'recado/senders/'

/** Turns what lands in any task queue's DLQ into visible failures with their reason. */
export const deadLetterConsumer: FunctionName = 'dead-letters'

/** Metrics of the product that wake somebody: name, and what people notice. */
export const productAlarms: Readonly<Record<string, string>> = {
  BreakerOpened: 'a sender stopped sending; its messages wait until the provider takes them again',
  TaskFailed: 'a task or a webhook chunk could not be processed; it is listed as a failure',
  AccountAlert: 'Meta restricts or warns of an account, a number or a template; sends may stop',
  SendRefusedByLimit: 'sends are refused by a limit of Meta or the guard of the tenant',
}

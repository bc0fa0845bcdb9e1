import * as z from 'zod'

/**
 * The environment of each entry point, as zod schemas. A function parses its own at cold start;
 * the stack fills exactly these keys (`EnvOf`), so a forgotten key is a compile error on both ends.
 */
const filled = z.string().min(1)

const runtime = z.object({
  POWERTOOLS_SERVICE_NAME: filled,
  /** Every wait of the product (leases, back-offs, horizons) is multiplied by this; 1 in production. */
  TIME_SCALE: z.coerce.number().positive().max(1).default(1),
})

/** Reads nothing but its own files. */
export const docsEnv = runtime

const database = z.object({
  DATABASE_CLUSTER_ARN: filled,
  DATABASE_SECRET_ARN: filled,
  DATABASE_NAME: filled,
})

/** KMS key that wraps the data keys of tenants and the transit keys of queue bodies. */
const keys = z.object({ DATA_KEY_ARN: filled })

const meta = z.object({ META_SECRET_ARN: filled })

export const graphEnv = z.object({
  WHATSAPP_GRAPH_URL: z.url(),
  WHATSAPP_GRAPH_VERSION: z.string().regex(/^v\d+\.0$/),
  /** Senders' secrets are named under this prefix. */
  SENDER_SECRET_PREFIX: filled,
})

const wakeUps = z.object({
  MESSAGE_SEND_QUEUE_URL: z.url(),
  MESSAGE_STATUS_CHECK_QUEUE_URL: z.url(),
})

const readReceipts = z.object({ ...database.shape, READ_RECEIPT_QUEUE_URL: z.url() })

/** Bucket of the files that go out and came in. */
const files = z.object({ MEDIA_BUCKET: filled })

/** SES names its ids by region. */
const mail = z.object({ MAIL_REGION: filled })

/** What opens the sealed cells of a tenant. */
export const storesEnv = runtime.extend(database.shape).extend(keys.shape)

/** Who hints at what has happened; empty: the deployment has no bus. */
const eventSignals = z.object({
  EVENT_FANOUT_QUEUE_URL: z.url(),
  EVENT_BUS_NAME: z.string().default(''),
})

/** Where receivers of events may be: `any` address, by plain HTTP too, is for one machine only. */
const receivers = z.object({
  EVENT_DELIVERY_ADDRESSES: z.enum(['public', 'any']).default('public'),
})

/** Finance systems that are asked: `any` address, by plain HTTP too, is for one machine only. */
const billing = z.object({
  /** Secrets with their tokens are named under this prefix. */
  BILLING_SECRET_PREFIX: filled,
  BILLING_ADDRESSES: z.enum(['public', 'any']).default('public'),
})

export const chatsEnv = storesEnv.extend({ ...readReceipts.shape, ...eventSignals.shape })
export const readReceiptEnv = runtime.extend({ ...graphEnv.shape, ...readReceipts.shape })
export const messagesEnv = storesEnv.extend({ ...wakeUps.shape, ...eventSignals.shape })
export const webhookEnv = runtime.extend({
  ...keys.shape,
  ...meta.shape,
  WEBHOOK_EVENT_QUEUE_URL: z.url(),
  CHUNK_BUCKET: filled,
})
export const verifyWebhookEnv = runtime.extend(meta.shape)
const provider = { ...graphEnv.shape, ...wakeUps.shape }
export const messageSendEnv = storesEnv.extend({
  ...provider,
  ...files.shape,
  ...eventSignals.shape,
  ...mail.shape,
  ...billing.shape,
  /** Of senders that name none. */
  MAIL_CONFIGURATION_SET: filled,
})
/** In the place of a bucket's name where no mail comes in: none can be called so. */
export const noBucket = 'OFF'

const privacyQueues = {
  PERSON_EXPORT_QUEUE_URL: z.url(),
  PERSON_ERASURE_QUEUE_URL: z.url(),
}
export const privacyEnv = storesEnv.extend({ ...files.shape, ...privacyQueues })
export const personExportEnv = storesEnv.extend({
  ...files.shape,
  PERSON_EXPORT_QUEUE_URL: z.url(),
})
export const personErasureEnv = runtime.extend({
  ...database.shape,
  ...files.shape,
  PERSON_ERASURE_QUEUE_URL: z.url(),
  /** Bucket of the ledger of erasures. */
  LEDGER_BUCKET: filled,
  /** How long the longest-lived backup of the database is kept. */
  BACKUP_DAYS: z.coerce.number().int().min(1).max(35),
  INBOUND_MAIL_BUCKET: filled,
  /** How long mails lie there. */
  RAW_MAIL_DAYS: z.coerce.number().int().min(1),
  /** How long a message waits on a queue and its dead-letter queue together. */
  QUEUE_DAYS: z.coerce.number().int().min(1).max(14),
})
export const mediaEnv = storesEnv.extend(files.shape)
export const mediaFetchEnv = storesEnv.extend({
  ...graphEnv.shape,
  ...files.shape,
  MEDIA_FETCH_QUEUE_URL: z.url(),
})
export const statusCheckEnv = storesEnv.extend({
  ...provider,
  ...eventSignals.shape,
  WEBHOOK_EVENT_QUEUE_URL: z.url(),
})
export const deadLettersEnv = storesEnv.extend({ CHUNK_BUCKET: filled })
/** Whoever wakes every type of task. */
export const relayEnv = runtime.extend({
  ...database.shape,
  ...wakeUps.shape,
  ...readReceipts.shape,
  MEDIA_FETCH_QUEUE_URL: z.url(),
  TEMPLATE_SYNC_QUEUE_URL: z.url(),
  EVENT_DELIVERY_QUEUE_URL: z.url(),
  ...privacyQueues,
  CHAT_CLEANUP_QUEUE_URL: z.url(),
  RESEAL_QUEUE_URL: z.url(),
  DUNNING_STEP_QUEUE_URL: z.url(),
})
export const planTemplateSyncsEnv = runtime.extend({
  ...database.shape,
  TEMPLATE_SYNC_QUEUE_URL: z.url(),
})
export const templatesEnv = storesEnv.extend({ TEMPLATE_SYNC_QUEUE_URL: z.url() })
export const templateSyncEnv = planTemplateSyncsEnv.extend(graphEnv.shape)
export const webhookEventEnv = storesEnv.extend({
  ...wakeUps.shape,
  ...eventSignals.shape,
  CHUNK_BUCKET: filled,
  MEDIA_FETCH_QUEUE_URL: z.url(),
})
/** What programs tell of debts and read of them. */
export const businessEventsEnv = storesEnv.extend({
  CHUNK_BUCKET: filled,
  BUSINESS_EVENT_QUEUE_URL: z.url(),
})
export const businessEventEnv = storesEnv.extend({
  ...eventSignals.shape,
  CHUNK_BUCKET: filled,
  MESSAGE_SEND_QUEUE_URL: z.url(),
})
const deliveryQueue = z.object({ EVENT_DELIVERY_QUEUE_URL: z.url() })
export const eventFanOutEnv = runtime.extend({
  ...database.shape,
  ...eventSignals.shape,
  ...deliveryQueue.shape,
})
export const eventDeliveryEnv = storesEnv.extend({
  ...deliveryQueue.shape,
  ...receivers.shape,
  EVENT_BUS_NAME: z.string().default(''),
})
export const subscriptionsEnv = storesEnv.extend({ ...deliveryQueue.shape, ...receivers.shape })
export const planDunningEnv = runtime.extend({
  ...database.shape,
  DUNNING_STEP_QUEUE_URL: z.url(),
})
export const dunningStepEnv = storesEnv.extend({
  ...eventSignals.shape,
  DUNNING_STEP_QUEUE_URL: z.url(),
  MESSAGE_SEND_QUEUE_URL: z.url(),
})
export const forgetEventsEnv = runtime.extend(database.shape)
export const chainAuditEnv = runtime.extend(database.shape)
export const exportAuditHeadsEnv = chainAuditEnv.extend({ AUDIT_BUCKET: filled })
export const planCleanupsEnv = runtime.extend({
  ...database.shape,
  CHAT_CLEANUP_QUEUE_URL: z.url(),
})
export const chatCleanupEnv = planCleanupsEnv.extend(files.shape)
export const resealEnv = storesEnv.extend({ RESEAL_QUEUE_URL: z.url() })
export const emailEventEnv = storesEnv.extend(eventSignals.shape)
export const inboundMailEnv = storesEnv.extend({
  ...files.shape,
  ...eventSignals.shape,
  MESSAGE_SEND_QUEUE_URL: z.url(),
  /** Bucket into which SES puts mails; no other one that a notification names is read. */
  INBOUND_MAIL_BUCKET: filled,
})
export const migrateEnv = runtime.extend({
  DATABASE_CLUSTER_ARN: filled,
  DATABASE_NAME: filled,
  /** Secret of the role that owns the schema. */
  OWNER_SECRET_ARN: filled,
  /** Secret whose password the functions' role is given. */
  DATABASE_SECRET_ARN: filled,
})

/** What a stack must set for a function: the keys of its schema, each a string. */
export type EnvKey<S extends z.ZodObject> = Extract<keyof z.input<S>, string>

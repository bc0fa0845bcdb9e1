import { KMSClient } from '@aws-sdk/client-kms'
import { RDSDataClient } from '@aws-sdk/client-rds-data'
import { S3Client } from '@aws-sdk/client-s3'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SQSClient } from '@aws-sdk/client-sqs'
import type * as z from 'zod'
import { migrate } from '#migrations/migrate.ts'
import { makeChatStore } from '#shared/adapters/database/chat-store.ts'
import { makeDataApi } from '#shared/adapters/database/data-api.ts'
import { makeDirectory } from '#shared/adapters/database/directory.ts'
import { makeEventStore } from '#shared/adapters/database/event-store.ts'
import { makeMessageStore } from '#shared/adapters/database/message-store.ts'
import { makeReadReceiptStore } from '#shared/adapters/database/read-receipt-store.ts'
import { makeTaskStore } from '#shared/adapters/database/task-store.ts'
import { mailLayout } from '#shared/adapters/email/layout/mail-layout.ts'
import { makeKmsDataKeys, makeTenantKeys } from '#shared/adapters/keys/kms-keys.ts'
import { makeSecretStore } from '#shared/adapters/keys/secrets-manager-store.ts'
import { makeSealer } from '#shared/adapters/keys/tenant-sealer.ts'
import { makeTransitSealer } from '#shared/adapters/keys/transit-sealer.ts'
import { makeSqsBacklog } from '#shared/adapters/queue/sqs-backlog.ts'
import { makeChunkReader, makeSqsChunkQueue } from '#shared/adapters/queue/sqs-chunk-queue.ts'
import { makeSqsTaskQueue } from '#shared/adapters/queue/sqs-task-queue.ts'
import { makeS3ObjectStore } from '#shared/adapters/storage/s3-object-store.ts'
import {
  makeCloudApiProvider,
  makeCloudApiReadReceipts,
} from '#shared/adapters/whatsapp/cloud-api-provider.ts'
import { makeHistoryProbe } from '#shared/adapters/whatsapp/history-probe.ts'
import { verifySignature, verifyToken } from '#shared/adapters/whatsapp/signature.ts'
import { authorsOfItem } from '#shared/adapters/whatsapp/webhook-authors.ts'
import { translateItem } from '#shared/adapters/whatsapp/webhook-events.ts'
import { splitWebhook } from '#shared/adapters/whatsapp/webhook-items.ts'
import { metaSecret, roleSecret, senderSecret } from '#shared/contracts/secrets.ts'
import { durations } from '#shared/domain/durations.ts'
import { Refusal } from '#shared/domain/errors.ts'
import type { Client } from '#shared/ports/directory.ts'
import type { TaskType } from '#shared/ports/task-queue.ts'
import { alerts } from '#shared/runtime/alerts.ts'
import { describeError, log } from '#shared/runtime/log.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import { makeApplyWebhook } from '#shared/use-cases/apply-webhook.ts'
import { makeCheckStatuses } from '#shared/use-cases/check-statuses.ts'
import { makeMarkChatRead } from '#shared/use-cases/mark-chat-read.ts'
import { makeOpenChat } from '#shared/use-cases/open-chat.ts'
import { makeReadChats } from '#shared/use-cases/read-chats.ts'
import { makeReceiveWebhook } from '#shared/use-cases/receive-webhook.ts'
import { makeRecordFailures } from '#shared/use-cases/record-failures.ts'
import { makeRelayTasks } from '#shared/use-cases/relay-tasks.ts'
import { makeSendMessages } from '#shared/use-cases/send-messages.ts'
import { signalAfter } from '#shared/use-cases/signal-after.ts'
import { makeTellReadReceipts } from '#shared/use-cases/tell-read-receipts.ts'
import { makeTrustSecrets } from '#shared/use-cases/trust-secrets.ts'
import { makeUpdateChat } from '#shared/use-cases/update-chat.ts'
import type {
  chatsEnv,
  deadLettersEnv,
  graphEnv,
  messageSendEnv,
  migrateEnv,
  readReceiptEnv,
  relayEnv,
  statusCheckEnv,
  storesEnv,
  verifyWebhookEnv,
  webhookEnv,
  webhookEventEnv,
} from './env.ts'
import { wireDebts } from './wire-debts.ts'
import { wireMailSender, wireObjects, wireProviderMedia } from './wire-files.ts'
import { tenantOf, tenantsOf, wireEventSignal } from './wire-signal.ts'

/** The only place where adapters meet use cases: one function per entry point's needs. */
type Env<S extends z.ZodType> = z.output<S>
type DatabaseEnv = Pick<
  Env<typeof storesEnv>,
  'DATABASE_CLUSTER_ARN' | 'DATABASE_SECRET_ARN' | 'DATABASE_NAME' | 'TIME_SCALE'
>

const clock = systemClock
const randomness = systemRandomness

export function wireDatabase(env: DatabaseEnv) {
  return makeDataApi(
    new RDSDataClient({}),
    {
      clusterArn: env.DATABASE_CLUSTER_ARN,
      secretArn: env.DATABASE_SECRET_ARN,
      database: env.DATABASE_NAME,
    },
    { clock, randomness, pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) },
  )
}

export function wireStores(env: Env<typeof storesEnv>) {
  const database = wireDatabase(env)
  const directory = makeDirectory(database, clock)
  const dataKeys = makeKmsDataKeys(new KMSClient({}), env.DATA_KEY_ARN)
  const sealer = makeSealer(directory, makeTenantKeys(dataKeys), clock)
  const waits = durations(env.TIME_SCALE)
  return { database, directory, dataKeys, sealer, randomness, waits }
}

/** Wakes the types whose queues the function knows; the relay has all of them. */
export function wireTaskQueue(
  env: { readonly [Type in TaskType as `${Type}_QUEUE_URL`]?: string },
) {
  const urls = {
    MESSAGE_SEND: env.MESSAGE_SEND_QUEUE_URL,
    MESSAGE_STATUS_CHECK: env.MESSAGE_STATUS_CHECK_QUEUE_URL,
    READ_RECEIPT: env.READ_RECEIPT_QUEUE_URL,
    MEDIA_FETCH: env.MEDIA_FETCH_QUEUE_URL,
    TEMPLATE_SYNC: env.TEMPLATE_SYNC_QUEUE_URL,
    EVENT_DELIVERY: env.EVENT_DELIVERY_QUEUE_URL,
    PERSON_EXPORT: env.PERSON_EXPORT_QUEUE_URL,
    PERSON_ERASURE: env.PERSON_ERASURE_QUEUE_URL,
    CHAT_CLEANUP: env.CHAT_CLEANUP_QUEUE_URL,
    RESEAL: env.RESEAL_QUEUE_URL,
    DUNNING_STEP: env.DUNNING_STEP_QUEUE_URL,
  } satisfies Record<TaskType, string | undefined>
  return makeSqsTaskQueue(new SQSClient({}), urls, (error) =>
    log.warn('wake-up lost, the relay will bring it', describeError(error)),
  )
}

/** Finds the tenant of a caller. Throws Refusal `client-unknown`. */
export type FindClient = (principal: {
  readonly issuer: string
  readonly oidcClientId: string
}) => Promise<Client>

export function wireChats(env: Env<typeof chatsEnv>) {
  const parts = wireStores(env)
  const chats = makeChatStore(parts)
  const signal = wireEventSignal(env, parts.directory)
  return {
    findClient: findClientIn(parts.directory),
    openChat: signalAfter(signal, makeOpenChat(chats), tenantOf),
    readChats: makeReadChats(chats),
    updateChat: signalAfter(signal, makeUpdateChat(chats), tenantOf),
    markChatRead: makeMarkChatRead(
      makeReadReceiptStore(parts.database, parts.waits),
      wireTaskQueue(env),
    ),
  }
}

export function findClientIn(directory: ReturnType<typeof makeDirectory>): FindClient {
  return async ({ issuer, oidcClientId }) => {
    const client = await directory.client(issuer, oidcClientId)
    if (client === undefined) throw new Refusal('client-unknown')
    return client
  }
}

export function wireGraph(env: Env<typeof graphEnv>, timeoutMs: number) {
  const secrets = makeSecretStore(new SecretsManagerClient({}), clock)
  const token = async (name: string, options?: { readonly fresh?: boolean }) => {
    try {
      const secret = await secrets.read(`${env.SENDER_SECRET_PREFIX}${name}`, options)
      return senderSecret.parse(JSON.parse(secret)).accessToken
    } catch (error) {
      log.error('a sender has no readable token', { secret: name, ...describeError(error) })
      throw error
    }
  }
  return {
    graphUrl: env.WHATSAPP_GRAPH_URL,
    version: env.WHATSAPP_GRAPH_VERSION,
    token,
    timeoutMs,
  }
}

export function wireSendMessages(env: Env<typeof messageSendEnv>) {
  const parts = wireStores(env)
  const graph = wireGraph(env, parts.waits.providerTimeoutSeconds * 1000)
  const sendMessages = makeSendMessages({
    messages: makeMessageStore(parts),
    queue: wireTaskQueue(env),
    provider: makeCloudApiProvider(graph),
    mail: wireMailSender(env, parts.waits),
    providerMedia: wireProviderMedia(graph, parts.waits),
    objects: wireObjects(env),
    layout: mailLayout,
    clock,
    randomness,
    waits: parts.waits,
    alerts,
    debts: wireDebts(env, parts.directory),
  })
  return signalAfter(wireEventSignal(env, parts.directory), sendMessages, tenantsOf)
}

export function wireTellReadReceipts(env: Env<typeof readReceiptEnv>) {
  const waits = durations(env.TIME_SCALE)
  return makeTellReadReceipts({
    jobs: makeReadReceiptStore(wireDatabase(env), waits),
    provider: makeCloudApiReadReceipts(wireGraph(env, waits.providerTimeoutSeconds * 1000)),
    queue: wireTaskQueue(env),
    randomness,
    waits,
  })
}

export function wireCheckStatuses(env: Env<typeof statusCheckEnv>) {
  const parts = wireStores(env)
  const transit = makeTransitSealer(parts.dataKeys, clock)
  const checkStatuses = makeCheckStatuses({
    tasks: makeTaskStore(parts.database, parts.waits),
    queue: wireTaskQueue(env),
    events: makeEventStore({ ...parts, transit }),
    history: makeHistoryProbe(wireGraph(env, parts.waits.providerTimeoutSeconds * 1000)),
    backlog: makeSqsBacklog(new SQSClient({}), env.WEBHOOK_EVENT_QUEUE_URL),
  })
  return signalAfter(wireEventSignal(env, parts.directory), checkStatuses, tenantsOf)
}

export function wireRecordFailures(env: Env<typeof deadLettersEnv>) {
  const { transit, objects } = wireChunks(env)
  return makeRecordFailures({
    tasks: makeTaskStore(wireDatabase(env), durations(env.TIME_SCALE)),
    transit,
    chunks: makeChunkReader({ transit, objects }),
    alerts,
  })
}

export function wireRelay(env: Env<typeof relayEnv>) {
  const tasks = makeTaskStore(wireDatabase(env), durations(env.TIME_SCALE))
  return makeRelayTasks(tasks, wireTaskQueue(env))
}

function wireMetaSecret(env: Env<typeof verifyWebhookEnv>) {
  const secrets = makeSecretStore(new SecretsManagerClient({}), clock)
  return (list: 'appSecrets' | 'verifyTokens') =>
    makeTrustSecrets({
      clock,
      secrets: async (options) =>
        metaSecret.parse(JSON.parse(await secrets.read(env.META_SECRET_ARN, options)))[list],
    })
}

export function wireVerifyWebhook(env: Env<typeof verifyWebhookEnv>) {
  const trust = wireMetaSecret(env)('verifyTokens')
  return (given: string | undefined) => trust((tokens) => verifyToken(given, tokens))
}

export function wireChunks(env: Pick<Env<typeof webhookEnv>, 'DATA_KEY_ARN' | 'CHUNK_BUCKET'>) {
  return {
    transit: makeTransitSealer(makeKmsDataKeys(new KMSClient({}), env.DATA_KEY_ARN), clock),
    // Path style works on AWS too, and by IP address, where bucket host names do not.
    objects: makeS3ObjectStore(new S3Client({ forcePathStyle: true }), env.CHUNK_BUCKET),
  }
}

export function wireReceiveWebhook(env: Env<typeof webhookEnv>) {
  const trust = wireMetaSecret(env)('appSecrets')
  const queue = makeSqsChunkQueue({
    ...wireChunks(env),
    client: new SQSClient({}),
    queueUrl: env.WEBHOOK_EVENT_QUEUE_URL,
    randomness,
  })
  return {
    isSigned: (rawBody: Uint8Array, signature: string | undefined) =>
      trust((secrets) => verifySignature(rawBody, signature, secrets)),
    receive: makeReceiveWebhook(queue, splitWebhook),
  }
}

export function wireApplyWebhook(env: Env<typeof webhookEventEnv>) {
  const parts = wireStores(env)
  const { transit, objects } = wireChunks(env)
  const reader = makeChunkReader({ transit, objects })
  return {
    open: async (body: string) => JSON.parse(await reader.open(body)) as readonly unknown[],
    apply: makeApplyWebhook({
      events: makeEventStore({ ...parts, transit }),
      signal: wireEventSignal(env, parts.directory),
      directory: parts.directory,
      queue: wireTaskQueue(env),
      alerts,
      authorsOf: authorsOfItem,
      translate: (item) =>
        translateItem(item, { now: new Date(clock.now()), uuid: () => randomness.uuid() }),
    }),
  }
}

/** Migrates as the schema's owner and gives the functions' role the password of its secret. */
export function wireMigrate(env: Env<typeof migrateEnv>) {
  const database = wireDatabase({ ...env, DATABASE_SECRET_ARN: env.OWNER_SECRET_ARN })
  const secrets = makeSecretStore(new SecretsManagerClient({}), clock)
  return async (directory: string) => {
    const secret = await secrets.read(env.DATABASE_SECRET_ARN)
    const { password } = roleSecret.parse(JSON.parse(secret))
    return migrate(database, directory, password)
  }
}

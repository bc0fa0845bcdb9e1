import { readFile } from 'node:fs/promises'
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { CreateQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs'
import { type LocalAws, startAws } from '#infra/local/aws.ts'
import { place, sqsClient } from '#infra/local/resources.ts'
import { makeDirectory } from '#shared/adapters/database/directory.ts'
import { makeMailStore } from '#shared/adapters/database/mail-store.ts'
import { readInboundMail } from '#shared/adapters/email/inbound-mail.ts'
import { noticesOfTopic } from '#shared/adapters/email/topic-notices.ts'
import { makeKmsDataKeys, makeTenantKeys } from '#shared/adapters/keys/kms-keys.ts'
import { makeSealer } from '#shared/adapters/keys/tenant-sealer.ts'
import { makeTransitSealer } from '#shared/adapters/keys/transit-sealer.ts'
import { makeSqsTaskQueue } from '#shared/adapters/queue/sqs-task-queue.ts'
import { makeS3ErasableObjects } from '#shared/adapters/storage/s3-erasures.ts'
import { makeS3MediaObjects } from '#shared/adapters/storage/s3-media-objects.ts'
import { makeS3RawMails } from '#shared/adapters/storage/s3-raw-mails.ts'
import { mailTopics } from '#shared/contracts/mail-topics.ts'
import { writeChatToken } from '#shared/domain/email-thread.ts'
import type { ErasableObjects } from '#shared/ports/erasures.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import { type MailOutcome, makeReceiveMail } from '#shared/use-cases/receive-mail.ts'
import { mediaS3Client } from './media.ts'
import { openPostgresWorld, type PostgresWorld } from './stores.ts'
import { fresh, type WorldTenant } from './stores-world.ts'

const inbox = 'inbound-mail'
const files = 'files'

/** A tenant with a mail identity. */
export interface MailTenant extends WorldTenant {
  readonly mailSenderId: string
  readonly fromAddress: string
  readonly replyDomain: string
}

interface Handed {
  /** Of the envelope; SES names them in lower case or not. */
  readonly recipients: readonly string[]
  readonly sesMessageId?: string
  readonly occurredAt?: string
  readonly verdicts?: Readonly<Record<string, string>>
  readonly dmarcPolicy?: string
  readonly bucket?: string
  /** The topic that tells of it; default the one of SES. */
  readonly topicArn?: string
}

/** The stores, a bucket of mails, one of files and a queue, with the use case over them. */
export interface ReceivingWorld extends PostgresWorld {
  addMailTenant(replyDomain?: string): Promise<MailTenant>
  /** Puts the mail into the bucket as SES does and lets it be received. */
  hand(raw: string | Uint8Array, handed: Handed): Promise<MailOutcome>
  receive(bodies: readonly string[]): Promise<MailOutcome>
  file(key: string): Promise<Uint8Array>
  fileKeys(): Promise<readonly string[]>
  /** Mails as they came in. */
  readonly rawMails: ErasableObjects
  rawKeys(): Promise<readonly string[]>
  /** Bodies of wake-ups for sends, taken off the queue. */
  wakeUps(): Promise<readonly string[]>
  /** Tenants to whom something happened, as it was hinted. */
  readonly signalled: readonly string[]
  /** Alerts with their facts. */
  readonly raised: readonly unknown[]
  tokenAddress(tenant: MailTenant, chatId: string): Promise<string>
}

export async function openReceivingWorld(): Promise<ReceivingWorld> {
  const [world, aws] = await Promise.all([openPostgresWorld(), startAws(0, place.region)])
  const s3 = mediaS3Client(aws.url)
  const sqs = sqsClient(aws.url)
  for (const Bucket of [inbox, files]) await s3.send(new CreateBucketCommand({ Bucket }))
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'sends' }))
  const dataKeys = makeKmsDataKeys(world.kmsClient, world.kms.keyArn)
  const transit = makeTransitSealer(dataKeys, systemClock)
  const signalled: string[] = []
  const raised: unknown[] = []
  let now = Date.now()
  // Stands still but when a tenant is added: calls that load the directory are no mail's.
  const directory = makeDirectory(world.dataApi, { now: () => now })
  const receive = makeReceiveMail({
    readNotices: noticesOfTopic(mailTopics.INBOUND_MAIL),
    readMail: readInboundMail,
    rawMails: makeS3RawMails(s3, inbox),
    objects: makeS3MediaObjects({ client: s3, bucket: files, clock: systemClock }),
    directory,
    mails: makeMailStore({
      database: world.dataApi,
      sealer: makeSealer(directory, makeTenantKeys(dataKeys), systemClock),
      transit,
      randomness: systemRandomness,
      waits: world.waits,
    }),
    queue: makeSqsTaskQueue(sqs, { MESSAGE_SEND: QueueUrl }, (error) => {
      throw error
    }),
    signal: {
      signal: async (tenantIds) => void signalled.push(...tenantIds),
      again: async () => undefined,
    },
    randomness: systemRandomness,
    alerts: { raise: (name, facts) => raised.push([name, facts]) },
  })
  return {
    ...world,
    receive,
    signalled,
    raised,
    addMailTenant: (replyDomain) => {
      now += 600_000
      return addMailTenant(world, replyDomain)
    },
    hand: async (raw, handed) => {
      const sesMessageId = handed.sesMessageId ?? fresh('ses')
      const Body = typeof raw === 'string' ? Buffer.from(raw, 'latin1') : raw
      const Key = `inbound/${sesMessageId}`
      await s3.send(new PutObjectCommand({ Bucket: inbox, Key, Body }))
      return receive([notification({ ...handed, sesMessageId })])
    },
    file: async (Key) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: files, Key }))
      return (await Body?.transformToByteArray()) ?? new Uint8Array()
    },
    fileKeys: () => keysIn(s3, files),
    rawMails: makeS3ErasableObjects(s3, inbox),
    rawKeys: () => keysIn(s3, inbox),
    wakeUps: async () => {
      const wanted = { QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 600 }
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(wanted))
      return Messages.flatMap(({ Body }) => Body ?? [])
    },
    tokenAddress: async ({ tenantId, replyDomain }, chatId) => {
      const { rows } = await world.owner.query(
        'select mail_token as token from chats where tenant_id = $1 and chat_id = $2',
        [tenantId, chatId],
      )
      return `chat+${writeChatToken({ tenantId, token: rows[0].token })}@${replyDomain}`
    },
    close: () =>
      closeAll(world, aws, () => {
        s3.destroy()
        sqs.destroy()
      }),
  }
}

async function keysIn(s3: S3Client, Bucket: string): Promise<readonly string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }))
  return Contents.flatMap((object) => object.Key ?? [])
}

async function closeAll(world: PostgresWorld, aws: LocalAws, destroy: () => void) {
  destroy()
  await Promise.all([world.close(), aws.close()])
}

async function addMailTenant(
  world: PostgresWorld,
  replyDomain = `${fresh('in')}.exemplo.com.br`,
): Promise<MailTenant> {
  const tenant = await world.addTenant()
  const fromAddress = `${fresh('atendimento')}@exemplo.com.br`
  const mailSenderId = await world.administration.addSender({
    tenantId: tenant.tenantId,
    channel: 'EMAIL',
    mail: {
      fromAddress,
      fromName: 'Cobrança Exemplo',
      replyDomain,
      configurationSet: undefined,
      unsubscribeUrl: undefined,
    },
    isDefault: true,
  })
  return { ...tenant, mailSenderId, fromAddress, replyDomain }
}

const passed = { spam: 'PASS', virus: 'PASS', spf: 'PASS', dkim: 'PASS', dmarc: 'PASS' }

/** Each mail a second after the one before. */
let received = 0

/** What SES tells of a mail that it put into the bucket (facts: SES §9). */
const inboundTopicArn = `arn:aws:sns:${place.region}:${place.accountId}:${mailTopics.INBOUND_MAIL}`

/** The body that SNS puts on the queue. */
export const enveloped = (message: object, TopicArn = inboundTopicArn) =>
  JSON.stringify({ Type: 'Notification', TopicArn, Message: JSON.stringify(message) })

export function notification({ recipients, sesMessageId, ...handed }: Handed): string {
  received += 1
  const timestamp =
    handed.occurredAt ?? new Date(Date.UTC(2026, 10, 23, 12, 0, received)).toISOString()
  const verdicts = Object.entries({ ...passed, ...handed.verdicts })
  const message = {
    notificationType: 'Received',
    mail: {
      timestamp,
      source: 'ana@cliente.com.br',
      messageId: sesMessageId,
      destination: recipients,
    },
    receipt: {
      timestamp,
      recipients,
      ...Object.fromEntries(verdicts.map(([name, status]) => [`${name}Verdict`, { status }])),
      ...(handed.dmarcPolicy !== undefined && { dmarcPolicy: handed.dmarcPolicy }),
      action: {
        type: 'S3',
        bucketName: handed.bucket ?? inbox,
        objectKey: `inbound/${sesMessageId}`,
      },
    },
  }
  return enveloped(message, handed.topicArn)
}

const folder = new URL('../fixtures/mail/', import.meta.url)

/** A mail of the fixtures with other texts in the place of some of its own. */
export async function fixture(
  name: string,
  places: Readonly<Record<string, string>> = {},
): Promise<string> {
  let raw = await readFile(new URL(`${name}.eml`, folder), 'latin1')
  for (const [from, to] of Object.entries(places)) raw = raw.replaceAll(from, to)
  return raw
}

export const mailContact = (address: string) => ({ channel: 'EMAIL', address }) as const
export const freshMail = () => `${fresh('ana')}@cliente.com.br`

/** A mail of a person in a few lines. */
export function written(from: string, headers: readonly string[] = [], body = 'Bom dia'): string {
  const lines = [`From: ${from}`, 'To: x@exemplo.com.br', 'Subject: Pergunta', ...headers]
  return [...lines, '', body].join('\r\n')
}

/** In the order of parking. */
export async function parkedReasons(
  { owner }: ReceivingWorld,
  tenantId: string,
): Promise<readonly string[]> {
  const { rows } = await owner.query(
    'select reason from parked_items where tenant_id = $1 order by parked_item_id',
    [tenantId],
  )
  return rows.map(({ reason }) => reason)
}

import {
  CreateBucketCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { type LocalAws, startAws } from '#infra/local/aws.ts'
import { place } from '#infra/local/resources.ts'
import { makeErasureStore } from '#shared/adapters/database/erasure-store.ts'
import { makeJobStore } from '#shared/adapters/database/job-store.ts'
import { makeS3ErasableObjects, makeS3ErasureLedger } from '#shared/adapters/storage/s3-erasures.ts'
import type { ErasureStore, ReplayOutcome } from '#shared/ports/erasures.ts'
import { systemRandomness } from '#shared/runtime/system.ts'
import { makeErasePerson, makeReplayErasures } from '#shared/use-cases/erase-person.ts'
import { makeRunJobs } from '#shared/use-cases/run-jobs.ts'
import { mediaS3Client } from './media.ts'
import { openPostgresWorld, type PostgresWorld } from './stores.ts'
import {
  accept,
  acceptedAs,
  apply,
  claimOne,
  fresh,
  freshPhone,
  inbound,
  openChat,
  report,
  settle,
  type WorldTenant,
  whatsapp,
} from './stores-world.ts'

export const filesBucket = 'recado-files'
const ledgerBucket = 'recado-ledger'
const mailBucket = 'recado-inbox'

type BucketName = 'files' | 'ledger' | 'mails'
const buckets: Readonly<Record<BucketName, string>> = {
  files: filesBucket,
  ledger: ledgerBucket,
  mails: mailBucket,
}

const erasureDays = { backupDays: 35, rawMailDays: 30, queueDays: 14 }

/** The stores in PostgreSQL and the buckets that an erasure reaches. */
export interface ErasureWorld extends PostgresWorld {
  readonly erasures: ErasureStore
  readonly s3: S3Client
  /** Plans an erasure; answers its request. */
  ask(tenantId: string, personId: string): Promise<string>
  /** Runs its task to the end, as its processor does; `wrapped` may break calls. */
  run(tenantId: string, wrapped?: (store: ErasureStore) => ErasureStore): Promise<void>
  replay(): Promise<Readonly<Record<ReplayOutcome, number>>>
  keys(bucket: BucketName): Promise<readonly string[]>
  putFile(key: string, bucket?: BucketName): Promise<void>
}

export async function openErasureWorld(): Promise<ErasureWorld> {
  const [world, aws] = await Promise.all([openPostgresWorld(), startAws(0, place.region)])
  const s3 = mediaS3Client(aws.url)
  for (const Bucket of Object.values(buckets)) await s3.send(new CreateBucketCommand({ Bucket }))
  const erasures = makeErasureStore(world.dataApi, erasureDays)
  const ledger = makeS3ErasureLedger(s3, ledgerBucket)
  const objects = makeS3ErasableObjects(s3, filesBucket)
  const rawMails = makeS3ErasableObjects(s3, mailBucket)
  return {
    ...world,
    erasures,
    s3,
    ask: (tenantId, personId) => ask(world, tenantId, personId),
    run: (tenantId, wrapped = (store) => store) =>
      runTasks(world, tenantId, { erasures: wrapped(erasures), ledger, objects, rawMails }),
    replay: makeReplayErasures({ erasures, ledger }),
    keys: async (bucket) => {
      const listed = new ListObjectsV2Command({ Bucket: buckets[bucket] })
      const { Contents = [] } = await s3.send(listed)
      return Contents.flatMap(({ Key }) => Key ?? [])
    },
    putFile: async (Key, bucket = 'files') => {
      await s3.send(new PutObjectCommand({ Bucket: buckets[bucket], Key, Body: 'bytes' }))
    },
    close: () => closeAll(world, aws, s3),
  }
}

async function closeAll(world: PostgresWorld, aws: LocalAws, s3: S3Client): Promise<void> {
  s3.destroy()
  await Promise.all([world.close(), aws.close()])
}

async function ask({ owner }: PostgresWorld, tenantId: string, personId: string) {
  const { rows } = await owner.query(
    "select request::text from plan_privacy_v1($1, $2, 'ERASURE', null)",
    [tenantId, personId],
  )
  return String(rows[0].request)
}

/** Until no task of the tenant is left; a broken run is tried again as the relay would. */
async function runTasks(
  { owner, dataApi, waits }: PostgresWorld,
  tenantId: string,
  parts: Parameters<typeof makeErasePerson>[0],
): Promise<void> {
  const run = makeRunJobs({
    type: 'PERSON_ERASURE',
    jobs: makeJobStore(dataApi, waits),
    queue: { wake: async () => ({ failed: 0 }) },
    randomness: systemRandomness,
    work: makeErasePerson(parts),
  })
  for (let turn = 0; turn < 50; turn += 1) {
    const { rows } = await owner.query(
      `update tasks set due_at = now() where tenant_id = $1 and type = 'PERSON_ERASURE'
         and state = 'PENDING' returning task_id::text as task_id`,
      [tenantId],
    )
    if (rows.length === 0) return
    await run(rows.map(({ task_id }) => ({ tenantId, taskId: String(task_id) })))
  }
  throw new Error('an erasure does not end')
}

/** Somebody with something in every table that an erasure reaches. */
export interface Somebody {
  readonly tenant: WorldTenant
  readonly personId: string
  readonly chatId: string
  readonly phone: string
  readonly mail: string
  readonly externalId: string
  /** The provider's id of a message that the person wrote, as WhatsApp makes them. */
  readonly inboundId: string
  readonly sentId: string
  readonly attemptId: string
  readonly fileKey: string
  /** Raw mails: one that the person wrote and nobody could place, one that became a message. */
  readonly mailKeys: readonly string[]
  /** A send that waits for its time. */
  readonly queued: {
    readonly tenantId: string
    readonly taskId: string
    readonly messageId: string
  }
}

/** WhatsApp's ids hold the number of the person. */
const wamidOf = (phone: string) =>
  `wamid.${Buffer.from(`\x1c\x18\x0d${phone.slice(1)}:${fresh('id')}`).toString('base64')}`

export async function fillSomebody(world: ErasureWorld, tenant: WorldTenant): Promise<Somebody> {
  const [phone, mail, externalId] = [freshPhone(), `${fresh('ana')}@example.com`, fresh('ext')]
  const contacts = [whatsapp(phone), { channel: 'EMAIL', address: mail } as const]
  const chat = await openChat(world, tenant, { externalId, contacts })
  const { chatId } = chat
  const { personId } = chat.person
  const [inboundId, sentId] = [wamidOf(phone), wamidOf(phone)]
  const mediaId = crypto.randomUUID()
  const content = { type: 'text', text: 'minha senha' } as const
  await apply(world, inbound(tenant, { phone, wamid: inboundId, name: 'Ana', content }))
  const sent = await accept(world, tenant, { chatId })
  const claimed = await claimOne(world, sent)
  await settle(world, claimed, acceptedAs(sentId))
  await apply(world, report(tenant, { wamid: sentId, status: 'DELIVERED' }))
  const queued = await accept(world, tenant, { chatId })
  await addRows(world, tenant, { personId, mediaId, inboundId })
  const mailKeys = await addUnread(world, tenant, { phone, personId, inboundId })
  const fileKey = `media/${tenant.tenantId}/${mediaId}`
  await world.putFile(fileKey)
  return {
    ...{ tenant, personId, chatId, phone, mail, externalId, inboundId, sentId, fileKey, queued },
    mailKeys,
    attemptId: claimed.attemptId,
  }
}

/** What was not taken in of the person's, and mails as they came in. */
async function addUnread(
  world: ErasureWorld,
  { tenantId }: WorldTenant,
  who: { readonly phone: string; readonly personId: string; readonly inboundId: string },
): Promise<readonly string[]> {
  const parked = {
    tenantId,
    channel: 'WHATSAPP',
    reason: 'malformed',
    raw: { from: who.phone },
    authors: [{ kind: 'phone', value: who.phone.slice(1) }],
  } as const
  await world.events.apply({ events: [], parked: [parked] })
  const keys = [`inbound/${fresh('mail')}`, `inbound/${fresh('mail')}`]
  for (const key of keys) await world.putFile(key, 'mails')
  await world.owner.query(
    `insert into raw_mails (tenant_id, object_key, received_at, authors)
     select i.tenant_id, $3, now(), array[i.value_hash]
     from contacts c join contact_identities i using (tenant_id, contact_id)
     where c.tenant_id = $1 and c.person_id = $2 and i.channel = 'EMAIL'`,
    [tenantId, who.personId, keys[0]],
  )
  await world.owner.query(
    `insert into raw_mails (tenant_id, object_key, received_at, message_id)
     select tenant_id, $3, now(), message_id from chat_messages
     where tenant_id = $1 and provider_message_id = $2`,
    [tenantId, who.inboundId, keys[1]],
  )
  return keys
}

/** What other roads would have left, with cells of made-up bytes. */
async function addRows(
  { owner }: ErasureWorld,
  { tenantId, senderId }: WorldTenant,
  ids: { readonly personId: string; readonly mediaId: string; readonly inboundId: string },
): Promise<void> {
  const cell = () => Buffer.from(`${crypto.randomUUID()}${crypto.randomUUID()}`)
  const token = () => crypto.randomUUID()
  const movementId = fresh('divida')
  const statements: readonly (readonly [string, readonly unknown[]])[] = [
    [
      `insert into media (tenant_id, media_id, direction, kind, state, mime_type, object_key,
         filename, provider_media_id, sha256, row_token, message_id, sender_id)
       select $1::bigint, $2::uuid, 'INBOUND', 'image', 'STORED', 'image/png',
         concat_ws('/', 'media', $1::bigint, $2::uuid), $3, $4, $5, $6, message_id, $7
       from chat_messages where tenant_id = $1::bigint and provider_message_id = $8`,
      [tenantId, ids.mediaId, cell(), cell(), cell(), token(), senderId, ids.inboundId],
    ],
    [
      `insert into movements (tenant_id, movement_id, version, person_id, status, amount_cents,
         currency, details, row_token, occurred_at)
       values ($1, $2, 1, $3, 'OPEN', 100, 'BRL', $4, $5, now())`,
      [tenantId, movementId, ids.personId, cell(), token()],
    ],
    [
      `insert into installments (tenant_id, installment_id, movement_id, version, number, total,
         due_on, amount_cents, balance_cents, status, details, row_token, occurred_at)
       values ($1, $2::text || '-1', $2::text, 1, 1, 1, current_date, 100, 100, 'OPEN', $3, $4, now())`,
      [tenantId, movementId, cell(), token()],
    ],
    [
      `update message_status s set detail = $3, recipient = $4, recipient_hash = $5
       from chat_messages m join chats c using (tenant_id, chat_id)
       where c.tenant_id = $1 and c.person_id = $2 and s.message_id = m.message_id`,
      [tenantId, ids.personId, cell(), cell(), cell()],
    ],
    [
      `update chat_messages m set metadata = $3, mail_id = $4 from chats c
       where c.tenant_id = $1 and c.person_id = $2 and m.chat_id = c.chat_id`,
      [tenantId, ids.personId, cell(), `<${fresh('ana')}@casa-da-ana.com.br>`],
    ],
    [
      `insert into suppressions (tenant_id, channel, value_hash, value, row_token, reason, source)
       select i.tenant_id, i.channel, i.value_hash, $3, $4, 'hard-bounce', 'provider'
       from contacts c join contact_identities i using (tenant_id, contact_id)
       where c.tenant_id = $1 and c.person_id = $2 and i.channel = 'EMAIL'`,
      [tenantId, ids.personId, cell(), token()],
    ],
    [
      `insert into opt_outs (tenant_id, contact_id, channel, category, source, opted_out_at)
       select c.tenant_id, c.contact_id, c.channel, 'MARKETING', 'keyword', now() from contacts c
       where c.tenant_id = $1 and c.person_id = $2 and c.channel = 'WHATSAPP'`,
      [tenantId, ids.personId],
    ],
  ]
  for (const [sql, values] of statements) await owner.query(sql, [...values])
}

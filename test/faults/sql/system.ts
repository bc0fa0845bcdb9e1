import { randomBytes } from 'node:crypto'
import { makeAdministration } from '#shared/adapters/database/administration.ts'
import { makeChatStore } from '#shared/adapters/database/chat-store.ts'
import { makeCleanupStore } from '#shared/adapters/database/cleanup-store.ts'
import { makeErasureStore } from '#shared/adapters/database/erasure-store.ts'
import { makeEventStore } from '#shared/adapters/database/event-store.ts'
import { makeExportStore } from '#shared/adapters/database/export-store.ts'
import { makeJobStore } from '#shared/adapters/database/job-store.ts'
import { makeMessageStore } from '#shared/adapters/database/message-store.ts'
import { makePrivacyStore } from '#shared/adapters/database/privacy-store.ts'
import { makeTaskStore } from '#shared/adapters/database/task-store.ts'
import { makeSealer } from '#shared/adapters/keys/tenant-sealer.ts'
import { durations } from '#shared/domain/durations.ts'
import type { Directory, Tenant } from '#shared/ports/directory.ts'
import type { TenantKeys } from '#shared/ports/tenant-keys.ts'
import { systemRandomness } from '#shared/runtime/system.ts'
import { makeProduct } from '../simulation/product.ts'
import type { BuildSystem } from '../simulation/run.ts'
import type { Setting } from '../simulation/setting.ts'
import type { BuiltSystem, Ground, Party } from '../simulation/system.ts'
import type { Bucket } from '../simulation/upkeep.ts'
import { readRows } from './rows.ts'
import type { VirtualDatabase } from './template.ts'
import { readUpkeep } from './upkeep-rows.ts'

const erasureDays = { backupDays: 35, rawMailDays: 30, queueDays: 14 }

/** Keys that need no key service: what is under fire here are the rows. */
const localKeys: TenantKeys = {
  create: async () => randomBytes(32),
  unwrap: async (_tenantId, _purpose, wrapped) => wrapped,
}

const openTransit = {
  seal: async (_place: string, text: string) => text,
  open: async (_place: string, text: string) => text,
}

/** The real use cases on the real stores, on a database whose time is the simulation's. */
export function sqlSystem(database: VirtualDatabase): BuildSystem {
  return async (ground, setting): Promise<BuiltSystem> => {
    await database.setTime(ground.simulation.clock.now())
    const { clock } = ground.simulation
    const waits = durations()
    const world = await addTenants(database, setting)
    const parts = {
      database: database.dataApi,
      sealer: makeSealer(world.directory, localKeys, clock),
      transit: openTransit,
      randomness: systemRandomness,
      waits,
    }
    const chats = makeChatStore(parts)
    const parties = await Promise.all(
      world.owners.map(async (owner) => ({
        ...owner,
        chats: await openChats(chats, owner, setting),
      })),
    )
    const tenantIds = parties.map(({ tenantId }) => tenantId)
    await letIdle(database, parties, setting.upkeep?.idleDays ?? [])
    const privacy = makePrivacyStore(parts)
    const bucket: Bucket = { keys: new Set(), ledger: new Set() }
    return {
      parties,
      system: makeProduct(ground, {
        stores: {
          messages: makeMessageStore(parts),
          tasks: makeTaskStore(database.dataApi, waits),
          events: makeEventStore(parts),
        },
        upkeep: {
          ...{ privacy, bucket },
          jobs: makeJobStore(database.dataApi, waits),
          erasures: makeErasureStore(database.dataApi, erasureDays),
          exports: makeExportStore(parts),
          // Cleanups of a tenant come close after one another here.
          cleanups: makeCleanupStore(database.dataApi, { ...waits, cleanupEverySeconds: 1 }),
        },
        directory: world.directory,
        history: { look: async () => historyAnswer(ground) },
        waits,
        clock: { now: () => clock.now() + setting.skewSeconds * 1000 },
      }),
      rows: async () => ({
        ...(await readRows(database.owner, tenantIds, clock.now())),
        upkeep: await readUpkeep({
          ...{ owner: database.owner, privacy, bucket, parties, wishes: ground.ledgers.wishes },
        }),
      }),
      isSettled: () => isSettled(database, tenantIds),
      close: () => leaveAlone(database, tenantIds),
    }
  }
}

function historyAnswer({ luck }: Ground) {
  return { outcome: luck.chance(0.5) ? ('unsupported' as const) : ('unavailable' as const) }
}

type Owner = Omit<Party, 'chats'>

let issued = 0

async function addTenants(
  { ownerApi, owner: pool }: VirtualDatabase,
  setting: Setting,
): Promise<{ owners: readonly Owner[]; directory: Directory }> {
  const administration = makeAdministration(ownerApi, localKeys)
  const owners: Owner[] = []
  for (let index = 1; index <= setting.tenants; index += 1) {
    issued += 1
    const tenantId = await administration.addTenant({
      name: `tenant ${issued}`,
      serviceWindow: 'left-to-provider',
    })
    const client = { tenantId, issuer: 'https://issuer.test', oidcClientId: `client-${issued}` }
    const clientId = await administration.addClient({ ...client, ratePerSecond: 500, burst: 2000 })
    const sender = { phoneNumberId: `1${issued}`, wabaId: `2${issued}` }
    const senderId = await administration.addSender({
      tenantId,
      channel: 'WHATSAPP',
      ...sender,
      secretName: 'secret',
      isDefault: true,
    })
    await pool.query(
      'update senders set rate_per_second = $2, history_probe = $3 where sender_id = $1',
      [senderId, setting.senderRatePerSecond, index === 2],
    )
    owners.push({ tenantId, clientId, senderId, ...sender })
  }
  return { owners, directory: await directoryOf(pool, owners) }
}

async function directoryOf(
  pool: VirtualDatabase['owner'],
  owners: readonly Owner[],
): Promise<Directory> {
  const { rows } = await pool.query<{ tenant_id: string; index_key: Buffer; data_key: Buffer }>(
    `select t.tenant_id::text, t.wrapped_index_key as index_key, k.wrapped_data_key as data_key
     from tenants t join tenant_keys k on k.tenant_id = t.tenant_id`,
  )
  const tenants = new Map(
    rows.map(({ tenant_id: tenantId, index_key: wrappedIndexKey, data_key: wrapped }) => {
      const dataKeys = [{ epoch: 1, wrapped }]
      return [tenantId, { tenantId, timeZone: 'UTC', wrappedIndexKey, dataKeys } satisfies Tenant]
    }),
  )
  return {
    tenant: async (tenantId) => tenants.get(tenantId),
    client: async () => undefined,
    whatsAppSender: async (id) => owners.find(({ phoneNumberId }) => phoneNumberId === id),
    whatsAppAccountTenants: async (id) =>
      owners.filter(({ wabaId }) => wabaId === id).map(({ tenantId }) => tenantId),
  }
}

/** In a few lanes: more requests than sockets only wait. */
async function openChats(
  store: ReturnType<typeof makeChatStore>,
  { tenantId, clientId }: Owner,
  setting: Setting,
): Promise<Party['chats']> {
  const count = Math.ceil(setting.chats / setting.tenants)
  const waiting = Array.from({ length: count }, (_, index) => index)
  const chats: Party['chats'][number][] = []
  const lanes = Array.from({ length: 8 }, async () => {
    for (let index = waiting.shift(); index !== undefined; index = waiting.shift()) {
      const phone = `+55119${80_000_000 + index}`
      const opened = await store.open({
        tenantId,
        clientId,
        request: { route: 'POST /chats', key: `open-${index}`, body: '' },
        externalId: `person-${index}`,
        name: undefined,
        contacts: [{ channel: 'WHATSAPP', address: phone }],
      })
      if (opened.outcome === 'refused') throw new Error(`no chat: ${opened.code}`)
      const { chatId, person } = opened.chat
      chats[index] = { chatId, personId: person.personId, phone }
    }
  })
  await Promise.all(lanes)
  return chats
}

/** Cleanups are planned for every tenant: those of runs that are over have had theirs. */
async function leaveAlone({ owner }: VirtualDatabase, tenantIds: readonly string[]): Promise<void> {
  await owner.query(
    `insert into tasks (tenant_id, type, state, due_at, created_at)
     select t.tenant_id, 'CHAT_CLEANUP', 'DONE', now(), 'infinity'
     from unnest($1::bigint[]) t (tenant_id)`,
    [tenantIds],
  )
}

/** As if nothing had happened for so many days; what nobody wrote in for long has been closed. */
async function letIdle(
  { owner }: VirtualDatabase,
  parties: readonly Party[],
  idleDays: readonly number[],
): Promise<void> {
  for (const [index, days] of idleDays.entries()) {
    const chatIds = parties.flatMap(({ chats }) =>
      chats.flatMap(({ chatId }, place) => (place % idleDays.length === index ? chatId : [])),
    )
    await owner.query(
      `update chats set last_activity_at = last_activity_at - $2 * interval '1 day'
       where chat_id = any ($1::bigint[])`,
      [chatIds, days],
    )
    if (days <= 90) continue
    await owner.query(
      `update chats set status = 'CLOSED', closed_at = last_activity_at
       where chat_id = any ($1::bigint[])`,
      [chatIds],
    )
  }
}

async function isSettled({ owner }: VirtualDatabase, tenantIds: readonly string[]) {
  const { rowCount } = await owner.query(
    `select from chat_messages where tenant_id = any ($1::bigint[])
       and (status in ('QUEUED', 'SENDING')
         or (status = 'UNKNOWN' and reason is distinct from 'unresolved'))
     union all
     select from privacy_requests where tenant_id = any ($1::bigint[])
       and state in ('REQUESTED', 'RUNNING')
     union all
     select from tasks where tenant_id = any ($1::bigint[]) and type = 'CHAT_CLEANUP'
       and state in ('PENDING', 'CLAIMED')
     limit 1`,
    [tenantIds],
  )
  return rowCount === 0
}

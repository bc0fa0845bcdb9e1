import { join } from 'node:path'
import { KMSClient } from '@aws-sdk/client-kms'
import type { RDSDataClient } from '@aws-sdk/client-rds-data'
import pg from 'pg'
import { inject } from 'vitest'
import { type DataApi as DataApiEndpoint, startDataApi } from '#infra/local/data-api/server.ts'
import { type Kms, startKms } from '#infra/local/kms.ts'
import { migrate } from '#migrations/migrate.ts'
import { makeAdministration } from '#shared/adapters/database/administration.ts'
import { makeChatStore } from '#shared/adapters/database/chat-store.ts'
import { type DataApi, makeDataApi } from '#shared/adapters/database/data-api.ts'
import { makeDirectory } from '#shared/adapters/database/directory.ts'
import { makeEventStore } from '#shared/adapters/database/event-store.ts'
import { makeMessageStore } from '#shared/adapters/database/message-store.ts'
import { makeTaskStore } from '#shared/adapters/database/task-store.ts'
import { makeKmsDataKeys, makeTenantKeys } from '#shared/adapters/keys/kms-keys.ts'
import { makeSealer } from '#shared/adapters/keys/tenant-sealer.ts'
import { makeTransitSealer } from '#shared/adapters/keys/transit-sealer.ts'
import { durations } from '#shared/domain/durations.ts'
import type { Sealer } from '#shared/ports/sealer.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import { createTemplate, type FreshDatabase, freshDatabase, makeDataApiClient } from './database.ts'
import { fresh, type StoreWorld, type WorldTenant } from './stores-world.ts'

const template = 'recado_migrated'
const functionsSecretArn = 'arn:aws:secretsmanager:sa-east-1:111122223333:secret:recado-functions'
/** The role belongs to the whole server: every file of a run must give it the same password. */
const functionsRole = { user: 'recado_functions', password: 'functions-role-password' }
const migrations = join(import.meta.dirname, '../../migrations')

type Administration = ReturnType<typeof makeAdministration>

/** The stores in PostgreSQL, over the Data API, with the keys of a KMS, as the functions' role. */
export interface PostgresWorld extends StoreWorld {
  readonly database: FreshDatabase
  readonly endpoint: DataApiEndpoint
  readonly kms: Kms
  readonly kmsClient: KMSClient
  /** As the functions' role. */
  readonly dataApi: DataApi
  readonly directory: ReturnType<typeof makeDirectory>
  readonly sealer: Sealer
  /** As the schema's owner, who is the superuser here. */
  readonly administration: Administration
  /** As the superuser: for what time, operators and later features would do. */
  readonly owner: pg.Pool
}

/** A migrated database of the caller's own, empty but for the deployment's tenant. */
async function migratedDatabase(): Promise<FreshDatabase> {
  await createTemplate(template, migrateDatabase)
  return freshDatabase(template)
}

/** Opens a world on a database of its own; `close()` drops it. */
export async function openPostgresWorld(): Promise<PostgresWorld> {
  const database = await migratedDatabase()
  const [endpoint, kms] = await Promise.all([
    database.startDataApi({ roles: { [functionsSecretArn]: functionsRole } }),
    startKms({ port: 0 }),
  ])
  const client = makeDataApiClient(endpoint, 3)
  const dataApi = adapterOf(client, { ...database.target, secretArn: functionsSecretArn })
  const kmsClient = new KMSClient({
    endpoint: kms.url,
    region: 'sa-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  const dataKeys = makeKmsDataKeys(kmsClient, kms.keyArn)
  const tenantKeys = makeTenantKeys(dataKeys)
  // A clock that leaps: what was just added is found, as by a function that has just started.
  const directory = makeDirectory(dataApi, leapingClock())
  const parts = {
    database: dataApi,
    sealer: makeSealer(directory, tenantKeys, systemClock),
    transit: makeTransitSealer(dataKeys, systemClock),
    randomness: systemRandomness,
    waits: durations(),
  }
  const administration = makeAdministration(adapterOf(client, database.target), tenantKeys)
  const owner = new pg.Pool({ connectionString: database.url, max: 2 })
  // An idle connection is cut when its database is dropped.
  owner.on('error', () => undefined)
  return {
    messages: makeMessageStore(parts),
    chats: makeChatStore(parts),
    events: makeEventStore(parts),
    tasks: makeTaskStore(dataApi, parts.waits),
    waits: parts.waits,
    database,
    endpoint,
    kms,
    kmsClient,
    dataApi,
    directory,
    administration,
    sealer: parts.sealer,
    owner,
    ...operators(administration, owner),
    async close() {
      client.destroy()
      kmsClient.destroy()
      await owner.end()
      await Promise.all([database.drop(), kms.close()])
    },
  }
}

function operators(administration: Administration, owner: pg.Pool) {
  const addClient: StoreWorld['addClient'] = (tenantId, limits) =>
    administration.addClient({
      tenantId,
      issuer: 'https://issuer.test',
      oidcClientId: fresh('client'),
      ...(limits ?? { ratePerSecond: 5000, burst: 50_000 }),
    })
  return {
    addClient,
    addTenant: async (options: Parameters<StoreWorld['addTenant']>[0] = {}) => {
      const tenantId = await administration.addTenant({
        name: fresh('tenant'),
        serviceWindow: options.serviceWindow ?? 'left-to-provider',
      })
      const clientId = await addClient(tenantId)
      const sender = { phoneNumberId: fresh('phone'), wabaId: fresh('waba') }
      const tenant = { tenantId, clientId, sender }
      if (options.hasSender === false) return { ...tenant, senderId: '0' } satisfies WorldTenant
      const senderId = await administration.addSender({
        tenantId,
        channel: 'WHATSAPP',
        ...sender,
        secretName: 'secret',
        isDefault: true,
      })
      await owner.query('update senders set rate_per_second = $2 where sender_id = $1', [
        senderId,
        options.senderRatePerSecond ?? 10_000,
      ])
      return { ...tenant, senderId } satisfies WorldTenant
    },
    disableClient: async (tenantId: string, clientId: string) => {
      await owner.query(
        'update clients set disabled_at = now() where tenant_id = $1 and client_id = $2',
        [tenantId, clientId],
      )
    },
    optOut: async (
      tenantId: string,
      chatId: string,
      { category, restored = false }: { category: string; restored?: boolean },
    ) => {
      await owner.query(
        `insert into opt_outs
           (tenant_id, contact_id, channel, category, source, opted_out_at, restored_at)
         select o.tenant_id, o.contact_id, o.channel, $3, 'keyword', now(),
           case when $4 then now() end
         from chats c join contacts o using (tenant_id, person_id)
         where c.tenant_id = $1 and c.chat_id = $2
         on conflict (tenant_id, contact_id, channel, category) do update
         set opted_out_at = excluded.opted_out_at, restored_at = excluded.restored_at`,
        [tenantId, chatId, category, restored],
      )
    },
    setChatStatus: async (tenantId: string, chatId: string, status: string) => {
      await owner.query(
        'update chats set status = $3, updated_at = now() where tenant_id = $1 and chat_id = $2',
        [tenantId, chatId, status],
      )
    },
    setReopenDays: async (tenantId: string, days: number) => {
      await owner.query('update tenants set reopen_days = $2 where tenant_id = $1', [
        tenantId,
        days,
      ])
    },
    pass: async (seconds: number) => {
      await owner.query(timePasses(seconds))
    },
  }
}

/** Moves every stored time back, but for those that the API answers as they were. */
function timePasses(seconds: number): string {
  return `do $$
    declare shift record;
    begin
      for shift in
        select table_name, string_agg(format('%1$I = %1$I - interval ''${seconds} seconds''',
          column_name), ', ') as changes
        from information_schema.columns join information_schema.tables using (table_name)
        where columns.table_schema = 'public' and tables.table_schema = 'public'
          and table_type = 'BASE TABLE' and data_type = 'timestamp with time zone'
          and column_name not in ('accepted_at', 'occurred_at')
          -- Append-only.
          and table_name not in ('audit_entries', 'audit_persons', 'consents')
        group by table_name
      loop
        execute format('update %I set %s', shift.table_name, shift.changes);
      end loop;
    end $$`
}

function leapingClock() {
  let now = Date.now()
  return {
    now: () => {
      now += 10_000
      return now
    },
  }
}

async function migrateDatabase(name: string): Promise<void> {
  const { port, superuser } = inject('postgres')
  const endpoint = await startDataApi({
    port: 0,
    postgres: { host: '127.0.0.1', port },
    credentials: async () => superuser,
  })
  const client = makeDataApiClient(endpoint)
  const target = { resourceArn: 'arn:cluster', secretArn: 'arn:superuser', database: name }
  await migrate(adapterOf(client, target), migrations, functionsRole.password)
  client.destroy()
  await endpoint.close()
}

function adapterOf(client: RDSDataClient, target: FreshDatabase['target']): DataApi {
  return makeDataApi(
    client,
    {
      clusterArn: target.resourceArn,
      secretArn: target.secretArn,
      database: target.database,
    },
    {
      clock: systemClock,
      randomness: systemRandomness,
      pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    },
  )
}

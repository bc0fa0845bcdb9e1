import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { RDSDataClient } from '@aws-sdk/client-rds-data'
import pg from 'pg'
import { type DataApi as Endpoint, startDataApi } from '#infra/local/data-api/server.ts'
import { migrate } from '#migrations/migrate.ts'
import { type DataApi, makeDataApi } from '#shared/adapters/database/data-api.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'

/** A PostgreSQL that the tier may make databases in. */
export interface Server {
  readonly port: number
  readonly superuser: { readonly user: string; readonly password: string }
}

/** Migrated databases whose time stands still until it is moved. */
export interface Templates {
  /** A database of the caller's own. */
  open(): Promise<VirtualDatabase>
  close(): Promise<void>
}

export interface VirtualDatabase {
  /** As the functions' role, over the Data API. */
  readonly dataApi: DataApi
  /** As the schema's owner, over the Data API. */
  readonly ownerApi: DataApi
  /** As the superuser. */
  readonly owner: pg.Pool
  /** From now on the database's `now()` is this, in milliseconds. */
  setTime(now: number): Promise<void>
  close(): Promise<void>
}

const host = '127.0.0.1'
const migrations = join(import.meta.dirname, '../../../migrations')
/** The role belongs to the whole server, which tests share: everybody gives it this password. */
const functionsRole = { user: 'recado_functions', password: 'functions-role-password' }
const target = { clusterArn: 'arn:cluster', database: '' }
const secrets = { owner: 'arn:owner', functions: 'arn:functions' }

/**
 * The time is a row. `public` comes first, so that tables are made there, then `test_clock`, then
 * pg_catalog, which is searched first only while it is not named: each unqualified `now()` of
 * migrations, defaults and functions means the row.
 */
const clockSql = `
  create schema test_clock;
  create table test_clock.instant (at timestamptz not null);
  insert into test_clock.instant values (now());
  create function test_clock.now() returns timestamptz language sql stable
    as 'select at from test_clock.instant';
  create function test_clock.clock_timestamp() returns timestamptz language sql stable
    as 'select at from test_clock.instant';
  grant usage on schema test_clock to public;
  grant select on test_clock.instant to public;`

/** What the rules ask about the past: each change of a status and of an attempt's outcome. */
const auditSql = `
  create schema audit;
  create table audit.statuses (change_id bigint generated always as identity, tenant_id bigint,
    message_id bigint, old_status text, new_status text, at timestamptz default now());
  create table audit.outcomes (change_id bigint generated always as identity, tenant_id bigint,
    attempt_id uuid, outcome text, at timestamptz default now());
  create table audit.inbounds (tenant_id bigint, message_id bigint, chat_id bigint,
    provider_message_id text, at timestamptz default now());
  create table audit.chats (change_id bigint generated always as identity, tenant_id bigint,
    chat_id bigint, person_id bigint, new_status text, last_activity_at timestamptz,
    at timestamptz default now());
  create function audit.note_status() returns trigger language plpgsql security definer as $$
    begin
      insert into audit.statuses (tenant_id, message_id, old_status, new_status)
      values (new.tenant_id, new.message_id, case tg_op when 'UPDATE' then old.status end,
        new.status);
      return null;
    end $$;
  create function audit.note_outcome() returns trigger language plpgsql security definer as $$
    begin
      insert into audit.outcomes (tenant_id, attempt_id, outcome)
      values (new.tenant_id, new.attempt_id, new.outcome);
      return null;
    end $$;
  create function audit.note_inbound() returns trigger language plpgsql security definer as $$
    begin
      insert into audit.inbounds (tenant_id, message_id, chat_id, provider_message_id)
      values (new.tenant_id, new.message_id, new.chat_id, new.provider_message_id);
      return null;
    end $$;
  create function audit.note_chat() returns trigger language plpgsql security definer as $$
    begin
      insert into audit.chats (tenant_id, chat_id, person_id, new_status, last_activity_at)
      values (new.tenant_id, new.chat_id, new.person_id, new.status, new.last_activity_at);
      return null;
    end $$;
  create trigger note_inbound after insert on chat_messages for each row
    when (new.direction = 'INBOUND') execute function audit.note_inbound();
  create trigger note_chat after update of status on chats for each row
    when (old.status <> new.status and new.status <> 'ACTIVE') execute function audit.note_chat();
  create trigger note_new_status after insert on chat_messages for each row
    when (new.direction = 'OUTBOUND') execute function audit.note_status();
  create trigger note_status after update of status on chat_messages for each row
    when (old.status <> new.status) execute function audit.note_status();
  create trigger note_new_outcome after insert on send_attempts
    for each row execute function audit.note_outcome();
  create trigger note_outcome after update of outcome on send_attempts for each row
    when (old.outcome <> new.outcome) execute function audit.note_outcome();`

/** Migrates a template with a clock of our own and the audit's triggers. */
export async function makeTemplates(server: Server): Promise<Templates> {
  const name = `faults_${randomUUID().replaceAll('-', '')}`
  const admin = poolOf(server, 'postgres')
  const endpoint = await startDataApi({
    port: 0,
    postgres: { host, port: server.port },
    credentials: async (secretArn) =>
      secretArn === secrets.functions ? functionsRole : server.superuser,
  })
  const client = new RDSDataClient({
    endpoint: endpoint.url,
    region: 'sa-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  await admin.query(`create database ${name}`)
  await admin.query(`alter database ${name} set search_path = public, test_clock, pg_catalog`)
  await withPool(server, name, (pool) => pool.query(clockSql))
  await migrate(apiOf(client, name, secrets.owner), migrations, functionsRole.password)
  await withPool(server, name, (pool) => pool.query(auditSql))
  await endSessions(admin, name)
  return {
    open: () => openDatabase({ server, admin, client, template: name }),
    close: () => closeAll({ admin, client, endpoint, template: name }),
  }
}

async function openDatabase({
  server,
  admin,
  client,
  template,
}: {
  server: Server
  admin: pg.Pool
  client: RDSDataClient
  template: string
}): Promise<VirtualDatabase> {
  const name = `${template}_${randomUUID().slice(0, 8)}`
  await admin.query(`create database ${name} template ${template}`)
  // Settings of a database are not copied with it.
  await admin.query(`alter database ${name} set search_path = public, test_clock, pg_catalog`)
  const owner = poolOf(server, name)
  let told = 0
  return {
    dataApi: apiOf(client, name, secrets.functions),
    ownerApi: apiOf(client, name, secrets.owner),
    owner,
    async setTime(now) {
      if (now === told) return
      told = now
      await owner.query('update test_clock.instant set at = to_timestamp($1)', [now / 1000])
    },
    async close() {
      await owner.end()
      await admin.query(`drop database ${name} with (force)`)
    },
  }
}

async function closeAll({
  admin,
  client,
  endpoint,
  template,
}: {
  admin: pg.Pool
  client: RDSDataClient
  endpoint: Endpoint
  template: string
}): Promise<void> {
  client.destroy()
  await endpoint.close()
  await admin.query(`drop database ${template} with (force)`)
  await admin.end()
}

/** A session still open would forbid every copy. */
async function endSessions(admin: pg.Pool, database: string): Promise<void> {
  await admin.query(
    'select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1',
    [database],
  )
}

async function withPool(
  server: Server,
  database: string,
  work: (pool: pg.Pool) => Promise<unknown>,
): Promise<void> {
  const pool = poolOf(server, database)
  await work(pool)
  await pool.end()
}

function poolOf({ port, superuser }: Server, database: string): pg.Pool {
  const pool = new pg.Pool({ host, port, ...superuser, database, max: 2 })
  pool.on('error', () => undefined)
  // Sessions are ended by others when a database goes.
  pool.on('error', () => undefined)
  return pool
}

function apiOf(client: RDSDataClient, database: string, secretArn: string): DataApi {
  return makeDataApi(
    client,
    { ...target, secretArn, database },
    {
      clock: systemClock,
      randomness: systemRandomness,
      pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    },
  )
}

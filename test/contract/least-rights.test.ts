import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPostgresWorld, type PostgresWorld } from '#test/support/stores.ts'

/** Everything that the functions' role may write; a new table must find its place here. */
const writable: Readonly<Record<string, readonly string[]>> = {
  account_events: ['INSERT', 'UPDATE', 'DELETE'],
  audit_entries: ['INSERT'],
  audit_links: ['INSERT'],
  audit_persons: ['INSERT'],
  billing_services: [],
  business_events: ['INSERT', 'UPDATE', 'DELETE'],
  charged_days: ['INSERT', 'UPDATE', 'DELETE'],
  chat_messages: ['INSERT', 'UPDATE'],
  chat_view: [],
  chats: ['INSERT', 'UPDATE'],
  clients: ['UPDATE (tokens, tokens_at)'],
  consents: ['INSERT'],
  contact_identities: ['INSERT', 'UPDATE (contact_id, value, superseded_at)', 'DELETE'],
  contact_senders: ['INSERT', 'UPDATE', 'DELETE'],
  contacts: ['INSERT', 'UPDATE', 'DELETE'],
  dunning_policies: ['INSERT'],
  dunning_steps: ['INSERT', 'UPDATE', 'DELETE'],
  event_delivery_attempts: ['INSERT', 'DELETE'],
  event_pumps: ['INSERT', 'UPDATE'],
  events: ['INSERT', 'DELETE'],
  idempotency_keys: ['INSERT', 'UPDATE', 'DELETE'],
  installments: ['INSERT', 'UPDATE'],
  media: ['INSERT', 'UPDATE'],
  media_uploads: ['INSERT', 'UPDATE', 'DELETE'],
  message_status: ['INSERT', 'UPDATE', 'DELETE'],
  movements: ['INSERT', 'UPDATE'],
  opt_outs: ['INSERT', 'UPDATE', 'DELETE'],
  pair_paces: ['INSERT', 'UPDATE', 'DELETE'],
  parked_items: ['INSERT', 'UPDATE (person_id)', 'DELETE'],
  person_view: [],
  persons: ['INSERT', 'UPDATE'],
  portfolio_contacts: ['INSERT', 'UPDATE', 'DELETE'],
  portfolio_hours: ['INSERT', 'UPDATE', 'DELETE'],
  portfolios: ['UPDATE (locked_at)'],
  privacy_requests: ['INSERT', 'UPDATE'],
  provider_templates: ['INSERT', 'UPDATE'],
  raw_mails: ['INSERT', 'UPDATE (message_id, person_id)', 'DELETE'],
  schema_migrations: [],
  send_attempts: ['INSERT', 'UPDATE'],
  send_routes: [],
  sender_paces: ['INSERT', 'UPDATE'],
  senders: ['UPDATE (history_probe, templates_synced_at)'],
  subscriptions: ['INSERT', 'UPDATE', 'DELETE'],
  suppressions: [
    'INSERT',
    'UPDATE (value, row_token, reason, source, client_id, expires_at, removed_at, removed_by, removed_by_client_id)',
    'DELETE',
  ],
  task_failures: ['INSERT', 'UPDATE (body, resolved_at)', 'DELETE'],
  tasks: ['INSERT', 'UPDATE', 'DELETE'],
  templates: ['INSERT'],
  tenant_keys: [],
  tenants: ['UPDATE (mail_paused_at, mail_paused_reason)'],
}

const views = ['chat_view', 'person_view', 'send_routes']

const notInserted = Object.entries(writable)
  .filter(([table, verbs]) => !views.includes(table) && !verbs.includes('INSERT'))
  .map(([table]) => table)

describe("the functions' role", () => {
  let world: PostgresWorld

  beforeAll(async () => {
    world = await openPostgresWorld()
  })
  afterAll(() => world.close())

  it('may write what is listed, and nothing else', async () => {
    const { rows } = await world.owner.query(
      `select c.oid::regclass::text as name,
         array_remove(array[
           case when has_any_column_privilege(r, c.oid, 'INSERT') then 'INSERT' end,
           case when has_table_privilege(r, c.oid, 'UPDATE') then 'UPDATE'
             else (select format('UPDATE (%s)', string_agg(attname, ', ' order by attnum))
               from pg_attribute where attrelid = c.oid and attnum > 0
                 and has_column_privilege(r, c.oid, attnum, 'UPDATE') having count(*) > 0) end,
           case when has_table_privilege(r, c.oid, 'DELETE') then 'DELETE' end,
           case when has_table_privilege(r, c.oid, 'TRUNCATE') then 'TRUNCATE' end,
           case when has_table_privilege(r, c.oid, 'TRIGGER') then 'TRIGGER' end], null) as verbs
       from pg_class c cross join (values ('recado_functions')) as roles (r)
       where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v')`,
    )
    expect(Object.fromEntries(rows.map(({ name, verbs }) => [name, verbs]))).toEqual(writable)
  })

  it('may use no sequence', async () => {
    const { rows } = await world.owner.query(
      `select seqrelid::regclass::text as name,
         has_sequence_privilege('recado_functions', seqrelid, 'USAGE, SELECT, UPDATE') as may
       from pg_sequence`,
    )
    expect(rows.length).toBeGreaterThan(0)
    expect(rows.filter(({ may }) => may)).toEqual([])
  })

  it.each(notInserted)('is refused a row of %s', async (table) => {
    const insert = world.dataApi.query(`insert into ${table} default values`)
    await expect(insert).rejects.toMatchObject({ sqlState: '42501' })
  })

  it('is refused every column of companies, programs, numbers and limits but its own', async () => {
    const { rows } = await world.owner.query(
      `select format('update %I set %I = %2$I where false', table_name, column_name) as statement
       from information_schema.columns
       where table_schema = 'public' and is_identity = 'NO'
         and (table_name in ('tenant_keys', 'schema_migrations')
           or table_name = 'parked_items' and column_name <> 'person_id'
           or table_name = 'raw_mails' and column_name not in ('message_id', 'person_id')
           or table_name = 'tenants'
             and column_name not in ('mail_paused_at', 'mail_paused_reason')
           or table_name = 'contact_identities' and column_name not in ('value', 'contact_id', 'superseded_at')
           or table_name = 'clients' and column_name not in ('tokens', 'tokens_at')
           or table_name = 'portfolios' and column_name <> 'locked_at'
           or table_name = 'senders' and column_name not in ('history_probe', 'templates_synced_at')
           or table_name = 'task_failures' and column_name not in ('body', 'resolved_at'))`,
    )
    expect(rows.length).toBeGreaterThan(50)
    for (const { statement } of rows) {
      await expect(world.dataApi.query(statement), statement).rejects.toMatchObject({
        sqlState: '42501',
      })
    }
  })

  it('is refused a tenant by the function that adds one', async () => {
    const input = { tenantId: '77', name: 'A', timeZone: 'UTC', dataKey: 'AA==', indexKey: 'AA==' }
    const added = world.dataApi.query('select from add_tenant_v1(:input::jsonb)', {
      input: JSON.stringify(input),
    })
    await expect(added).rejects.toMatchObject({ sqlState: '42501' })
  })

  it('does not read what the runner of migrations noted', async () => {
    const read = world.dataApi.query('select name from schema_migrations')
    await expect(read).rejects.toMatchObject({ sqlState: '42501' })
  })
})

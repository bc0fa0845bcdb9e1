import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Filled, fill, sizesOf } from '#test/bench/lists/fill.ts'
import { explain } from '#test/bench/lists/rows-read.ts'
import { openPostgresWorld, type PostgresWorld } from '#test/support/stores.ts'

const [messages, files, events] = [12_000, 400, 3000]

describe('what a batch of a cleanup reads', () => {
  let world: PostgresWorld
  let filled: Filled

  beforeAll(async () => {
    world = await openPostgresWorld()
    filled = await fill(world, await world.addTenant(), sizesOf(messages))
    const client = await world.owner.connect()
    await client.query('set session_replication_role = replica')
    for (const sql of [
      `insert into media (tenant_id, media_id, direction, kind, state, mime_type, object_key,
         row_token, created_at)
       select $1, md5(n::text)::uuid, 'OUTBOUND', 'image', 'STORED', 'image/png', 'key-' || n,
         gen_random_uuid(), now() - interval '400 days' from generate_series(1, ${files}) n`,
      `insert into tasks (tenant_id, type, message_id, chat_id, channel, sequence, payload, state,
         due_at)
       select $1, 'MESSAGE_SEND', m.message_id, m.chat_id, m.channel, m.sequence,
         jsonb_build_object('mediaIds', jsonb_build_array(
           md5((m.message_id % ${files} + 1)::text)::uuid::text)), 'DONE', now()
       from chat_messages m where m.tenant_id = $1 and m.message_id % 10 = 0`,
      // The debt stands: its events stay.
      `insert into business_events (tenant_id, event_id, type, thing_id, version, outcome,
         occurred_at, created_at)
       select $1, 'event-' || n, 'installment.created', 'parcela', n, 'applied', now(),
         now() - interval '2000 days' + n * interval '1 second' from generate_series(1, ${events}) n`,
      `insert into dunning_steps (tenant_id, installment_id, step, state, planned_on, due_on,
         decided_at)
       select $1, 'parcela', 'step-' || n, 'SENT', current_date, current_date,
         now() - interval '2000 days' + n * interval '1 second' from generate_series(1, ${events}) n`,
    ]) {
      await client.query(sql, [filled.tenantId])
    }
    await client.query('analyze')
    client.release(true)
  })
  afterAll(() => world.close())

  const read = (sql: string, parameters: Readonly<Record<string, string>>) =>
    explain(world.dataApi, { sql, parameters: { ...parameters, tenant: filled.tenantId } })

  it('is whose its files are, and not the chats of the tenant', async () => {
    const { rowsRead, scans } = await read(
      'select * from mark_media_v1(:tenant::bigint, null, 10, true)',
      {},
    )
    expect(rowsRead, JSON.stringify(scans)).toBeLessThan(filled.chats)
  })

  it.each(['business-events', 'dunning-steps'])(
    'is of what stays only what comes next: %s',
    async (stage) => {
      const { rows } = await world.owner.query(
        `select at, id, step from old_debt_rows_v1($1, $2, now(), null, ${events - 200})
         order by at desc limit 1`,
        [filled.tenantId, stage],
      )
      const [{ at, id, step }] = rows
      const { rowsRead, scans } = await read(
        'select * from remove_debt_rows_v1(:tenant::bigint, :stage, :after::jsonb, 100, false)',
        { stage, after: JSON.stringify([at, id, step]) },
      )
      expect(rowsRead, JSON.stringify(scans)).toBeLessThan(100 * 10)
    },
  )
})

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeEventStore } from '#shared/adapters/database/event-store.ts'
import { makeJobStore } from '#shared/adapters/database/job-store.ts'
import { makeResealStore } from '#shared/adapters/database/reseal-store.ts'
import { epochOf } from '#shared/adapters/keys/cell-cipher.ts'
import { makeKmsDataKeys } from '#shared/adapters/keys/kms-keys.ts'
import { makeTransitSealer } from '#shared/adapters/keys/transit-sealer.ts'
import type { Sealer } from '#shared/ports/sealer.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import { makeReseal } from '#shared/use-cases/reseal.ts'
import { makeRunJobs } from '#shared/use-cases/run-jobs.ts'
import { addSealedRows, cellsOf, freshSealer, unsealed } from '#test/support/sealed-rows.ts'
import { openPostgresWorld, type PostgresWorld } from '#test/support/stores.ts'
import {
  day,
  freshPhone,
  inbound,
  openChat,
  type WorldTenant,
  whatsapp,
} from '#test/support/stores-world.ts'

type Database = PostgresWorld['dataApi']

describe('sealing anew', () => {
  let world: PostgresWorld
  let tenant: WorldTenant
  const raised: unknown[] = []

  beforeAll(async () => {
    world = await openPostgresWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
    raised.length = 0
  })

  const rows = async (sql: string) => (await world.owner.query(sql, [tenant.tenantId])).rows

  /** A new epoch, whose time has come. */
  async function rotate() {
    const epoch = await world.administration.rotateKey(tenant.tenantId)
    await rows(`update tenant_keys set seals_from = now() - interval '1 minute'
      where tenant_id = $1`)
    return epoch
  }

  /** Runs the task until it is over, however often it is claimed. */
  async function reseal(sealer: Sealer, database: Database = world.dataApi) {
    const { waits } = world
    const run = makeRunJobs({
      type: 'RESEAL',
      jobs: makeJobStore(world.dataApi, waits),
      queue: { wake: async () => ({ failed: 0 }) },
      randomness: systemRandomness,
      work: makeReseal({
        cells: makeResealStore({ database, sealer, waits }),
        waits,
        alerts: { raise: (name, facts) => raised.push([name, facts]) },
      }),
    })
    for (let runs = 0; runs < 200; runs += 1) {
      const waiting = await rows(
        `update tasks set due_at = now(), attempts = 0
         where tenant_id = $1 and type = 'RESEAL' and state = 'PENDING'
         returning task_id::text as id`,
      )
      if (waiting.length === 0) return runs
      await Promise.all(
        waiting.map(({ id }) => run([{ tenantId: tenant.tenantId, taskId: String(id) }])),
      )
    }
    throw new Error('it does not end')
  }

  async function texts(sealer: Sealer) {
    const own = await sealer.forTenant(tenant.tenantId)
    const cells = await cellsOf(world, tenant.tenantId)
    return cells.map((cell) => [cell.place, cell.rowToken, own.open(cell, cell.sealed)])
  }
  const epochs = async () =>
    new Set((await cellsOf(world, tenant.tenantId)).map(({ sealed }) => epochOf(sealed)))

  it('knows every column of bytes in the schema', async () => {
    const { rows: columns } = await world.owner.query(
      `select c.table_name || '.' || c.column_name as name from information_schema.columns c
       join information_schema.tables t using (table_schema, table_name)
       where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.data_type = 'bytea'`,
    )
    const { rows: places } = await world.owner.query('select place from sealed_places_v1()')
    expect(columns.map(({ name }) => name).sort()).toEqual(
      [...unsealed, ...places.map(({ place }) => place)].sort(),
    )
  })

  it('leaves no cell of an older epoch, and every text as it was', async () => {
    await addSealedRows(world, world.sealer, tenant)
    const own = await world.sealer.forTenant(tenant.tenantId)
    const many = Array.from({ length: 450 }, () => crypto.randomUUID())
    for (const token of many) {
      const cell = { table: 'message_status', column: 'detail', rowToken: token }
      await world.owner.query(
        `insert into message_status (tenant_id, channel, provider_message_id, status, occurred_at,
           row_token, detail) values ($1, 'EMAIL', $2, 'FAILED', now(), $4::uuid, $3)`,
        [tenant.tenantId, token, own.seal(cell, token), token],
      )
    }
    const [large] = await rows(
      `select message_id::text as id, row_token::text as token from chat_messages
       where tenant_id = $1`,
    )
    const content = { table: 'chat_messages', column: 'content', rowToken: String(large?.token) }
    const said = JSON.stringify({ type: 'text', text: 'muito '.repeat(30_000) })
    await world.owner.query(
      'update chat_messages set content = $3 where tenant_id = $1 and message_id = $2',
      [tenant.tenantId, large?.id, own.seal(content, said)],
    )
    const before = await texts(world.sealer)
    const { rows: places } = await world.owner.query('select place from sealed_places_v1()')
    expect(new Set(before.map(([place]) => place))).toEqual(
      new Set(places.map(({ place }) => place)),
    )
    expect(await epochs()).toEqual(new Set([1]))

    expect(await rotate()).toBe(2)
    await reseal(freshSealer(world))
    expect(await epochs()).toEqual(new Set([2]))
    expect(await texts(freshSealer(world))).toEqual(before)
    expect(raised).toEqual([])
  })

  it('goes on where it stopped, whichever call fails, before it was made or after', async () => {
    await addSealedRows(world, world.sealer, tenant)
    const before = await texts(world.sealer)
    await rotate()
    let calls = 0
    const failing: Database = {
      ...world.dataApi,
      query: async (...call) => {
        calls += 1
        if (calls % 5 === 3) throw new Error('not made')
        const answer = await world.dataApi.query(...call)
        if (calls % 5 === 0) throw new Error('answer lost')
        return answer
      },
    }
    expect(await reseal(freshSealer(world), failing)).toBeGreaterThan(8)
    expect(await epochs()).toEqual(new Set([2]))
    expect(await texts(freshSealer(world))).toEqual(before)
  })

  it('loses nothing of what is written meanwhile, by two tasks at once', async () => {
    const phones = Array.from({ length: 20 }, freshPhone)
    for (const phone of phones) await openChat(world, tenant, { contacts: [whatsapp(phone)] })
    await rotate()
    await rows(`insert into tasks (tenant_id, type, due_at) values ($1, 'RESEAL', now())`)
    const sealer = freshSealer(world)
    const events = makeEventStore({
      database: world.dataApi,
      sealer,
      randomness: systemRandomness,
      waits: world.waits,
      transit: makeTransitSealer(makeKmsDataKeys(world.kmsClient, world.kms.keyArn), systemClock),
    })
    await Promise.all([
      reseal(sealer),
      reseal(sealer),
      ...phones.map((phone, index) =>
        events.apply({
          events: [inbound(tenant, { phone, name: `Ana ${index}` })],
          parked: [],
        }),
      ),
    ])
    expect(await epochs()).toEqual(new Set([2]))
    const read = await texts(freshSealer(world))
    expect(read.filter(([place]) => place === 'chat_messages.content')).toHaveLength(20)
  })

  it('waits while it does not know the new key, and tells what no key opens', async () => {
    await addSealedRows(world, world.sealer, tenant)
    const early = world.sealer
    await early.forTenant(tenant.tenantId)
    await rotate()
    const [task] = await rows(
      `update tasks set due_at = now() where tenant_id = $1 and type = 'RESEAL'
       returning task_id::text as id`,
    )
    const jobs = makeJobStore(world.dataApi, world.waits)
    const [job] = await jobs.claim({
      type: 'RESEAL',
      claimToken: crypto.randomUUID(),
      jobs: [{ tenantId: tenant.tenantId, taskId: String(task?.id) }],
    })
    if (job === undefined) throw new Error('not claimed')
    const store = makeResealStore({ database: world.dataApi, sealer: early, waits: world.waits })
    expect(await store.step(job)).toEqual({ state: 'early' })
    await jobs.settle([{ job, result: { outcome: 'RETRY', reason: 'early', retryInSeconds: 0 } }])
    await rows(`update persons set name = set_byte(name, 20, get_byte(name, 20) # 1)
      where tenant_id = $1`)
    await reseal(freshSealer(world))
    expect(raised).toEqual([['CellUnreadable', expect.objectContaining({ unreadable: 1 })]])
    expect(await store.findOld(tenant.tenantId)).toBe('persons.name')
    expect(await store.step(job)).toEqual({ state: 'lost' })
  })

  it('lets an old key go only when nothing can need it', async () => {
    await addSealedRows(world, world.sealer, tenant)
    const { administration, dataApi, waits } = world
    const sealer = freshSealer(world)
    const store = makeResealStore({ database: dataApi, sealer, waits })
    expect(await administration.rotateKey(tenant.tenantId)).toBe(2)
    expect(await administration.retireKeys(tenant.tenantId)).toMatchObject({ outcome: 'too-early' })
    expect(await store.findOld(tenant.tenantId)).toBe('persons.external_id')
    await world.pass(day)
    await rows(`update idempotency_keys set accepted_at = accepted_at - interval '1 day'
      where tenant_id = $1`)
    await reseal(freshSealer(world))
    expect(await store.findOld(tenant.tenantId)).toBeUndefined()
    // Answers kept for requests that may be repeated hold cells too.
    expect(await administration.retireKeys(tenant.tenantId)).toMatchObject({
      outcome: 'answers-kept',
    })
    await world.pass(31 * day)
    expect(await administration.retireKeys(tenant.tenantId)).toEqual({
      outcome: 'retired',
      keys: 1,
    })
    expect((await texts(freshSealer(world))).length).toBeGreaterThan(15)
  })
})

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  day,
  freshPhone,
  inbound,
  openChat,
  type WorldTenant,
  whatsapp,
} from '#test/support/stores-world.ts'
import { openUpkeepWorld, type UpkeepWorld } from '#test/support/upkeep-world.ts'

const people = 40

describe('cleanups that run beside others', () => {
  let world: UpkeepWorld
  let tenant: WorldTenant

  beforeAll(async () => {
    world = await openUpkeepWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
  })

  const rows = async (sql: string) => (await world.owner.query(sql, [tenant.tenantId])).rows

  /** So many cleanups of one tenant as if each were the only one. */
  async function cleanups(count: number) {
    const found = await rows(
      `insert into tasks (tenant_id, type, due_at)
       select $1, 'CHAT_CLEANUP', now() from generate_series(1, ${count})
       returning task_id::text as id`,
    )
    return found.map(({ id }) => ({ tenantId: tenant.tenantId, taskId: String(id) }))
  }

  async function chats() {
    const phones = Array.from({ length: people }, freshPhone)
    for (const phone of phones) await openChat(world, tenant, { contacts: [whatsapp(phone)] })
    return phones
  }

  const told = (type: string) =>
    rows(
      `select chat_id, count(*)::integer as count from events
       where tenant_id = $1 and type = '${type}' group by chat_id`,
    )

  it('close what nobody writes to, once, and never what a person just wrote in', async () => {
    const phones = await chats()
    await world.pass(31 * day)
    const cleaner = world.cleaner()
    const writers = phones.filter((_, index) => index % 2 === 0)
    const writing = writers.map((phone) =>
      world.events.apply({ events: [inbound(tenant, { phone })], parked: [] }),
    )
    const tasks = await cleanups(4)
    await Promise.all([...writing, ...tasks.map((task) => cleaner.run([task]))])
    // What was passed over, because somebody held it, is the next run's.
    await cleaner.run(await cleanups(1))

    const states = await rows(
      `select status, count(*)::integer as count from chats where tenant_id = $1
       group by status order by status`,
    )
    expect(states).toEqual([
      { status: 'ACTIVE', count: writers.length },
      { status: 'CLOSED', count: people - writers.length },
    ])
    expect(
      await rows(
        `select 1 from chats where tenant_id = $1 and status = 'CLOSED'
         and last_activity_at > now() - interval '30 days'`,
      ),
    ).toEqual([])
    expect((await told('chat.closed')).length).toBeGreaterThanOrEqual(people - writers.length)
    expect((await told('chat.closed')).every(({ count }) => count === 1)).toBe(true)
    const closed = cleaner.batches.filter(({ stage }) => stage === 'close')
    expect(closed.reduce((sum, { changed }) => sum + changed, 0)).toBe(
      (await told('chat.closed')).length,
    )
  })

  it('archive once, and a person who writes meanwhile gets a new chat', async () => {
    const phones = await chats()
    await rows(`update chats set status = 'CLOSED' where tenant_id = $1`)
    await world.pass(91 * day)
    const cleaner = world.cleaner()
    const tasks = await cleanups(4)
    await Promise.all([
      ...phones.map((phone) =>
        world.events.apply({ events: [inbound(tenant, { phone })], parked: [] }),
      ),
      ...tasks.map((task) => cleaner.run([task])),
    ])
    await cleaner.run(await cleanups(1))
    const states = await rows(
      `select status, bool_and(last_activity_at < now() - interval '90 days') as old,
         count(*)::integer as count
       from chats where tenant_id = $1 group by status order by status`,
    )
    expect(states).toEqual([
      { status: 'ACTIVE', old: false, count: people },
      { status: 'ARCHIVED', old: true, count: people },
    ])
    expect((await told('chat.archived')).map(({ count }) => count)).toEqual(
      Array.from({ length: people }, () => 1),
    )
  })

  it('blank each content once, whoever is put on hold at the same time', async () => {
    const phones = await chats()
    await Promise.all(
      phones.map((phone) =>
        world.events.apply({ events: [inbound(tenant, { phone })], parked: [] }),
      ),
    )
    await world.set(tenant.tenantId, 'inbound_days', 30)
    await world.pass(31 * day)
    const cleaner = world.cleaner()
    const tasks = await cleanups(3)
    await Promise.all([
      rows(`update persons set legal_hold_at = clock_timestamp() where tenant_id = $1
        and person_id % 2 = 0`),
      ...tasks.map((task) => cleaner.run([task])),
    ])
    await rows(`update chat_messages set status_at = now() where tenant_id = $1`)
    await cleaner.run(await cleanups(1))
    const left = await rows(
      `select p.legal_hold_at is not null as held, count(m.content)::integer as contents
       from chat_messages m join chats c using (tenant_id, chat_id)
       join persons p using (tenant_id, person_id)
       where m.tenant_id = $1 group by 1 order by 1`,
    )
    const blanked = cleaner.batches.filter(({ stage }) => stage === 'inbound')
    const sum = blanked.reduce((total, { changed }) => total + changed, 0)
    // Either a hold came first and the contents are there, or the cleanup did: never counted twice.
    expect(left[0]).toEqual({ held: false, contents: 0 })
    expect(sum + Number(left[1]?.contents)).toBe(people)
  })

  it('are planned once a day, also by clocks that tick twice at the same time', async () => {
    await world.cleanups.plan()
    await world.pass(day)
    await rows(`update tasks set state = 'DONE' where tenant_id = $1 and type = 'CHAT_CLEANUP'`)
    const plans = await Promise.all(Array.from({ length: 5 }, () => world.cleanups.plan()))
    const own = plans.flat().filter(({ tenantId }) => tenantId === tenant.tenantId)
    expect(own).toHaveLength(1)
    expect(await world.cleanups.plan()).toEqual([])
    await world.pass(day)
    const [later] = await Promise.all([world.cleanups.plan()])
    expect(later.filter(({ tenantId }) => tenantId === tenant.tenantId)).toEqual([])
  })

  it('forget the keys of requests that are over, and none before', async () => {
    await openChat(world, tenant)
    expect(await world.cleanups.forgetKeys()).toEqual({ keys: expect.any(Number), hasMore: false })
    const keys = () => rows('select 1 from idempotency_keys where tenant_id = $1')
    expect(await keys()).toHaveLength(1)
    await world.pass(31 * day)
    await openChat(world, tenant)
    expect((await world.cleanups.forgetKeys()).keys).toBeGreaterThan(0)
    expect(await keys()).toHaveLength(1)
  })
})

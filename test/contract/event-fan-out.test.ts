import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeEventPump } from '#shared/adapters/database/event-pump.ts'
import type { PutOff } from '#shared/ports/event-signal.ts'
import type { Wake } from '#shared/ports/task-queue.ts'
import { makeFanOutEvents, makeSweepEvents } from '#shared/use-cases/fan-out-events.ts'
import { type EventWorld, openEventWorld, typesOf } from '#test/support/event-world.ts'
import { until } from '#test/support/stack.ts'
import { openChat, type WorldTenant } from '#test/support/stores-world.ts'

describe('fanning events out', () => {
  let world: EventWorld
  let tenant: WorldTenant

  beforeAll(async () => {
    world = await openEventWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
  })

  const tell = (count = 1, type = 'chat.closed') =>
    world.owner.query(
      `insert into events (tenant_id, type, chat_id)
       select $1, $3, n from generate_series(1, $2) n`,
      [tenant.tenantId, count, type],
    )
  const planned = async (): Promise<readonly { payload: Record<string, unknown> }[]> => {
    const { rows } = await world.owner.query(
      'select payload, state from tasks where tenant_id = $1 order by task_id',
      [tenant.tenantId],
    )
    return rows
  }

  it('makes a delivery for each subscription that wants the event', async () => {
    const every = await world.subscribe(tenant)
    const closed = await world.subscribe(tenant, { types: ['chat.closed', 'chat.archived'] })
    await openChat(world, tenant)
    await tell()
    const wakes = await world.fanOut(tenant)
    expect(wakes).toHaveLength(3)
    expect(wakes[0]).toMatchObject({
      type: 'EVENT_DELIVERY',
      tenantId: tenant.tenantId,
      inSeconds: 0,
    })
    const [opened, ended] = await world.written(tenant)
    const wanted = [
      [every, opened],
      [every, ended],
      [closed, ended],
    ].map(([subscription, event]) => ({
      subscriptionId: (subscription as typeof every).subscriptionId,
      eventId: (event as { eventId: string }).eventId,
    }))
    const payloads = (await planned()).map(({ payload }) => payload)
    expect(payloads).toHaveLength(3)
    expect(payloads).toEqual(expect.arrayContaining(wanted))
    const jobs = await world.claim(wakes)
    expect(typesOf(jobs.flatMap(({ events }) => events)).sort()).toEqual([
      'chat.closed',
      'chat.closed',
      'chat.opened',
    ])
  })

  it('makes each once, whoever asks how often at the same time', async () => {
    await world.subscribe(tenant)
    await tell(60)
    const rounds = await Promise.all(Array.from({ length: 8 }, () => world.fanOut(tenant)))
    expect(rounds.flat()).toHaveLength(60)
    expect(new Set(rounds.flat().map(({ taskId }) => taskId)).size).toBe(60)
    expect(await world.fanOut(tenant)).toEqual([])
    expect(await planned()).toHaveLength(60)
  })

  it('does nothing where nobody listens', async () => {
    await tell()
    expect(await world.fanOut(tenant)).toEqual([])
    const { rows } = await world.owner.query('select from event_pumps where tenant_id = $1', [
      tenant.tenantId,
    ])
    expect(rows).toEqual([])
  })

  it('tells a subscription nothing of what was before it, nor of its pause', async () => {
    await tell(3, 'chat.archived')
    await world.settled(tenant)
    const key = await world.subscribe(tenant)
    const change = (status: 'ACTIVE' | 'PAUSED') => world.change(key, { status })
    await tell(1, 'chat.opened')
    expect(await world.fanOut(tenant)).toHaveLength(1)
    await change('PAUSED')
    await tell(1, 'chat.closed')
    expect(await world.fanOut(tenant)).toEqual([])
    await world.settled(tenant)
    await change('ACTIVE')
    await tell(1, 'chat.reopened')
    const jobs = await world.claim(await world.fanOut(tenant))
    expect(typesOf(jobs.flatMap(({ events }) => events))).toEqual(['chat.reopened'])
  })

  it('begins a lagging pump at the oldest subscription, not at what nobody heard', async () => {
    const key = await world.subscribe(tenant)
    await tell()
    await world.fanOut(tenant)
    await world.remove(key)
    await tell(700)
    await world.settled(tenant)
    await world.subscribe(tenant)
    await tell()
    const pump = makeEventPump(world.dataApi, false)
    const wakes = await until(
      async () => (await pump.fanOut([tenant.tenantId])).wakes,
      (made) => made.length > 0,
    )
    expect(wakes).toHaveLength(1)
  })

  it('puts ten events at a time on the bus, for every tenant, from now on', async () => {
    await tell(5)
    await world.settled(tenant)
    expect(await world.fanOut(tenant, { hasBus: true })).toEqual([])
    await tell(23)
    const wakes = await world.fanOut(tenant, { hasBus: true })
    const jobs = await world.claim(wakes)
    expect(jobs.map(({ to }) => to)).toEqual(['bus', 'bus', 'bus'])
    expect(jobs.map(({ events }) => events.length).sort()).toEqual([10, 10, 3])
    expect(new Set(jobs.flatMap(({ events }) => events.map(({ eventId }) => eventId))).size).toBe(
      23,
    )
  })

  it('goes on in parts, and says that there is more', async () => {
    await world.subscribe(tenant)
    await tell(1200)
    await world.settled(tenant)
    const pump = makeEventPump(world.dataApi, false)
    const first = await pump.fanOut([tenant.tenantId])
    expect(first.wakes).toHaveLength(500)
    expect(first.again).toEqual([{ tenantId: tenant.tenantId, inSeconds: 0 }])
    expect((await world.fanOut(tenant)).length).toBe(700)
  })

  describe('while an older transaction is running', () => {
    let early: pg.Client
    beforeEach(async () => {
      await world.subscribe(tenant)
      early = new pg.Client({ connectionString: world.database.url })
      await early.connect()
      await early.query('begin')
      await early.query(`insert into events (tenant_id, type) values ($1, 'chat.opened')`, [
        tenant.tenantId,
      ])
      await tell()
    })

    /** One hint, with what was woken and put off. */
    async function hinted(tries: number) {
      const wakes: Wake[] = []
      const putOff: PutOff[] = []
      const parts = {
        pump: makeEventPump(world.dataApi, false),
        queue: { wake: async (more: readonly Wake[]) => ({ failed: 0 * wakes.push(...more) }) },
        signal: {
          signal: async () => undefined,
          again: async (more: readonly PutOff[]) => void putOff.push(...more),
        },
      }
      await makeFanOutEvents(parts)([{ tenantId: tenant.tenantId, tries }])
      return { wakes, putOff, parts }
    }

    it('waits for it, longer and longer, then leaves it to the sweep', async () => {
      const { tenantId } = tenant
      expect((await hinted(0)).putOff).toEqual([{ tenantId, inSeconds: 1, tries: 1 }])
      expect((await hinted(3)).putOff).toEqual([{ tenantId, inSeconds: 8, tries: 4 }])
      const last = await hinted(6)
      expect(last).toMatchObject({ wakes: [], putOff: [] })
      await early.query('commit')
      await early.end()
      await until(
        async () => {
          await makeSweepEvents(last.parts)()
          return last.wakes.filter((wake) => wake.tenantId === tenantId).length
        },
        (count) => count === 2,
      )
    })

    it('forgets it when it is rolled back', async () => {
      await early.query('rollback')
      await early.end()
      await until(
        async () => (await hinted(0)).wakes.length + (await planned()).length,
        (count) => count >= 1,
      )
      expect(await planned()).toHaveLength(1)
    })
  })
})

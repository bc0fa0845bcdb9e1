import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeDeliveryStore } from '#shared/adapters/database/delivery-store.ts'
import { makeEventWebhooks } from '#shared/adapters/events/webhook-call.ts'
import type { EventBus } from '#shared/ports/event-deliveries.ts'
import type { Wake } from '#shared/ports/task-queue.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import { makeDeliverEvents } from '#shared/use-cases/deliver-events.ts'
import { makeRunJobs } from '#shared/use-cases/run-jobs.ts'
import { type EventWorld, openEventWorld } from '#test/support/event-world.ts'
import { isSignedBy, receiver } from '#test/support/receiver.ts'
import { day, type WorldTenant } from '#test/support/stores-world.ts'

/** From a claimed delivery to what the books say of it, against a receiver on this machine. */
describe('deliveries of events', () => {
  let world: EventWorld
  let tenant: WorldTenant
  let alerts: string[]

  beforeAll(async () => {
    world = await openEventWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
    alerts = []
  })

  function runner({ bus, timeoutMs = 5000 }: { bus?: EventBus; timeoutMs?: number } = {}) {
    const wakes: Wake[] = []
    const run = makeRunJobs({
      type: 'EVENT_DELIVERY',
      jobs: makeDeliveryStore({
        database: world.dataApi,
        sealer: world.sealer,
        waits: world.waits,
      }),
      queue: { wake: async (more) => ({ failed: 0 * wakes.push(...more) }) },
      randomness: systemRandomness,
      work: makeDeliverEvents({
        webhooks: makeEventWebhooks({
          addresses: 'any',
          resolve: async () => [],
          timeoutMs,
          clock: systemClock,
        }),
        bus,
        clock: systemClock,
        randomness: systemRandomness,
        waits: world.waits,
        alerts: { raise: (name) => void alerts.push(name) },
      }),
    })
    return { run, wakes }
  }

  const subscribed = (url: string) => world.subscribe(tenant, { url })

  const tell = async (count = 1) => {
    await world.owner.query(
      `insert into events (tenant_id, type, chat_id, detail)
       select $1, 'chat.closed', n, '{"status":"CLOSED"}' from generate_series(1, $2) n`,
      [tenant.tenantId, count],
    )
    return world.fanOut(tenant)
  }
  const taskOf = async ({ taskId }: { readonly taskId: string }) => {
    const { rows } = await world.owner.query(
      `select state, reason, attempts,
         round(extract(epoch from due_at - updated_at))::int as wait
       from tasks where task_id = $1`,
      [taskId],
    )
    return rows[0]
  }
  const pauses = async () =>
    (await world.written(tenant)).filter(({ type }) => type === 'subscription.paused')
  const first = (wakes: readonly Wake[]): Wake => {
    const [wake] = wakes
    if (wake === undefined) throw new Error('nothing to deliver')
    return wake
  }

  it('are signed, in two database calls a batch, and kept in the log', async () => {
    const program = await receiver()
    const subscription = await subscribed(program.url)
    const wakes = await tell(3)
    const before = world.endpoint.calls().length
    expect(await runner().run(wakes)).toEqual({ claimed: 3, done: 3 })
    // The third is the directory, for the keys.
    expect(world.endpoint.calls().length - before).toBeLessThanOrEqual(3)
    const written = await world.written(tenant)
    expect(program.seen).toHaveLength(3)
    for (const call of program.seen) {
      expect(isSignedBy(subscription.secret, call)).toBe(true)
      const body = JSON.parse(call.body)
      const event = written.find(({ eventId }) => eventId === body.id)
      expect(body).toEqual({
        id: event?.eventId,
        type: 'chat.closed',
        createdAt: event?.createdAt,
        data: { chatId: event?.chatId, status: 'CLOSED' },
      })
      expect(call.headers['webhook-id']).toBe(body.id)
    }
    const attempts = await world.attemptsOf(subscription)
    expect(attempts).toHaveLength(3)
    expect(attempts[0]).toMatchObject({
      number: 1,
      outcome: 'delivered',
      statusCode: 204,
      durationMs: expect.any(Number),
    })
    const shown = await world.shown(subscription)
    expect(shown).toMatchObject({ status: 'ACTIVE', lastSuccessAt: expect.any(String) })
    expect(shown?.failingSince).toBeUndefined()
  })

  it('come again after a failure, under the same id, until one is taken', async () => {
    const program = await receiver((response) => response.writeHead(500).end())
    const subscription = await subscribed(program.url)
    const wake = first(await tell())
    const { run, wakes } = runner()
    await run([wake])
    expect(await taskOf(wake)).toMatchObject({ state: 'PENDING', reason: 'status-500' })
    expect(wakes).toMatchObject([{ taskId: wake.taskId, type: 'EVENT_DELIVERY' }])
    expect(await run([wake])).toEqual({ claimed: 0, done: 0 })
    expect((await world.shown(subscription))?.failingSince).toBeDefined()
    await world.pass(6)
    program.answerWith((response) => response.writeHead(200).end())
    expect(await run([wake])).toEqual({ claimed: 1, done: 1 })
    expect(new Set(program.seen.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(
      (await world.attemptsOf(subscription)).map(({ number, statusCode }) => [number, statusCode]),
    ).toEqual([
      [2, 200],
      [1, 500],
    ])
    expect((await world.shown(subscription))?.failingSince).toBeUndefined()
  })

  it('wait as long as the receiver asks, up to a bound', async () => {
    const program = await receiver((response) =>
      response.writeHead(429, { 'retry-after': '999999' }).end(),
    )
    await subscribed(program.url)
    const wake = first(await tell())
    await runner().run([wake])
    expect(await taskOf(wake)).toMatchObject({ wait: 6 * 3600 })
  })

  it('are tried for three days, then the subscription is paused, loudly and once', async () => {
    const program = await receiver((response) => response.writeHead(503).end())
    const subscription = await subscribed(program.url)
    const [dying, other] = await tell(2)
    if (dying === undefined || other === undefined) throw new Error('not two')
    const { run } = runner()
    let tries = 0
    for (; (await taskOf(dying)).state === 'PENDING'; tries += 1) {
      await run([dying])
      const { wait } = await taskOf(dying)
      await world.pass(Math.max(wait, world.waits.eventHoldCapSeconds) + 10)
    }
    expect(tries).toBeGreaterThanOrEqual(10)
    expect(tries).toBeLessThanOrEqual(14)
    expect(await taskOf(dying)).toMatchObject({ state: 'DEAD', reason: 'status-503' })
    expect(await world.shown(subscription)).toMatchObject({
      status: 'PAUSED',
      pausedReason: expect.stringMatching(/^(delivery-failed|failing)$/),
    })
    expect(alerts).toEqual(['SubscriptionPaused'])
    expect((await pauses()).map(({ detail }) => detail)).toEqual([
      {
        subscriptionId: subscription.subscriptionId,
        reason: expect.stringMatching(/^(delivery-failed|failing)$/),
      },
    ])
    const calls = program.seen.length
    await run([other])
    expect(await taskOf(other)).toMatchObject({ state: 'DEAD', reason: 'subscription-paused' })
    expect(program.seen).toHaveLength(calls)
    expect(await pauses()).toHaveLength(1)
  })

  it('end at once where the receiver says that it is gone', async () => {
    const program = await receiver((response) => response.writeHead(410).end())
    const subscription = await subscribed(program.url)
    const wakes = await tell(3)
    await runner().run(wakes)
    expect(await world.shown(subscription)).toMatchObject({
      status: 'PAUSED',
      pausedReason: 'gone',
    })
    expect(await pauses()).toHaveLength(1)
    expect(alerts).toHaveLength(3)
  })

  it('leave a receiver alone that fails again and again, without a try', async () => {
    const program = await receiver((response) => response.writeHead(500).end())
    const subscription = await subscribed(program.url)
    const wakes = await tell(6)
    const { run } = runner()
    for (const wake of wakes.slice(0, 5)) await run([wake])
    const calls = program.seen.length
    const last = first(wakes.slice(5))
    await run([last])
    expect(program.seen).toHaveLength(calls)
    expect(await taskOf(last)).toMatchObject({
      state: 'PENDING',
      reason: 'receiver-held',
      attempts: 0,
    })
    await world.pass(world.waits.eventHoldCapSeconds + 10)
    program.answerWith((response) => response.writeHead(200).end())
    await run([last])
    expect(await taskOf(last)).toMatchObject({ state: 'DONE', attempts: 1 })
    expect((await world.attemptsOf(subscription))[0]).toMatchObject({ number: 1, statusCode: 200 })
    const { rows } = await world.owner.query(
      'select failures, retry_at from subscriptions where tenant_id = $1',
      [tenant.tenantId],
    )
    expect(rows).toEqual([{ failures: 0, retry_at: null }])
  })

  it('of one slow receiver hold up nobody of the batch', async () => {
    const slow = await receiver(() => undefined)
    const quick = await receiver()
    await subscribed(slow.url)
    await subscribed(quick.url)
    const wakes = await tell(2)
    expect(await runner({ timeoutMs: 400 }).run(wakes)).toEqual({ claimed: 4, done: 2 })
    expect(quick.seen).toHaveLength(2)
  })

  it('are claimed once, and a worker that lost its lease settles nothing', async () => {
    const program = await receiver()
    const subscription = await subscribed(program.url)
    const wake = first(await tell())
    const claims = await Promise.all(Array.from({ length: 6 }, () => world.claim([wake])))
    const [lost] = claims.flat()
    expect(claims.flat()).toHaveLength(1)
    await world.pass(world.waits.leaseSeconds + 1)
    expect(await world.tasks.relay(1000)).toContainEqual({ ...wake, inSeconds: 0 })
    await runner().run([wake])
    if (lost === undefined) throw new Error('not claimed')
    await world.settleAs(lost, {
      outcome: 'DEAD',
      reason: 'late',
      pauseReason: 'delivery-failed',
      attempt: { outcome: 'timeout', isDelivered: false, statusCode: undefined, durationMs: 1 },
    })
    expect(await taskOf(wake)).toMatchObject({ state: 'DONE' })
    expect(await world.attemptsOf(subscription)).toHaveLength(1)
    expect((await world.shown(subscription))?.status).toBe('ACTIVE')
  })

  it('of a subscription that is gone are over', async () => {
    const program = await receiver()
    const subscription = await subscribed(program.url)
    const wakes = await tell()
    expect(await world.remove(subscription)).toBe(true)
    expect(await runner().run(wakes)).toEqual({ claimed: 1, done: 1 })
    expect(program.seen).toEqual([])
  })

  it('whose address does not open end without a word to anybody', async () => {
    const program = await receiver()
    await subscribed(program.url)
    const wake = first(await tell())
    await world.owner.query(
      'update subscriptions set url_row_token = gen_random_uuid() where tenant_id = $1',
      [tenant.tenantId],
    )
    await runner().run([wake])
    expect(await taskOf(wake)).toMatchObject({ state: 'DEAD', reason: 'unreadable' })
    expect(program.seen).toEqual([])
  })

  it('to the bus that were not taken are put again, and only they', async () => {
    await world.fanOut(tenant, { hasBus: true })
    await world.owner.query(
      `insert into events (tenant_id, type) select $1, 'chat.closed' from generate_series(1, 4)`,
      [tenant.tenantId],
    )
    const wake = first(await world.fanOut(tenant, { hasBus: true }))
    const put: string[][] = []
    const bus: EventBus = {
      publish: async (_, envelopes) => {
        put.push(envelopes.map(({ id }) => id))
        if (put.length === 1) return envelopes.slice(2).map(({ id }) => id)
        if (put.length === 2) throw new Error('no connection')
        return []
      },
    }
    const { run } = runner({ bus })
    for (let round = 0; round < 3; round += 1) {
      await run([wake])
      await world.pass(60)
    }
    expect(put.map(({ length }) => length)).toEqual([4, 2, 2])
    expect(put[2]).toEqual(put[0]?.slice(2))
    expect(await taskOf(wake)).toMatchObject({ state: 'DONE', attempts: 3 })
  })

  it('to a bus that takes nothing for days are given up, loudly', async () => {
    await world.fanOut(tenant, { hasBus: true })
    await world.owner.query(`insert into events (tenant_id, type) values ($1, 'chat.closed')`, [
      tenant.tenantId,
    ])
    const wake = first(await world.fanOut(tenant, { hasBus: true }))
    const { run } = runner({ bus: { publish: async (_, all) => all.map(({ id }) => id) } })
    await run([wake])
    await world.pass(3 * day)
    await run([wake])
    expect(await taskOf(wake)).toMatchObject({ state: 'DEAD' })
    expect(alerts).toEqual(['EventBusFailed'])
  })
})

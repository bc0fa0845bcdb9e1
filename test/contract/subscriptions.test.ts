import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newSigningSecret } from '#shared/adapters/events/webhook-signature.ts'
import type { DeliveryResult, Receiver } from '#shared/ports/event-deliveries.ts'
import {
  doneOf,
  type EventWorld,
  openEventWorld,
  receiverUrl,
  requestOf,
} from '#test/support/event-world.ts'
import { day, openChat, type WorldTenant } from '#test/support/stores-world.ts'

describe('subscriptions', () => {
  let world: EventWorld
  let tenant: WorldTenant

  beforeAll(async () => {
    world = await openEventWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
  })

  const tell = async (count = 1) => {
    await world.owner.query(
      `insert into events (tenant_id, type, chat_id)
       select $1, 'chat.closed', n from generate_series(1, $2) n`,
      [tenant.tenantId, count],
    )
    return world.fanOut(tenant)
  }
  async function receiverOf(): Promise<Receiver> {
    const [job] = await world.claim(await tell())
    if (job === undefined || typeof job.to === 'string') throw new Error(`to ${job?.to}`)
    return job.to
  }
  const done: DeliveryResult = {
    outcome: 'DONE',
    attempt: { outcome: 'delivered', isDelivered: true, statusCode: 200, durationMs: 5 },
  }

  it('are made, listed and shown, without their secret', async () => {
    const key = await world.subscribe(tenant, { types: ['chat.closed', 'message.read'] })
    const shown = await world.shown(key)
    expect(shown).toEqual({
      subscriptionId: key.subscriptionId,
      url: receiverUrl,
      types: ['chat.closed', 'message.read'],
      status: 'ACTIVE',
      pausedReason: undefined,
      failingSince: undefined,
      lastSuccessAt: undefined,
      previousSecretUntil: undefined,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    })
    await world.subscribe(tenant)
    expect(await world.subscriptions.list(tenant)).toMatchObject([shown, { types: [] }])
    const { rows } = await world.owner.query(
      'select string_agg(s::text, $2) as all from subscriptions s where tenant_id = $1',
      [tenant.tenantId, ' '],
    )
    expect(rows[0].all).not.toMatch(/example|secreto|whsec/)
  })

  it('are twenty at most, also when many come at once', async () => {
    const wishes = Array.from({ length: 24 }, () =>
      world.subscriptions.create({
        ...tenant,
        request: requestOf(),
        url: receiverUrl,
        types: [],
        secret: newSigningSecret(),
      }),
    )
    const made = await Promise.all(wishes)
    const refused = made.filter(({ outcome }) => outcome === 'refused')
    expect(refused).toHaveLength(4)
    expect(refused[0]).toMatchObject({ code: 'subscriptions-limit' })
    expect(await world.subscriptions.list(tenant)).toHaveLength(20)
  })

  it('are made once by a repeated request, which gets the same secret', async () => {
    const request = requestOf()
    const create = (more: object = {}) =>
      world.subscriptions.create({
        ...tenant,
        request,
        url: receiverUrl,
        types: [],
        secret: newSigningSecret(),
        ...more,
      })
    const first = await create()
    expect(await create()).toEqual(first)
    expect(await create({ request: { ...request, body: '{"types":[]}' } })).toMatchObject({
      code: 'idempotency-key-mismatch',
    })
    expect(await world.subscriptions.list(tenant)).toHaveLength(1)
    const { subscriptionId, secret } = doneOf(first)
    const rotate = () =>
      world.subscriptions.rotateSecret({
        ...tenant,
        subscriptionId,
        request: { ...request, route: 'rotate' },
        secret: newSigningSecret(),
      })
    const rotated = doneOf(await rotate())
    expect(doneOf(await rotate())).toEqual(rotated)
    expect((await receiverOf()).secrets).toEqual([rotated.secret, secret])
  })

  it('of another tenant do not exist', async () => {
    const { subscriptionId } = await world.subscribe(tenant)
    const { tenantId, clientId } = await world.addTenant()
    const key = { tenantId, clientId, subscriptionId, secret: newSigningSecret() }
    const page = { limit: 10, cursor: undefined }
    const unknown = { outcome: 'refused', code: 'subscription-not-found' }
    const { subscriptions } = world
    expect(await world.shown(key)).toBeUndefined()
    expect(await subscriptions.change({ ...key, status: 'PAUSED' })).toMatchObject(unknown)
    expect(await subscriptions.rotateSecret({ ...key, request: requestOf() })).toMatchObject(
      unknown,
    )
    expect(await subscriptions.attempts(key, subscriptionId, page)).toBeUndefined()
    expect(await world.remove(key)).toBe(false)
    expect(await world.replay(key, { eventId: '1' })).toMatchObject(unknown)
    expect(await subscriptions.list(key)).toEqual([])
    expect((await world.subscriptions.list(tenant)).length).toBe(1)
  })

  it('change each part alone', async () => {
    const key = await world.subscribe(tenant)
    const change = (wish: Parameters<typeof world.change>[1]) => world.change(key, wish)
    expect(await change({ url: 'https://example.com/other' })).toMatchObject({
      url: 'https://example.com/other',
      types: [],
      status: 'ACTIVE',
    })
    expect(await change({ types: ['chat.opened'] })).toMatchObject({
      url: 'https://example.com/other',
      types: ['chat.opened'],
    })
    expect(await change({ status: 'PAUSED' })).toMatchObject({
      status: 'PAUSED',
      pausedReason: 'client',
    })
    expect(await change({ types: [] })).toMatchObject({ status: 'PAUSED', types: [] })
    const resumed = await change({ status: 'ACTIVE' })
    expect(resumed).toMatchObject({ status: 'ACTIVE', url: 'https://example.com/other' })
    expect(resumed?.pausedReason).toBeUndefined()
    expect(await receiverOf()).toMatchObject({
      url: 'https://example.com/other',
      secrets: [key.secret],
    })
  })

  it('sign with the old secret beside the new one for a day', async () => {
    const key = await world.subscribe(tenant)
    const renewed = newSigningSecret()
    expect(await world.rotate(key, renewed)).toMatchObject({
      previousSecretUntil: expect.any(String),
    })
    expect((await receiverOf()).secrets).toEqual([renewed, key.secret])
    await world.pass(day - 60)
    expect((await receiverOf()).secrets).toEqual([renewed, key.secret])
    await world.pass(120)
    expect((await receiverOf()).secrets).toEqual([renewed])
    expect((await world.shown(key))?.previousSecretUntil).toBeUndefined()
    const newest = newSigningSecret()
    await world.rotate(key, newest)
    expect((await receiverOf()).secrets).toEqual([newest, renewed])
  })

  it('show their calls page by page, newest first', async () => {
    const key = await world.subscribe(tenant)
    for (const job of await world.claim(await tell(5))) await world.settleAs(job, done)
    const first = await world.subscriptions.attempts(key, key.subscriptionId, {
      limit: 3,
      cursor: undefined,
    })
    const second = await world.subscriptions.attempts(key, key.subscriptionId, {
      limit: 3,
      cursor: first?.nextCursor,
    })
    expect([first?.items.length, second?.items.length]).toEqual([3, 2])
    expect(second?.nextCursor).toBeUndefined()
    const ids = [...(first?.items ?? []), ...(second?.items ?? [])].map((each) =>
      Number(each.attemptId),
    )
    expect(ids).toEqual(ids.toSorted((a, b) => b - a))
    const other = await world.subscribe(tenant)
    expect(
      await world.subscriptions.attempts(other, other.subscriptionId, {
        limit: 3,
        cursor: undefined,
      }),
    ).toEqual({
      items: [],
      nextCursor: undefined,
    })
    await expect(
      world.subscriptions.attempts(other, other.subscriptionId, {
        limit: 3,
        cursor: first?.nextCursor,
      }),
    ).rejects.toMatchObject({ code: 'invalid-cursor' })
  })

  describe('replays', () => {
    it('an event by its id, whether or not it was delivered', async () => {
      const key = await world.subscribe(tenant)
      const [job] = await world.claim(await tell())
      if (job === undefined) throw new Error('nothing to deliver')
      const eventId = String(job.events[0]?.eventId)
      // Still under way: nothing is begun a second time.
      expect(doneOf(await world.replay(key, { eventId }))).toMatchObject({ events: 1, wakes: [] })
      await world.settleAs(job, done)
      const again = doneOf(await world.replay(key, { eventId }))
      expect(again.wakes).toMatchObject([{ taskId: job.taskId, type: 'EVENT_DELIVERY' }])
      expect(await world.claimOne(again.wakes)).toMatchObject({ attempts: 1, triedSeconds: 0 })
      const late = await world.subscribe(tenant)
      const first = doneOf(await world.replay(late, { eventId }))
      expect(first).toMatchObject({ events: 1, wakes: [{ inSeconds: 0 }] })
    })

    it('no event of another tenant, nor one that is not there', async () => {
      const other = await world.addTenant()
      await openChat(world, other)
      const [foreign] = await world.written(other)
      const key = await world.subscribe(tenant)
      for (const eventId of [String(foreign?.eventId), '999999999']) {
        expect(await world.replay(key, { eventId })).toMatchObject({
          code: 'event-not-found',
        })
      }
    })

    it('nothing while the subscription is paused', async () => {
      const key = await world.subscribe(tenant)
      await world.change(key, { status: 'PAUSED' })
      expect(await world.replay(key, { eventId: '1' })).toMatchObject({
        code: 'subscription-paused',
      })
    })

    it('a time, a thousand at a time, those that share a moment together', async () => {
      const key = await world.subscribe(tenant, { types: ['chat.closed'] })
      const at = (second: number) => new Date(Date.UTC(2026, 10, 20, 12, 0, second)).toISOString()
      const write = (type: string, second: number, count: number) =>
        world.owner.query(
          `insert into events (tenant_id, type, created_at)
           select $1, $2, $3::timestamptz from generate_series(1, $4)`,
          [tenant.tenantId, type, at(second), count],
        )
      await write('chat.closed', 0, 5)
      await write('chat.closed', 1, 990)
      await write('chat.opened', 1, 10)
      await write('chat.closed', 2, 30)
      await write('chat.closed', 3, 7)
      await write('chat.closed', 4, 1)
      await world.settled(tenant)
      const replay = async (from: string) => doneOf(await world.replay(key, { from, to: at(4) }))
      const first = await replay(at(1))
      expect(first.events).toBe(1020)
      expect(first.wakes).toHaveLength(1020)
      expect(first.nextFrom).toBe(at(2).replace('.000Z', '.001Z'))
      const second = await replay(String(first.nextFrom))
      expect(second).toMatchObject({ events: 7, nextFrom: undefined })
      expect(await replay(at(4))).toMatchObject({ events: 0, wakes: [] })
    })
  })
})

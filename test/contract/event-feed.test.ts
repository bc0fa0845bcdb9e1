import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeEventFeed } from '#shared/adapters/database/event-feed.ts'
import { makeEventPump } from '#shared/adapters/database/event-pump.ts'
import type { FeedPage } from '#shared/ports/event-feed.ts'
import { makeForgetEvents } from '#shared/use-cases/forget-events.ts'
import { type EventWorld, openEventWorld, typesOf } from '#test/support/event-world.ts'
import { until } from '#test/support/stack.ts'
import { day, openChat, type WorldTenant } from '#test/support/stores-world.ts'

describe('the feed of events', () => {
  let world: EventWorld
  let tenant: WorldTenant
  const sessions: pg.Client[] = []

  beforeAll(async () => {
    world = await openEventWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
  })
  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((session) => session.end()))
  })

  /** A session that has begun and written an event of this chat. */
  async function writing(chatId: string) {
    const session = new pg.Client({ connectionString: world.database.url })
    await session.connect()
    sessions.push(session)
    await session.query('begin')
    await tell(session, chatId)
    return session
  }

  const tell = (
    on: pg.Client | pg.Pool,
    chatId: string,
    { count = 1, type = 'chat.closed' }: { readonly count?: number; readonly type?: string } = {},
  ) =>
    on.query(
      `insert into events (tenant_id, type, chat_id, detail)
       select $1, $4, $2, '{}' from generate_series(1, $3)`,
      [tenant.tenantId, chatId, count, type],
    )

  /** Everything that can be read from here on, page by page. */
  async function rest(cursor: string | undefined, limit = 100) {
    const pages: FeedPage[] = []
    let next = cursor
    do {
      const page = await world.read(tenant, { cursor: next, limit })
      pages.push(page)
      next = page.nextCursor
    } while (pages.at(-1)?.hasMore)
    return { items: pages.flatMap(({ items }) => items), pages, cursor: next }
  }
  const chatsOf = (items: FeedPage['items']) => items.map(({ chatId }) => chatId)

  it('shows nothing, and where to go on', async () => {
    const page = await world.read(tenant)
    expect(page).toEqual({ items: [], nextCursor: expect.any(String), hasMore: false })
    await tell(world.owner, '1')
    const { items } = await until(
      () => world.read(tenant, { cursor: page.nextCursor }),
      ({ items }) => items.length > 0,
    )
    expect(chatsOf(items)).toEqual(['1'])
  })

  it('goes from page to page without a gap and without a double', async () => {
    await tell(world.owner, '1', { count: 230 })
    await world.settled(tenant)
    const { items, pages } = await rest(undefined, 100)
    expect(pages.map(({ items }) => items.length)).toEqual([100, 100, 30])
    expect(new Set(items.map(({ eventId }) => eventId)).size).toBe(230)
  })

  it('looks at a thousand at a time, whatever the filter lets through', async () => {
    await tell(world.owner, '1', { count: 1500 })
    await tell(world.owner, '2', { type: 'chat.archived' })
    await world.settled(tenant)
    const types = ['chat.archived'] as const
    const first = await world.read(tenant, { types })
    expect(first).toMatchObject({ items: [], hasMore: true })
    const second = await world.read(tenant, { types, cursor: first.nextCursor })
    expect(typesOf(second.items)).toEqual(['chat.archived'])
    expect(second.hasMore).toBe(false)
  })

  it('begins with now when it is asked to', async () => {
    await tell(world.owner, '1')
    await world.settled(tenant)
    const page = await world.read(tenant, { isFromNow: true })
    expect(page).toMatchObject({ items: [], hasMore: false })
    await tell(world.owner, '2')
    const { items } = await until(
      () => world.read(tenant, { cursor: page.nextCursor }),
      ({ items }) => items.length > 0,
    )
    expect(chatsOf(items)).toEqual(['2'])
  })

  it('skips no event of a transaction that began early and ends late', async () => {
    const early = await writing('1')
    await tell(world.owner, '2')
    // What is newer than a running transaction waits for it.
    const before = await rest(undefined)
    expect(before.items).toEqual([])
    await early.query('commit')
    const after = await until(
      () => rest(before.cursor),
      ({ items }) => items.length === 2,
    )
    expect(chatsOf(after.items)).toEqual(['1', '2'])
  })

  it('orders by transaction, so that a lower id that comes late stands behind', async () => {
    const first = await writing('1')
    const second = await writing('2')
    await tell(first, '3')
    await second.query('commit')
    expect((await rest(undefined)).items).toEqual([])
    await first.query('commit')
    const { items } = await until(
      () => rest(undefined),
      ({ items }) => items.length === 3,
    )
    expect(chatsOf(items)).toEqual(['1', '3', '2'])
  })

  it('shows nothing of a transaction that was rolled back', async () => {
    const lost = await writing('1')
    await lost.query('rollback')
    await tell(world.owner, '2')
    await until(
      () => rest(undefined),
      ({ items }) => items.length === 1,
    )
    expect(chatsOf((await rest(undefined)).items)).toEqual(['2'])
  })

  it('loses nothing to readers while twenty writers are at it', async () => {
    const writers = Array.from({ length: 20 }, async (_, index) => {
      const session = new pg.Client({ connectionString: world.database.url })
      await session.connect()
      sessions.push(session)
      for (let round = 0; round < 10; round += 1) {
        await session.query('begin')
        await tell(session, String(index * 100 + round))
        await session.query('select 1')
        await session.query('commit')
      }
    })
    const seen: (string | undefined)[] = []
    let cursor: string | undefined
    const look = async () => {
      const page = await rest(cursor, 7)
      cursor = page.cursor
      seen.push(...chatsOf(page.items))
      return seen.length
    }
    await Promise.all([...writers, until(look, (count) => count >= 200)])
    expect(seen).toHaveLength(200)
    expect(new Set(seen).size).toBe(200)
  })

  it('keeps tenants apart', async () => {
    const other = await world.addTenant()
    await openChat(world, other)
    await world.settled(other)
    const { nextCursor } = await world.read(other)
    expect((await world.read(tenant)).items).toEqual([])
    await expect(world.read(tenant, { cursor: nextCursor })).rejects.toMatchObject({
      code: 'invalid-cursor',
    })
  })

  it('refuses a cursor that is older than events are kept, also when nothing is missing', async () => {
    const { nextCursor: cursor } = await world.read(tenant)
    const at = (days: number) =>
      makeEventFeed({
        database: world.dataApi,
        sealer: world.sealer,
        clock: { now: () => Date.now() + days * day * 1000 },
      }).read(tenant, { cursor, isFromNow: false, types: [], limit: 10 })
    expect((await at(29.9)).items).toEqual([])
    await expect(at(30.1)).rejects.toMatchObject({ code: 'cursor-expired' })
  })

  it('forgets what is older than that, calls and ended deliveries too', async () => {
    await world.subscribe(tenant)
    await tell(world.owner, '1', { count: 3 })
    const [done, waiting] = await world.fanOut(tenant)
    if (done === undefined || waiting === undefined) throw new Error('nothing to deliver')
    await world.settleAs(await world.claimOne([done]), {
      outcome: 'DONE',
      attempt: { outcome: 'delivered', isDelivered: true, statusCode: 200, durationMs: 5 },
    })
    await world.pass(32 * day)
    await tell(world.owner, '2')
    const counts = async () => {
      const { rows } = await world.owner.query(
        `select (select count(*)::int from events where tenant_id = $1) as events,
           (select count(*)::int from tasks where tenant_id = $1) as tasks,
           (select count(*)::int from event_delivery_attempts where tenant_id = $1) as attempts`,
        [tenant.tenantId],
      )
      return rows[0]
    }
    expect(await counts()).toEqual({ events: 4, tasks: 3, attempts: 1 })
    const forget = makeForgetEvents(makeEventPump(world.dataApi, false))
    expect(await forget()).toMatchObject({ attempts: 1, deliveries: 1 })
    expect(await counts()).toEqual({ events: 1, tasks: 2, attempts: 0 })
    expect(await forget()).toEqual({ events: 0, attempts: 0, deliveries: 0 })
  })
})

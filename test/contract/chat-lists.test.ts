import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeChatStore } from '#shared/adapters/database/chat-store.ts'
import type { ChatFilter } from '#shared/domain/chat.ts'
import type { ChatStore } from '#shared/ports/chat-store.ts'
import { systemRandomness } from '#shared/runtime/system.ts'
import { openPostgresWorld, type PostgresWorld } from '#test/support/stores.ts'
import { chatsWith, type WorldTenant } from '#test/support/stores-world.ts'

/** Of 3,000 chats one in ten is CLOSED, one in three unread, one in 1,500 by e-mail only. */
const chatCount = 3000

/** Entries of indexes of `chats` and rows of the table itself that the session has read. */
const reads = `select relname::text as name, pg_stat_get_xact_tuples_returned(oid)::text as read
  from pg_class
  where (oid = 'chats'::regclass
      or oid in (select indexrelid from pg_index where indrelid = 'chats'::regclass))
    and relname <> 'chats_pkey'`

describe('lists of chats in a large tenant', () => {
  let world: PostgresWorld
  let tenant: WorldTenant
  let personId: string
  let chats: ChatStore
  let seen: { readonly sql: string; readonly parameters: Record<string, never> } | undefined

  beforeAll(async () => {
    world = await openPostgresWorld()
    tenant = await world.addTenant()
    const neighbour = await world.addTenant()
    for (const { tenantId } of [tenant, neighbour]) await seed(tenantId)
    personId = await busyPerson()
    await world.owner.query('analyze')
    chats = makeChatStore({
      database: {
        ...world.dataApi,
        query: (sql, parameters = {}) => {
          seen = { sql, parameters: parameters as Record<string, never> }
          return world.dataApi.query(sql, parameters)
        },
      },
      sealer: world.sealer,
      randomness: systemRandomness,
    })
  })
  afterAll(() => world.close())

  /** Every chat has a person of its own; the last three moved in one instant. */
  async function seed(tenantId: string): Promise<void> {
    await world.owner.query(
      `with people as (
         insert into persons (tenant_id, row_token)
         select $1, gen_random_uuid() from generate_series(1, $2) returning person_id)
       insert into chats (tenant_id, person_id, status, channels, unread_count,
         last_activity_at, updated_at)
       select $1, p.person_id, case when n % 10 = 0 then 'CLOSED' else 'ACTIVE' end,
         case when n % 1500 = 7 then '{EMAIL}' else '{WHATSAPP}' end::varchar[],
         case when n % 3 = 0 then 1 else 0 end,
         now() - greatest(n, 3) * interval '1 second', now() - n * interval '1 second'
       from (select person_id, row_number() over (order by person_id) as n from people) p`,
      [tenantId, chatCount],
    )
  }

  async function busyPerson(): Promise<string> {
    const { rows } = await world.owner.query(
      `with person as (
         insert into persons (tenant_id, row_token) values ($1, gen_random_uuid())
         returning person_id)
       insert into chats (tenant_id, person_id, status, last_activity_at)
       select $1, person_id, 'ARCHIVED', now() - n * interval '1 day'
       from person, generate_series(1, 300) n returning person_id::text`,
      [tenant.tenantId],
    )
    return rows[0].person_id
  }

  const list = (filter: ChatFilter, cursor?: string, limit = 10) =>
    chats.list(tenant, { limit, cursor, filter })

  /** By which indexes of `chats` the last page walked, and how many entries it read there. */
  async function costOfLast(): Promise<Readonly<Record<string, number>>> {
    const { sql = '', parameters } = seen ?? {}
    return world.dataApi.transaction(async (transaction) => {
      // What earlier transactions of the session read counts too.
      const before = new Map((await transaction.query(reads)).map(({ name, read }) => [name, read]))
      await transaction.query(sql, parameters)
      const costs = (await transaction.query(reads)).map(
        ({ name = '', read }) => [String(name), Number(read) - Number(before.get(name))] as const,
      )
      return Object.fromEntries(costs.filter(([, cost]) => cost > 0))
    })
  }

  const since = new Date(Date.now() - 86_400_000).toISOString()
  it.each([
    { asked: {}, index: 'chats_by_activity', reads: 11 },
    { asked: { personId: 'busy' }, index: 'chats_by_person', reads: 11 },
    { asked: { unread: true }, index: 'chats_unread', reads: 11 },
    { asked: { status: 'CLOSED' }, index: 'chats_by_status', reads: 11 },
    { asked: { status: 'ACTIVE' }, index: 'chats_by_status', reads: 11 },
    { asked: { updatedAfter: since }, index: 'chats_by_change', reads: 11 },
    { asked: { unread: false }, index: 'chats_by_activity', reads: 17 },
    { asked: { unread: true, status: 'ACTIVE' }, index: 'chats_unread', reads: 13 },
    { asked: { channel: 'EMAIL' }, index: 'chats_by_activity', reads: 1000 },
    { asked: { channel: 'EMAIL', status: 'ACTIVE' }, index: 'chats_by_status', reads: 1000 },
    {
      asked: { channel: 'EMAIL', updatedAfter: since },
      index: 'chats_by_change',
      reads: 1000,
    },
  ] as const)('$asked: a deep page costs what the first one does', async (row) => {
    const { index, reads: most } = row
    const filter: ChatFilter = 'personId' in row.asked ? { personId } : row.asked
    let { nextCursor } = await list(filter)
    const first = await costOfLast()
    for (let page = 0; page < (most === 1000 ? 1 : 12); page += 1) {
      expect(nextCursor).toBeDefined()
      ;({ nextCursor } = await list(filter, nextCursor))
    }
    const deep = await costOfLast()
    for (const cost of [first, deep]) {
      expect(Object.keys(cost)).toEqual([index])
      expect(cost[index]).toBeGreaterThan(0)
      // Which of the chats match differs by a few from page to page.
      expect(cost[index]).toBeLessThanOrEqual(most)
    }
  })

  it('walks the same way in a tenant that came after the last look at the table', async () => {
    const strange = await world.addTenant()
    await world.owner.query('analyze chats')
    await world.owner.query('alter table chats set (autovacuum_enabled = off)')
    await seed(strange.tenantId)
    for (const [filter, index] of [
      [{ status: 'CLOSED' }, 'chats_by_status'],
      [{ unread: true }, 'chats_unread'],
      [{}, 'chats_by_activity'],
    ] as const) {
      await chats.list(strange, { limit: 10, cursor: undefined, filter })
      expect(await costOfLast()).toEqual({ [index]: 11 })
    }
    const page = await chats.list(strange, { limit: 1, cursor: undefined })
    await chats.get(strange, page.items[0]?.chatId ?? '')
    // By its key alone.
    expect(await costOfLast()).toEqual({})
  })

  it('pages through what is rare with pages that hold less, and misses nothing', async () => {
    const found: string[] = []
    const lengths: number[] = []
    let cursor: string | undefined
    do {
      const page = await list({ channel: 'EMAIL' }, cursor)
      found.push(...page.items.map(({ channels }) => channels.join()))
      lengths.push(page.items.length)
      cursor = page.nextCursor
    } while (cursor !== undefined)
    expect(found).toEqual(['EMAIL', 'EMAIL'])
    // 3,300 chats, 1,000 a page.
    expect(lengths).toEqual([1, 1, 0, 0])
  })

  it('lists each chat once, whatever the size of pages', async () => {
    const all = await chatsWith({ ...world, chats }, tenant, { limit: 100, filter: {} })
    expect(all).toHaveLength(chatCount + 300)
    expect(new Set(all.map(({ chatId }) => chatId)).size).toBe(chatCount + 300)
    const unread = all.filter(({ unreadCount }) => unreadCount > 0)
    const filter = { unread: true }
    const listed = await chatsWith({ ...world, chats }, tenant, { limit: 97, filter })
    expect(listed).toEqual(unread)
  })

  it('ends a page before it is too large for an answer of the database', async () => {
    const other = await world.addTenant()
    const sealer = await world.sealer.forTenant(other.tenantId)
    const rowToken = systemRandomness.uuid()
    const cell = { table: 'chat_messages', column: 'content', rowToken }
    const said = JSON.stringify({ type: 'text', text: 'x'.repeat(19_000) })
    await seed(other.tenantId)
    await world.owner.query(
      `with contact as (
         insert into contacts (tenant_id, person_id, channel)
         select tenant_id, person_id, 'WHATSAPP' from chats where tenant_id = $1
         order by last_activity_at desc, chat_id desc limit 60
         returning contact_id, person_id),
       message as (
         insert into chat_messages (tenant_id, chat_id, sequence, direction, channel, contact_id,
           sender_id, content_type, content, row_token, status, provider_message_id)
         select $1, c.chat_id, 1, 'INBOUND', 'WHATSAPP', o.contact_id, $2, 'text', $3, $4,
           'RECEIVED', c.chat_id::text
         from contact o join chats c on c.tenant_id = $1 and c.person_id = o.person_id
         returning chat_id, message_id)
       update chats c set last_message_id = m.message_id from message m
       where c.tenant_id = $1 and c.chat_id = m.chat_id`,
      [other.tenantId, other.senderId, sealer.seal(cell, said), rowToken],
    )
    const page = await world.chats.list(other, { limit: 100, cursor: undefined })
    expect(page.items.length).toBeGreaterThan(20)
    expect(page.items.length).toBeLessThan(40)
    expect(page.items[0]?.lastMessage?.preview).toBe('x'.repeat(160))
    const all = await chatsWith(world, other, { limit: 100, filter: {} })
    expect(new Set(all.map(({ chatId }) => chatId)).size).toBe(chatCount)
  })
})

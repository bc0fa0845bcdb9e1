import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DataApi } from '#shared/adapters/database/data-api.ts'
import { makeExportStore } from '#shared/adapters/database/export-store.ts'
import { exportParts } from '#shared/ports/exports.ts'
import { type Filled, fill, sizesOf } from '#test/bench/lists/fill.ts'
import { explain } from '#test/bench/lists/rows-read.ts'
import { openPostgresWorld, type PostgresWorld } from '#test/support/stores.ts'

const messages = 10_000

/** Whose sessions leave the statistics as they are. */
function unanalysed(owner: pg.Pool): pg.Pool {
  const connect = async () => {
    const client = await owner.connect()
    return {
      query: async (sql: string) => (sql === 'vacuum analyze' ? undefined : client.query(sql)),
      release: (destroy: boolean) => client.release(destroy),
    }
  }
  return Object.assign(Object.create(owner), { connect })
}

/** A tenant who came after the last ANALYZE: the planner thinks that it has no rows. */
describe('what a copy reads of a person', () => {
  let world: PostgresWorld
  let filled: Filled
  /** Rows of tables and indexes that each call read. */
  let read: { readonly sql: string; readonly rows: number; readonly scans: object }[]

  beforeAll(async () => {
    world = await openPostgresWorld()
    const [early, late] = [await world.addTenant(), await world.addTenant()]
    await world.owner.query(
      `do $$ declare here regclass; begin
         for here in select oid from pg_class
           where relnamespace = 'public'::regnamespace and relkind = 'r' loop
           execute format('alter table %s set (autovacuum_enabled = off)', here);
         end loop;
       end $$`,
    )
    await fill(world, early, sizesOf(messages))
    filled = await fill({ ...world, owner: unanalysed(world.owner) }, late, sizesOf(messages))
  })
  afterAll(() => world.close())

  function watchedStore() {
    read = []
    const database: DataApi = {
      ...world.dataApi,
      query: async (sql, parameters = {}) => {
        const { rowsRead, scans } = await explain(world.dataApi, { sql, parameters })
        read.push({ sql, rows: rowsRead, scans })
        return world.dataApi.query(sql, parameters)
      },
    }
    return makeExportStore({ database, sealer: world.sealer })
  }

  it('is theirs, and not what the tenant has', async () => {
    const store = watchedStore()
    const personId = String(filled.firstId + 5)
    const counts: Record<string, number> = {}
    for (const part of exportParts) {
      const rows = await Array.fromAsync(store.rows(filled.tenantId, personId, part))
      counts[part] = rows.length
    }
    expect(counts).toMatchObject({ persons: 1, contacts: 1, chats: 1 })
    const thread = await Array.fromAsync(store.messages(filled.tenantId, personId))
    expect(thread).toHaveLength(filled.perChat)
    expect(read.length).toBeGreaterThanOrEqual(exportParts.length + 3)
    expect(read.filter(({ rows }) => rows > 200)).toEqual([])
  })

  it('is no more for a page of a long thread than its messages', async () => {
    const thread = watchedStore().messages(filled.tenantId, filled.longChatId)
    let seen = 0
    for await (const _ of thread) {
      seen += 1
      if (seen === 1000) break
    }
    expect(seen).toBe(1000)
    expect(read.filter(({ rows }) => rows > 1500)).toEqual([])
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemRandomness } from '#shared/runtime/system.ts'
import { type Filled, fill, sizesOf } from '#test/bench/lists/fill.ts'
import { type ListsWorld, lists, measure, ratioOf } from '#test/bench/lists/lists.ts'
import { explain } from '#test/bench/lists/rows-read.ts'
import { openPostgresWorld, type PostgresWorld } from '#test/support/stores.ts'

/** What `npm run bench` shows with 10 million messages, with few. */
describe('a page deep in a list reads no more rows than the first', () => {
  let world: PostgresWorld
  let parts: ListsWorld
  let filled: Filled

  beforeAll(async () => {
    world = await openPostgresWorld()
    const [caller, other] = [await world.addTenant(), await world.addTenant()]
    // Another tenant's rows lie beside: what does not begin with the tenant would read them too.
    await fill(world, other, sizesOf(20_000))
    filled = await fill(world, caller, sizesOf(20_000))
    parts = {
      database: world.dataApi,
      sealer: world.sealer,
      randomness: systemRandomness,
      owner: world.owner,
      caller,
    }
  })
  afterAll(() => world.close())

  it.each(lists.map((list) => [list.name, list] as const))('%s', async (_, list) => {
    const measured = await measure(parts, list, { filled, position: 2000 })
    expect(measured.first.rowsAnswered).toBe(51)
    expect(measured.deep.rowsAnswered).toBe(51)
    expect(Object.keys(measured.deep.scans)).toEqual(Object.keys(measured.first.scans))
    expect(ratioOf(measured), JSON.stringify(measured, null, 2)).toBeLessThanOrEqual(1.1)
    // A few look-ups for each item, and nothing that grows with the tenant.
    expect(measured.first.rowsRead).toBeLessThan(measured.mostRows)
  })

  it('would show a list that skips what it has read', async () => {
    const skipping = {
      sql: `select message_id::text as message_id from chat_messages
        where tenant_id = :tenant::bigint order by message_id limit 51 offset :skipped`,
      parameters: { tenant: filled.tenantId, skipped: 2000 },
    }
    expect((await explain(parts.database, skipping)).rowsRead).toBeGreaterThan(2000)
  })
})

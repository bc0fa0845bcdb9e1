import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type End, ends } from '#test/contract/rows/ends.ts'
import { openUpkeepWorld, type UpkeepWorld } from '#test/support/upkeep-world.ts'

const all = Object.entries(ends)

/** Those whose end is of this kind. */
function of<K extends string>(kind: K) {
  return all.filter((row): row is [string, Extract<End, Record<K, unknown>>] => kind in row[1])
}

describe('every table has an end or a reason to stay', () => {
  let world: UpkeepWorld
  let stages: readonly string[]

  beforeAll(async () => {
    world = await openUpkeepWorld()
    const { tenantId } = await world.addTenant()
    const seen: string[] = []
    let from: Parameters<UpkeepWorld['cleanups']['preview']>[1]
    do {
      const { stage, next } = await world.cleanups.preview(tenantId, from)
      seen.push(stage)
      from = next
    } while (from !== undefined)
    stages = seen
  })
  afterAll(() => world.close())

  const rows = async (sql: string, ...values: readonly unknown[]) =>
    (await world.owner.query(sql, [...values])).rows

  it('and none is forgotten', async () => {
    const found = await rows(
      `select table_name as name from information_schema.tables
       where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`,
    )
    expect(found.map(({ name }) => name)).toEqual(all.map(([table]) => table).sort())
  })

  it('by stages of the cleanup, each of one or more tables, and every stage is one', () => {
    const named = of('stages').flatMap(([, end]) => end.stages)
    expect([...new Set(named)].sort()).toEqual([...stages].sort())
  })

  it.each(of('clock'))('of %s by a function that deletes from it', async (table, { clock }) => {
    const found = await rows(
      `select 1 from pg_proc where proname = $1 and prosrc ~ ('delete from ' || $2 || '\\M')`,
      clock,
      table,
    )
    expect(found).toHaveLength(1)
  })

  it.each(of('partOf'))('of %s with what it points to', async (table, { partOf }) => {
    const found = await rows(
      `select 1 from pg_constraint
       where contype = 'f' and conrelid = $1::regclass and confrelid = $2::regclass`,
      table,
      partOf,
    )
    expect(found.length).toBeGreaterThan(0)
  })

  it('and what is deleted may be deleted by the functions', async () => {
    const deleting = [
      ...of('clock').map(([table]) => table),
      ...of('stages').flatMap(([table, end]) => (end.also === undefined ? [table] : [])),
    ]
    const found = await rows(
      `select t.name from unnest($1::text[]) t (name)
       where not has_table_privilege('recado_functions', t.name, 'DELETE')`,
      deleting,
    )
    expect(deleting.length).toBeGreaterThan(8)
    expect(found).toEqual([])
  })
})

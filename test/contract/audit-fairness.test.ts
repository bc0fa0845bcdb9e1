import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type AuditWorld, openAuditWorld } from '#test/support/audit-world.ts'
import { until } from '#test/support/stack.ts'

interface Chained {
  readonly tenant_id: string
  readonly chained: number
  readonly more: boolean
  readonly tail_seconds: number
}

describe('the chain of many tenants', () => {
  let world: AuditWorld

  beforeAll(async () => {
    world = await openAuditWorld()
  })
  afterAll(() => world.close())
  beforeEach(() => world.chainAll())

  async function tenants(count: number): Promise<readonly string[]> {
    const { rows } = await world.owner.query(
      `insert into tenants (name, wrapped_index_key) select 't' || n, 'key'
       from generate_series(1, $1) n returning tenant_id::text as id`,
      [count],
    )
    return rows.map(({ id }) => id)
  }

  /** One call that chains at most so many entries, once nobody else's transaction is in its way. */
  async function chain(most: number): Promise<readonly Chained[]> {
    const { rows } = await world.owner.query('select * from chain_audit_v1($1)', [
      JSON.stringify({ most }),
    ])
    return rows
  }
  const ready = () =>
    until(
      async () =>
        (await world.owner.query('select 1 from audit_tails_v1() where not is_ready')).rowCount,
      (waiting) => waiting === 0,
    )

  const links = async (ids: readonly string[]): Promise<readonly number[]> => {
    const { rows } = await world.owner.query(
      `select t.id, count(l.position)::integer as links from unnest($1::bigint[]) t (id)
       left join audit_links l on l.tenant_id = t.id group by t.id order by t.id`,
      [ids],
    )
    return rows.map(({ links: count }) => count)
  }

  it('chains as many of each, however many wait, until all are chained', async () => {
    const [count, each, most] = [50, 120, 100]
    const ids = await tenants(count)
    for (const tenantId of ids) await world.write(tenantId, each)
    await ready()
    let calls = 0
    for (let total = 0; total < count * each; calls += 1) {
      const done = await chain(most)
      expect(done.reduce((sum, { chained }) => sum + chained, 0)).toBe(most)
      // Those who have not come to their end are told of as well: nobody starves unseen.
      expect(done).toHaveLength(count)
      total += most
      const found = await links(ids)
      expect(Math.max(...found) - Math.min(...found), `call ${calls}`).toBeLessThanOrEqual(
        most / count,
      )
    }
    expect(calls).toBe((count * each) / most)
    expect(await links(ids)).toEqual(ids.map(() => each))
    expect(await chain(most)).toEqual([])
    const last = ids.at(-1) ?? ''
    expect(await world.verify(last)).toMatchObject({ links: each, findings: [] })
  })

  it('lets a burst of one wait, and nobody for it', async () => {
    const [burst, ...others] = await tenants(10)
    if (burst === undefined) throw new Error('no tenant')
    await world.write(burst, 5000)
    for (const tenantId of others) await world.write(tenantId, 30)
    await ready()
    await chain(1000)
    // 100 for each, and what the others did not need for the one with the burst.
    expect(await links([burst, ...others])).toEqual([730, ...others.map(() => 30)])
  })

  it('begins with whose entry waits longest where there is not room for all', async () => {
    const ids = await tenants(5)
    for (const tenantId of ids.toReversed()) await world.write(tenantId, 2)
    await ready()
    await chain(2)
    expect(await links(ids)).toEqual([0, 0, 0, 1, 1])
    // What they have left is older than anything of the others.
    await chain(2)
    expect(await links(ids)).toEqual([0, 0, 0, 2, 2])
    await chain(2)
    expect(await links(ids)).toEqual([0, 1, 1, 2, 2])
  })

  it('tells the tail of each, also of who is chained by another call or held back', async () => {
    const [held, other] = await tenants(2)
    if (held === undefined || other === undefined) throw new Error('no tenants')
    await world.write(held, 3)
    await world.write(other, 3)
    await ready()
    const session = new pg.Client({ connectionString: world.database.url })
    await session.connect()
    try {
      await session.query('begin')
      await session.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
        `audit:${held}`,
      ])
      const done = await chain(1000)
      expect(done.map(({ tenant_id, chained, more }) => ({ tenant_id, chained, more }))).toEqual(
        expect.arrayContaining([
          { tenant_id: held, chained: 0, more: false },
          { tenant_id: other, chained: 3, more: false },
        ]),
      )
      expect(done.find(({ tenant_id }) => tenant_id === held)?.tail_seconds).toBeGreaterThan(0)
      expect(done.find(({ tenant_id }) => tenant_id === other)?.tail_seconds).toBe(0)
    } finally {
      await session.end()
    }
    await world.chainAll()
    expect(await links([held, other])).toEqual([3, 3])
  })
})

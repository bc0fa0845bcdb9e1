import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type AuditWorld, openAuditWorld } from '#test/support/audit-world.ts'
import type { WorldTenant } from '#test/support/stores-world.ts'

describe('the chain of the audit', () => {
  let world: AuditWorld
  let tenant: WorldTenant
  const sessions: pg.Client[] = []

  beforeAll(async () => {
    world = await openAuditWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
  })
  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((session) => session.end()))
  })

  /** A transaction that has written an entry and stays open. */
  async function writing(): Promise<pg.Client> {
    const session = new pg.Client({ connectionString: world.database.url })
    await session.connect()
    sessions.push(session)
    await session.query('begin')
    await session.query(
      `insert into audit_entries (tenant_id, actor_kind, actor, action, outcome, purpose)
       values ($1, 'client', '7', 'getChat', 'done', 'unspecified')`,
      [tenant.tenantId],
    )
    return session
  }

  /** As nobody may: the owner, with the guard off. */
  async function tamper(sql: string): Promise<void> {
    const session = await world.owner.connect()
    try {
      await session.query(`set session_replication_role = replica`)
      const { rowCount } = await session.query(sql, [tenant.tenantId])
      expect(rowCount).toBe(1)
    } finally {
      await session.query('reset session_replication_role')
      session.release()
    }
  }

  it('holds what was written, and is made again without the database', async () => {
    await world.write(tenant.tenantId, 5000)
    await world.chainAll()
    await world.write(tenant.tenantId, 7)
    const verdict = await world.verify(tenant.tenantId)
    expect(verdict).toMatchObject({
      links: 5000,
      head: { position: '5000' },
      findings: [],
      tail: { entries: 7 },
    })
    expect(Date.now() - Number(verdict.tail.oldestAt) / 1000).toBeGreaterThanOrEqual(0)
  })

  it('goes on where it ended, of every tenant for itself', async () => {
    const other = await world.addTenant()
    for (const count of [3, 4]) {
      await world.write(tenant.tenantId, count)
      await world.write(other.tenantId, 1)
      await world.chainAll()
    }
    expect(await world.verify(tenant.tenantId)).toMatchObject({ links: 7, findings: [] })
    expect(await world.verify(other.tenantId)).toMatchObject({ links: 2, findings: [] })
    const heads = await world.chain.heads()
    expect(heads.find(({ tenantId }) => tenantId === tenant.tenantId)?.position).toBe('7')
    expect(
      await world.verify(
        tenant.tenantId,
        heads.filter((head) => head.tenantId === tenant.tenantId),
      ),
    ).toMatchObject({ findings: [] })
  })

  it('waits for older transactions, so that nothing comes behind its end', async () => {
    const early = await writing()
    await world.write(tenant.tenantId, 3)
    expect(await world.chain.chain()).toMatchObject({ hasMore: false })
    expect(await world.verify(tenant.tenantId)).toMatchObject({ links: 0, tail: { entries: 3 } })
    await early.query('commit')
    await world.chainAll()
    expect(await world.verify(tenant.tenantId)).toMatchObject({
      links: 4,
      findings: [],
      tail: { entries: 0 },
    })
  })

  it('stays one chain while many write and many chain', async () => {
    const writers = Array.from({ length: 6 }, async () => {
      for (let round = 0; round < 10; round += 1) await world.write(tenant.tenantId, 5)
    })
    const chainers = Array.from({ length: 4 }, async () => {
      for (let round = 0; round < 15; round += 1) await world.chain.chain()
    })
    await Promise.all([...writers, ...chainers])
    await world.chainAll()
    expect(await world.verify(tenant.tenantId)).toMatchObject({
      links: 300,
      findings: [],
      tail: { entries: 0 },
    })
  })

  const changed = [
    ['an action', `update audit_entries set action = 'getPerson' where `, 'hash-differs'],
    ['whose it was', `update audit_entries set person_ids = '{9}' where `, 'hash-differs'],
    [
      'a time',
      `update audit_entries set at = at + interval '1 microsecond' where `,
      'hash-differs',
    ],
    ['a request id', `update audit_entries set request_id = null where `, 'hash-differs'],
    [
      'a link',
      `update audit_links set hash = sha256(hash) where position = 5 and `,
      'hash-differs',
    ],
    ['a place', `update audit_links set position = 77 where position = 5 and `, 'position-differs'],
    ['a removed entry', `delete from audit_entries where `, 'entry-missing'],
    ['a removed link', `delete from audit_links where position = 5 and `, 'entry-not-chained'],
  ] as const

  it.each(changed)('shows %s that the owner changed', async (_, sql, fault) => {
    await world.write(tenant.tenantId, 10)
    await world.chainAll()
    const fifth = sql.includes('audit_entries')
      ? `audit_id = (select l.audit_id from audit_links l where l.tenant_id = $1 and l.position = 5) and `
      : ''
    await tamper(`${sql}${fifth}tenant_id = $1`)
    const { findings } = await world.verify(tenant.tenantId)
    expect(findings.map((finding) => finding.fault)).toContain(fault)
  })

  it('shows an entry that was put behind its end', async () => {
    await world.write(tenant.tenantId, 4)
    await world.chainAll()
    await tamper(
      `insert into audit_entries (tenant_id, xid, actor_kind, actor, action, outcome, purpose)
       values ($1, '5', 'client', '7', 'getChat', 'done', 'unspecified')`,
    )
    const { findings } = await world.verify(tenant.tenantId)
    expect(findings).toMatchObject([{ fault: 'entry-not-chained' }])
  })

  it('is missed by whoever knows its end when its last links are gone with their entries', async () => {
    await world.write(tenant.tenantId, 4)
    await world.chainAll()
    const heads = (await world.chain.heads()).filter((head) => head.tenantId === tenant.tenantId)
    await tamper(
      `with gone as (delete from audit_links where tenant_id = $1 and position = 4 returning audit_id)
       delete from audit_entries e using gone where e.tenant_id = $1 and e.audit_id = gone.audit_id`,
    )
    expect((await world.verify(tenant.tenantId)).findings).toEqual([])
    expect((await world.verify(tenant.tenantId, heads)).findings).toEqual([
      { fault: 'head-missing', position: '4' },
    ])
  })

  it.each([
    `update audit_entries set action = 'x'`,
    'delete from audit_entries',
    `update audit_links set position = 9`,
    'delete from audit_links',
    'update audit_persons set person_id = 9',
    'delete from audit_persons',
  ])('is not for the functions to change: %s', async (sql) => {
    await expect(world.dataApi.query(sql)).rejects.toMatchObject({ sqlState: '42501' })
    await expect(world.owner.query(sql)).rejects.toMatchObject({ code: '42501' })
  })

  it.each(['audit_entries', 'audit_links', 'audit_persons'])(
    'is not emptied either: %s',
    async (table) => {
      await expect(world.owner.query(`truncate ${table}`)).rejects.toMatchObject({ code: '42501' })
    },
  )

  it('has the order and the time of the database alone', async () => {
    const forged = `insert into audit_entries (tenant_id, xid, actor_kind, actor, action, outcome,
      purpose) values (${tenant.tenantId}, '5', 'client', '7', 'getChat', 'done', 'x')`
    await expect(world.dataApi.query(forged)).rejects.toMatchObject({ sqlState: '42501' })
  })
})

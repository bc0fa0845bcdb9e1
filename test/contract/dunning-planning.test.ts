import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { defaultPolicy } from '#shared/domain/dunning/policy.ts'
import { type PostgresLadder, postgresLadder } from '#test/dunning/postgres/system.ts'
import { planLooks } from '#test/dunning/system.ts'
import { company } from '#test/dunning/year.ts'
import { makeTemplates, type Templates, type VirtualDatabase } from '#test/faults/sql/template.ts'

const today = '2026-11-25'
const startAt = Date.parse(`${today}T00:10:00-03:00`)

describe('looks of a day', () => {
  let templates: Templates
  let database: VirtualDatabase
  const ladders: PostgresLadder[] = []
  beforeAll(async () => {
    templates = await makeTemplates(inject('postgres'))
    database = await templates.open()
    for (const personId of ['1', '2', '3']) {
      const ladder = await postgresLadder(database, { company, startAt })
      ladders.push(ladder)
      await ladder.apply([
        { type: 'person', personId, phone: `+551198765000${personId}`, hasEmail: true },
        { type: 'movement', movementId: 'm', personId, amountCents: 10_000 },
        {
          ...{ type: 'installment', installmentId: 'i', movementId: 'm', number: 1, total: 1 },
          ...{ dueOn: today, balanceCents: 10_000 },
        },
      ])
      await ladder.setPolicy({ ...defaultPolicy, enabled: true })
    }
  })
  afterAll(async () => {
    await database?.close()
    await templates.close()
  })

  const looks = () => Promise.all(ladders.map(async (ladder) => (await ladder.dueJobs()).length))

  it('are planned for the others when one tenant cannot be, and for that one once it can', async () => {
    const [first, broken, last] = ladders as [PostgresLadder, PostgresLadder, PostgresLadder]
    await database.owner.query(
      `alter table tasks add constraint nothing_of_one check (tenant_id <> ${broken.tenant.tenantId})
       not valid`,
    )
    await expect(planLooks(first)).rejects.toMatchObject({
      errors: [{ message: `tenant ${broken.tenant.tenantId} was not planned` }],
    })
    expect(await looks()).toEqual([1, 0, 1])
    await database.owner.query('alter table tasks drop constraint nothing_of_one')
    expect(await first.planner.due()).toEqual([broken.tenant.tenantId])
    expect(await planLooks(last)).toEqual({ planned: 1, failed: 0 })
    expect(await looks()).toEqual([1, 1, 1])
  })

  it('are planned once when it is tried by several at once', async () => {
    const [{ tenant, planner }] = ladders as [PostgresLadder]
    await database.owner.query('delete from tasks where tenant_id = $1', [tenant.tenantId])
    const planned = await Promise.all(
      Array.from({ length: 8 }, () => planner.plan(tenant.tenantId)),
    )
    expect(planned.flat()).toHaveLength(1)
    expect(await looks()).toEqual([1, 1, 1])
  })
})

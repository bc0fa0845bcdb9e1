import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { addMachineRows } from '#test/contract/rows/old-rows.ts'
import { day } from '#test/support/stores-world.ts'
import { openUpkeepWorld, type UpkeepWorld } from '#test/support/upkeep-world.ts'

/** What came to nobody belongs to the deployment itself. */
const deployment = '0'

const oldMachineRows = {
  ...{ 'parked-items': 1, reports: 1, failures: 1, 'account-events': 1, tasks: 1 },
  ...{ 'failure-bodies': 1, 'account-event-bodies': 1 },
}

describe('what only the machine needs', () => {
  let world: UpkeepWorld
  let tenantId: string

  beforeAll(async () => {
    world = await openUpkeepWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenantId = (await world.addTenant()).tenantId
  })

  const rows = async (sql: string) => (await world.owner.query(sql, [tenantId])).rows

  const left = async () =>
    (
      await rows(
        `select (select count(*) from parked_items where tenant_id = $1)::integer as parked,
           (select count(*) from message_status where tenant_id = $1)::integer as reports,
           (select count(*) from task_failures where tenant_id = $1)::integer as failures,
           (select count(body) from task_failures where tenant_id = $1)::integer as bodies,
           (select count(*) from account_events where tenant_id = $1)::integer as news,
           (select count(raw) from account_events where tenant_id = $1)::integer as "newsBodies",
           (select count(*) from tasks where tenant_id = $1 and type = 'READ_RECEIPT')::integer
             as tasks`,
      )
    )[0]

  it.each(['a tenant', 'the deployment itself'])(
    'of %s goes, and what is not over stays',
    async (whose) => {
      if (whose === 'the deployment itself') tenantId = deployment
      await addMachineRows(world.owner, { tenantId })
      await world.pass(29 * day)
      await world.clean(tenantId)
      expect(await left()).toMatchObject({ failures: 1, bodies: 1, news: 2, newsBodies: 2 })
      await addMachineRows(world.owner, { tenantId })
      await world.pass(2 * day)
      expect(await world.clean(tenantId)).toMatchObject({ 'failure-bodies': 1, tasks: 1 })
      expect(await left()).toEqual({
        ...{ parked: 1, reports: 1, failures: 3, bodies: 2, news: 3, newsBodies: 2, tasks: 3 },
      })
      await world.pass(4000 * day)
      await world.clean(tenantId)
      expect(await left()).toEqual({
        ...{ parked: 0, reports: 0, failures: 0, bodies: 0, news: 0, newsBodies: 0, tasks: 2 },
      })
    },
  )

  it('goes stage by stage, each counted', async () => {
    await addMachineRows(world.owner, { tenantId })
    await world.pass(31 * day)
    expect(await world.clean(tenantId)).toEqual(oldMachineRows)
    expect(await world.clean(tenantId)).toEqual({})
  })

  it('is remembered without its body for as long again when nobody cared for it', async () => {
    await addMachineRows(world.owner, { tenantId })
    await world.pass(59 * day)
    await world.clean(tenantId)
    const remembered = () =>
      rows(
        `select reason as why, body as kept from task_failures where tenant_id = $1
         union all select severity, raw from account_events where tenant_id = $1 order by why`,
      )
    expect(await remembered()).toEqual([
      { why: 'unreadable', kept: null },
      { why: 'warning', kept: null },
    ])
    await world.pass(2 * day)
    expect(await world.clean(tenantId)).toMatchObject({
      ...{ 'failures-left': 1, 'account-events-left': 1 },
    })
    expect(await remembered()).toEqual([])
  })

  it('is kept for as long as a tenant says', async () => {
    await world.set(tenantId, 'task_days', 90)
    await addMachineRows(world.owner, { tenantId })
    await world.pass(89 * day)
    await world.clean(tenantId)
    expect(await left()).toMatchObject({ failures: 1, bodies: 1, news: 2, newsBodies: 2 })
  })

  it('goes with counts of hours and days, and never with those that still limit', async () => {
    await world.set(tenantId, 'task_days', 1)
    await rows(
      `with portfolio as (
         insert into portfolios (tenant_id, portfolio_id) values ($1, 'p') returning tenant_id)
       insert into portfolio_hours (tenant_id, portfolio_id, hour, users)
       select tenant_id, 'p', date_trunc('hour', now()) - h * interval '1 hour', 1
       from portfolio, generate_series(0, 60) h`,
    )
    await rows(
      `insert into charged_days (tenant_id, day, messages)
       select $1, (now() at time zone 'Pacific/Niue')::date - d, 1 from generate_series(0, 5) d`,
    )
    await world.clean(tenantId)
    const [found] = await rows(
      `select
         (select count(*)::integer from portfolio_hours where tenant_id = $1
           and hour > now() - interval '25 hours') as counting,
         (select count(*)::integer from portfolio_hours where tenant_id = $1
           and hour < now() - interval '2 days') as old,
         (select count(*)::integer from charged_days where tenant_id = $1
           and day >= (now() at time zone 'Pacific/Niue')::date) as today,
         (select count(*)::integer from charged_days where tenant_id = $1
           and day < (now() - interval '2 days')::date) as "oldDays"`,
    )
    expect(found).toEqual({ counting: 25, old: 0, today: 1, oldDays: 0 })
  })
})

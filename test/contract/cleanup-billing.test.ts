import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type BillingWorld,
  installmentEvent,
  movementEvent,
  openBillingWorld,
  type ToldEvent,
} from '#test/support/billing-world.ts'
import { day, type WorldTenant } from '#test/support/stores-world.ts'
import { type UpkeepWorld, upkeepOver } from '#test/support/upkeep-world.ts'

const kept = 1000

/** What was told of debts and written about them is the proof of both; it goes once the debt is long over. */
describe('what was told of debts', () => {
  let world: BillingWorld & UpkeepWorld
  let tenant: WorldTenant
  const sessions: pg.Client[] = []

  beforeAll(async () => {
    world = upkeepOver(await openBillingWorld())
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
    await world.set(tenant.tenantId, 'billing_days', kept)
  })
  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((session) => session.end()))
  })

  const rows = async (sql: string, ...values: readonly unknown[]) =>
    (await world.owner.query(sql, [tenant.tenantId, ...values])).rows
  const pass = (days: number) => world.pass(days * day)
  const told = (...events: readonly ToldEvent[]) => world.tell(tenant, ...events)

  /** An open debt: two events, and a step that was taken about it. */
  async function debt(id: string): Promise<void> {
    await told(movementEvent(`of-${id}`), installmentEvent(id, { movementId: `of-${id}` }))
    await step(id)
  }
  const step = (id: string) =>
    rows(
      `insert into dunning_steps (tenant_id, installment_id, step, state, planned_on, due_on)
       values ($1, $2, 'reminder', 'SENT', current_date, current_date)`,
      id,
    )
  const paid = (id: string) =>
    told(installmentEvent(id, { movementId: `of-${id}`, type: 'installment.paid', version: 2 }))

  const left = async () => {
    const events = await rows(
      'select thing_id as id from business_events where tenant_id = $1 order by event_id',
    )
    const steps = await rows(
      'select installment_id as id from dunning_steps where tenant_id = $1 order by 1',
    )
    return {
      events: events.map(({ id }) => id).sort(),
      steps: steps.map(({ id }) => id),
    }
  }
  const stage = async (name: string, isDry = false) => {
    const { rows: found } = await world.owner.query(
      'select changed, held from clean_stage_v1($1, $2, null, 200, $3)',
      [tenant.tenantId, name, isDry],
    )
    return found[0]
  }

  /** A transaction of somebody else that has done this and stays open. */
  async function holding(sql: string, ...values: readonly unknown[]): Promise<pg.Client> {
    const session = new pg.Client({ connectionString: world.database.url })
    await session.connect()
    sessions.push(session)
    await session.query('begin')
    await session.query(sql, [...values])
    return session
  }

  it('goes when the debt has been over for so long, and never while it stands', async () => {
    for (const id of ['open', 'paid', 'later', 'cancelled']) await debt(id)
    // Its movement was never told: nothing is to be sent about it.
    await told(installmentEvent('orphan', { movementId: 'of-orphan' }))
    await step('orphan')
    await paid('paid')
    await told(movementEvent('of-cancelled', { type: 'movement.cancelled', version: 2 }))
    await pass(kept - 1)
    expect(await world.clean(tenant.tenantId)).not.toHaveProperty('business-events')
    await paid('later')
    const before = await left()
    expect(before).toMatchObject({ events: { length: 12 }, steps: { length: 5 } })
    await pass(2)
    expect(await world.clean(tenant.tenantId)).toMatchObject({
      ...{ 'business-events': 7, 'dunning-steps': 3 },
    })
    expect(await left()).toEqual({
      events: ['later', 'later', 'of-later', 'of-open', 'open'],
      steps: ['later', 'open'],
    })
    await pass(kept)
    expect(await world.clean(tenant.tenantId)).toMatchObject({
      ...{ 'business-events': 3, 'dunning-steps': 1 },
    })
    expect(await left()).toEqual({ events: ['of-open', 'open'], steps: ['open'] })
    // What they did stays.
    expect(
      await rows(
        `select installment_id as id, status from installments where tenant_id = $1 order by 1`,
      ),
    ).toHaveLength(5)
  })

  it('opens no debt again when it is told a second time afterwards', async () => {
    const created = installmentEvent('old', { movementId: 'of-old' })
    await told(movementEvent('of-old'), created)
    await paid('old')
    await pass(kept + 1)
    await world.clean(tenant.tenantId)
    expect(await left()).toEqual({ events: [], steps: [] })
    expect(await told(created)).toMatchObject({ applied: 0, stale: 1 })
    expect(await rows('select status from installments where tenant_id = $1')).toEqual([
      { status: 'PAID' },
    ])
    await pass(kept + 1)
    expect(await world.clean(tenant.tenantId)).toMatchObject({ 'business-events': 1 })
  })

  it('is counted by a dry run with what is held back, and nothing is changed', async () => {
    for (const id of ['open', 'paid', 'held']) await debt(id)
    await paid('paid')
    await paid('held')
    await rows(
      `update persons p set legal_hold_at = now() from movements m
       where p.tenant_id = $1 and m.tenant_id = $1 and m.movement_id = 'of-held'
         and p.person_id = m.person_id`,
    )
    await pass(kept + 1)
    const before = await left()
    const held = (each: number) => ({ 'legal-hold': each, 'open-debt': each })
    expect(await stage('business-events', true)).toEqual({
      ...{ changed: 3, held: { ...held(2), 'legal-hold': 3 } },
    })
    expect(await stage('dunning-steps', true)).toEqual({ changed: 1, held: held(1) })
    expect(await left()).toEqual(before)
    await world.clean(tenant.tenantId)
    expect(await left()).toEqual({
      events: ['held', 'held', 'of-held', 'of-open', 'open'],
      steps: ['held', 'open'],
    })
  })

  it('stays for ever where a tenant says so', async () => {
    await debt('paid')
    await paid('paid')
    await world.set(tenant.tenantId, 'billing_days', null)
    await pass(9000)
    expect(await world.clean(tenant.tenantId)).not.toHaveProperty('business-events')
    expect(await left()).toMatchObject({ events: { length: 3 }, steps: ['paid'] })
  })

  it.each([
    [
      'is put on hold',
      `update persons set legal_hold_at = now() where tenant_id = $1`,
      { changed: 0, held: { 'legal-hold': 1 } },
    ],
    [
      'owes again',
      `select lock_identities_v1(array[$1::bigint || ':movement:of-paid'])`,
      { changed: 1, held: {} },
    ],
  ])('is passed over while somebody %s at the same moment', async (_, sql, afterwards) => {
    await debt('paid')
    await paid('paid')
    await pass(kept + 1)
    const other = await holding(sql, tenant.tenantId)
    expect(await stage('dunning-steps')).toEqual({ changed: 0, held: { moved: 1 } })
    expect(await stage('business-events')).toEqual({ changed: 0, held: { moved: 3 } })
    await other.query('commit')
    expect(await stage('dunning-steps')).toEqual(afterwards)
  })

  it('goes once, batch by batch, whoever cleans beside', async () => {
    for (let each = 0; each < 25; each += 1) {
      await debt(`paid-${each}`)
      await paid(`paid-${each}`)
    }
    await pass(kept + 1)
    const remove = async () => {
      const { rows: found } = await world.owner.query(
        `select changed from remove_debt_rows_v1($1, 'business-events', null, 10, false)`,
        [tenant.tenantId],
      )
      return Number(found[0].changed)
    }
    let total = 0
    for (let turns = 0; turns < 60 && (await left()).events.length > 0; turns += 1) {
      total += (await Promise.all([remove(), remove()])).reduce((sum, each) => sum + each)
    }
    expect([total, (await left()).events]).toEqual([75, []])
  })
})

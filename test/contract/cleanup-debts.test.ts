import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openChat, type WorldTenant } from '#test/support/stores-world.ts'
import { openUpkeepWorld, type UpkeepWorld } from '#test/support/upkeep-world.ts'

/** Ids name what they are: `paid` is the installment of the movement `of-paid`. */
type Told = Readonly<
  Record<string, { readonly status: string; readonly movement?: 'OPEN' | 'CANCELLED' | null }>
>

const told: Told = {
  paid: { status: 'PAID' },
  open: { status: 'OPEN' },
  cancelled: { status: 'OPEN', movement: 'CANCELLED' },
  orphan: { status: 'OPEN', movement: null },
}

/** Texts of debts go as contents do, once nothing is to be sent about them. */
describe('the texts of debts', () => {
  let world: UpkeepWorld
  let tenant: WorldTenant

  beforeAll(async () => {
    world = await openUpkeepWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
    await world.set(tenant.tenantId, 'transactional_days', 100)
  })

  const rows = async (sql: string, ...values: readonly unknown[]) =>
    (await world.owner.query(sql, [tenant.tenantId, ...values])).rows

  async function tell(personId: string, name: string, days: number): Promise<void> {
    const { status, movement = 'OPEN' } = told[name.split('-')[0] ?? ''] ?? { status: 'OPEN' }
    if (movement !== null) {
      await rows(
        `insert into movements (tenant_id, movement_id, version, person_id, status, amount_cents,
           currency, details, row_token, occurred_at, updated_at)
         values ($1, 'of-' || $2::text, 1, $3, $4, 100, 'BRL', 'sealed', gen_random_uuid(), now(),
           now() - $5 * interval '1 day')`,
        ...[name, personId, movement, days],
      )
    }
    await rows(
      `insert into installments (tenant_id, installment_id, movement_id, version, number, total,
         due_on, amount_cents, balance_cents, status, details, row_token, occurred_at, is_waiting,
         updated_at)
       values ($1, $2::text, 'of-' || $2::text, 1, 1, 1, current_date, 100, 100, $3, 'sealed',
         gen_random_uuid(), now(), $4, now() - $5 * interval '1 day')`,
      ...[name, status, movement === null, days],
    )
  }

  const left = async () => {
    const found = await rows(
      `select installment_id as id from installments where tenant_id = $1 and details is not null
       union all select movement_id from movements where tenant_id = $1 and details is not null
       order by id`,
    )
    return found.map(({ id }) => id)
  }

  it('go on their date, of what is over alone, and of nobody who is held', async () => {
    const [free, held] = [await openChat(world, tenant), await openChat(world, tenant)]
    await world.hold(tenant.tenantId, held.chatId)
    for (const name of Object.keys(told)) {
      await tell(free.person.personId, `${name}-old`, 101)
      await tell(free.person.personId, `${name}-new`, 99)
    }
    await tell(held.person.personId, 'paid-held', 101)
    const before = await left()
    expect(await world.clean(tenant.tenantId)).toMatchObject({ debts: 5 })
    const gone = ['paid-old', 'of-paid-old', 'cancelled-old', 'of-cancelled-old', 'orphan-old']
    expect(await left()).toEqual(before.filter((id) => !gone.includes(id)))
    expect(await world.clean(tenant.tenantId)).not.toHaveProperty('debts')
    const [kept] = await rows(
      `select status, amount_cents::int as cents from installments
       where tenant_id = $1 and installment_id = 'paid-old'`,
    )
    expect(kept).toEqual({ status: 'PAID', cents: 100 })
  })

  it('stay for ever where contents do', async () => {
    const { person } = await openChat(world, tenant)
    await tell(person.personId, 'paid-old', 4000)
    await world.set(tenant.tenantId, 'transactional_days', null)
    await world.clean(tenant.tenantId)
    expect(await left()).toEqual(['of-paid-old', 'paid-old'])
  })

  it('are counted by a dry run, which changes nothing', async () => {
    const { person } = await openChat(world, tenant)
    await tell(person.personId, 'paid-old', 101)
    const { rows: found } = await world.owner.query(
      'select * from clean_stage_v1($1, $2, null, 200, true)',
      [tenant.tenantId, 'debts'],
    )
    expect(found).toMatchObject([{ changed: 1, then_stage: 'business-events' }])
    expect(await left()).toEqual(['of-paid-old', 'paid-old'])
  })

  it('go once, whoever cleans beside', async () => {
    const { person } = await openChat(world, tenant)
    for (let each = 0; each < 30; each += 1) await tell(person.personId, `paid-${each}`, 101)
    const purge = async () => {
      const { rows: found } = await world.owner.query(
        'select changed from purge_debts_v1($1, 10, false)',
        [tenant.tenantId],
      )
      return Number(found[0].changed)
    }
    let total = 0
    for (let turns = 0; turns < 40 && (await left()).length > 0; turns += 1) {
      total += (await Promise.all([purge(), purge()])).reduce((sum, each) => sum + each)
    }
    expect([total, await left()]).toEqual([60, []])
  })
})

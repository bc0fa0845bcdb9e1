import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeDirectory } from '#shared/adapters/database/directory.ts'
import { systemClock } from '#shared/runtime/system.ts'
import { type OpsWorld, openOpsWorld } from '#test/support/ops-world.ts'

describe('ops says where a finance system is asked', () => {
  let world: OpsWorld
  beforeAll(async () => {
    world = await openOpsWorld()
  })
  afterAll(() => world.close())

  it('and asks: what its events told, where there is none', async () => {
    const tenantId = await world.addTenant('Financeiro')
    const servicesOf = () =>
      world.api.query(
        `select base_url, secret_name, timeout_ms::text as timeout_ms from billing_services
         where tenant_id = :tenant::bigint`,
        { tenant: tenantId },
      )
    await world.api.query(
      `insert into installments (tenant_id, installment_id, movement_id, version, number, total,
         due_on, amount_cents, balance_cents, status, row_token, occurred_at)
       values (:tenant::bigint, 'par-1', 'mov-1', 1, 1, 1, '2026-12-10', 10000, 4000, 'OPEN',
         gen_random_uuid(), now())`,
      { tenant: tenantId },
    )
    const ask = (id: string) => world.ops(`billing ask --tenant ${tenantId} --installment ${id}`)
    expect(JSON.parse((await ask('par-1')).out)).toEqual({
      ...{ status: 'OPEN', dueOn: '2026-12-10', balanceCents: 4000 },
    })
    expect(JSON.parse((await ask('par-2')).out)).toBe('not-found')
    const movement = await world.ops(`billing ask --tenant ${tenantId} --movement mov-1`)
    expect(JSON.parse(movement.out)).toBe('not-found')

    const where = `--tenant ${tenantId} --base-url http://127.0.0.1:9/v1/ --secret recado/billing/erp`
    expect(await world.added(`billing set ${where} --timeout-ms 500`)).toEqual({ tenantId })
    expect(await servicesOf()).toEqual([
      { base_url: 'http://127.0.0.1:9/v1', secret_name: 'erp', timeout_ms: '500' },
    ])
    expect(JSON.parse((await ask('par-1')).out)).toBe('unreachable')
    await world.added(`billing remove --tenant ${tenantId}`)
    expect(await servicesOf()).toEqual([])
  })

  it('and by which source its events are known', async () => {
    const tenantId = await world.addTenant('Barramento')
    await world.ops(`tenant set --tenant ${tenantId} --event-source erp.exemplo`)
    const directory = makeDirectory(world.api, systemClock)
    expect(await directory.tenantOfSource('erp.exemplo')).toBe(tenantId)
    const other = await world.addTenant('Outra')
    const { code, error } = await world.ops(
      `tenant set --tenant ${other} --event-source erp.exemplo`,
    )
    expect(code).toBe(1)
    expect(error).toMatch(/^ops: It is there already: /)
  })

  it.each([
    ['set --tenant 1 --secret a', /^ops: Missing: --base-url\.$/],
    ['set --tenant 1 --secret a --base-url http://erp.exemplo.com.br', /--base-url takes an https/],
    ['set --tenant 1 --secret a --base-url ftp://erp.exemplo.com.br', /--base-url takes an https/],
    ['set --tenant 1 --secret a --base-url https://e.br --timeout-ms 20', /--timeout-ms takes /],
    [
      'set --tenant 999999 --secret a --base-url https://e.br',
      /^ops: There is no tenant 999999\.$/,
    ],
    ['remove --tenant 999999', /^ops: There is no tenant 999999\.$/],
    ['ask --tenant 1', /^ops: Give --installment or --movement\.$/],
    ['ask --tenant 1 --installment a --movement b', /^ops: Give --installment or --movement\.$/],
  ])('billing %s is refused', async (command, sentence) => {
    const { code, error } = await world.ops(`billing ${command}`)
    expect(code).toBe(1)
    expect(error.trimEnd()).toMatch(sentence)
  })
})

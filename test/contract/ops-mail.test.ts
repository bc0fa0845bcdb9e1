import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OpsWorld, openOpsWorld } from '#test/support/ops-world.ts'

describe('ops mail', () => {
  let world: OpsWorld
  beforeAll(async () => {
    world = await openOpsWorld()
  })
  afterAll(() => world.close())

  const mailOf = (tenant: string) =>
    world.api.query(
      `select soft_bounce_run::text as run, bounce_rate_percent::text as percent,
         bounce_rate_minimum::text as minimum, mail_paused_reason as paused
       from tenants where tenant_id = :tenant::bigint`,
      { tenant },
    )

  it('rules changes what is given, and resume lets paused mails go', async () => {
    const tenantId = await world.addTenant('Correio')
    expect(await mailOf(tenantId)).toEqual([
      { run: '3', percent: '5.0', minimum: '100', paused: null },
    ])
    await world.added(
      `mail rules --tenant ${tenantId} --soft-bounce-run 5 --bounce-rate-percent 2.5`,
    )
    await world.api.query(
      `update tenants set mail_paused_at = now(), mail_paused_reason = 'bounce-rate'
       where tenant_id = :tenant::bigint`,
      { tenant: tenantId },
    )
    expect(await mailOf(tenantId)).toEqual([
      { run: '5', percent: '2.5', minimum: '100', paused: 'bounce-rate' },
    ])
    expect(await world.added(`mail resume --tenant ${tenantId}`)).toEqual({ tenantId })
    expect(await mailOf(tenantId)).toMatchObject([{ run: '5', paused: null }])
  })

  it.each([
    ['rules --tenant 1', /^ops: Nothing to set: give a rule; --help lists them\.$/],
    ['rules --tenant 1 --soft-bounce-run 0', /^ops: --soft-bounce-run takes a number from 1\.$/],
    ['rules --tenant 999999 --soft-bounce-run 2', /^ops: There is no tenant 999999\.$/],
    ['resume', /^ops: Missing: --tenant\.$/],
    ['resume --tenant 999999', /^ops: There is no tenant 999999\.$/],
  ])('%s', async (command, sentence) => {
    const told = await world.ops(`mail ${command}`)
    expect(told.code).toBe(1)
    expect(told.error.trimEnd()).toMatch(sentence)
  })
})

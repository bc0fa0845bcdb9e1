import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { longestValues } from '#shared/domain/billing/longest-values.ts'
import { boundContent } from '#shared/domain/bound-template.ts'
import { defaultPolicy } from '#shared/domain/dunning/policy.ts'
import type { BoundSource } from '#shared/domain/message-template.ts'
import { shapeOfContent } from '#shared/domain/template-shape.ts'
import { type OpsWorld, openOpsWorld } from '#test/support/ops-world.ts'

describe('ops -- templates begin', () => {
  let world: OpsWorld
  beforeAll(async () => {
    world = await openOpsWorld()
  })
  afterAll(() => world.close())

  it('gives the default policy a template for each of its steps and channels, once', async () => {
    const tenantId = await world.addTenant('Aurora')
    const begin = async () =>
      JSON.parse((await world.ops(`templates begin --tenant ${tenantId} --way pix`)).out)
    const { made, forMeta } = await begin()
    const wanted = defaultPolicy.steps.flatMap(({ template, channels }) =>
      channels.map((channel) => `${template} ${channel}`),
    )
    const given = made.map(({ name, channel }: Record<string, string>) => `${name} ${channel}`)
    expect(given).toEqual(expect.arrayContaining(wanted))
    expect(forMeta).toHaveLength(given.length / 2)
    expect((await begin()).made).toEqual([])

    const bound = await world.api.query(
      `select source::text as source, shape::text as shape from templates
       where tenant_id = :tenant::bigint and channel = 'WHATSAPP'`,
      { tenant: tenantId },
    )
    for (const { source, shape } of bound) {
      const filled = boundContent(JSON.parse(String(source)) as BoundSource, {
        ...{ language: 'pt-BR', values: longestValues },
      })
      if (filled.outcome !== 'filled') throw new Error('it cannot be filled')
      expect(JSON.parse(String(shape))).toEqual(shapeOfContent(filled.content))
    }
  })

  it('knows three ways to pay', async () => {
    const { code, error } = await world.ops('templates begin --tenant 1 --way cartão')
    expect([code, error.trim()]).toEqual([1, 'ops: --way takes link, pix or boleto.'])
  })
})

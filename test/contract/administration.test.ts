import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPostgresWorld, type PostgresWorld } from '#test/support/stores.ts'
import { fresh } from '#test/support/stores-world.ts'

describe('adding a tenant is all or nothing', () => {
  let world: PostgresWorld

  beforeAll(async () => {
    world = await openPostgresWorld()
  })
  afterAll(() => world.close())

  async function rowsOf(name: string) {
    const { rows } = await world.owner.query(
      `select t.tenant_id::text as id, t.time_zone, octet_length(t.wrapped_index_key) as index_key,
         array_agg(k.epoch) as epochs
       from tenants t left join tenant_keys k on k.tenant_id = t.tenant_id
       where t.name = $1 group by t.tenant_id`,
      [name],
    )
    return rows
  }

  it('makes it with both keys', async () => {
    const name = fresh('tenant')
    const tenantId = await world.administration.addTenant({ name })
    expect(await rowsOf(name)).toEqual([
      {
        id: tenantId,
        time_zone: 'America/Sao_Paulo',
        index_key: expect.any(Number),
        epochs: [1],
      },
    ])
    const tenant = await world.directory.tenant(tenantId)
    expect(tenant).toMatchObject({ tenantId, dataKeys: [{ epoch: 1 }] })
  })

  it('leaves nothing behind when KMS makes no key', async () => {
    const name = fresh('tenant')
    world.kms.fail({ kind: 'access-denied', action: 'GenerateDataKey' })
    await expect(world.administration.addTenant({ name })).rejects.toThrow()
    world.kms.clearFaults()
    expect(await rowsOf(name)).toEqual([])
  })

  it('writes in one call, so that nobody sees a tenant without keys', async () => {
    world.endpoint.resetCalls()
    await world.administration.addTenant({ name: fresh('tenant') })
    const statements = world.endpoint.calls().map(({ sql }) => sql)
    expect(statements).toEqual([
      expect.stringMatching(/^select nextval/),
      expect.stringContaining('add_tenant_v1'),
    ])
  })

  it('makes one tenant when the answer is lost and the call repeated', async () => {
    const name = fresh('tenant')
    world.endpoint.fail({ kind: 'answer-lost', sqlIncludes: 'tenant' })
    world.endpoint.fail({ kind: 'answer-lost', sqlIncludes: 'add_tenant' })
    const tenantId = await world.administration.addTenant({ name })
    expect(await rowsOf(name)).toMatchObject([{ id: tenantId, epochs: [1] }])
  })
})

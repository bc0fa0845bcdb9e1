import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoTenants } from '#infra/local/demo-tenants.ts'
import { seedTenants } from '#infra/local/seed.ts'
import { makeDataApiClient } from '#test/support/database.ts'
import { openPostgresWorld, type PostgresWorld } from '#test/support/stores.ts'

describe('the tenants of the local stack', () => {
  let world: PostgresWorld
  beforeAll(async () => {
    world = await openPostgresWorld()
  })
  afterAll(() => world.close())

  async function seed(issuer: string): Promise<void> {
    const client = makeDataApiClient(world.endpoint, 3)
    const { resourceArn: clusterArn, ...target } = world.database.target
    await seedTenants({
      client,
      settings: { clusterArn, ...target },
      kms: { url: world.kms.url, keyArn: world.kms.keyArn },
      issuer,
    })
    client.destroy()
  }

  async function senders() {
    const { rows } = await world.owner.query(
      `select t.name, s.channel, s.from_address, s.from_name, s.reply_domain, s.configuration_set,
         s.unsubscribe_url
       from senders s join tenants t using (tenant_id)
       where s.is_default order by s.tenant_id, s.channel desc`,
    )
    return rows
  }

  const expected = demoTenants.flatMap(({ name, mail }) => [
    {
      ...{ name, channel: 'WHATSAPP', from_address: null, from_name: null },
      ...{ reply_domain: null, configuration_set: null, unsubscribe_url: null },
    },
    {
      ...{ name, channel: 'EMAIL', from_address: mail.fromAddress, from_name: mail.fromName },
      ...{ reply_domain: mail.replyDomain, configuration_set: mail.configurationSet },
      unsubscribe_url: mail.unsubscribeUrl,
    },
  ])

  it('have a number and a mail identity each, once, however often a stack starts', async () => {
    await seed('http://127.0.0.1:4503')
    await seed('http://127.0.0.1:4503')
    expect(await senders()).toEqual(expected)
  })

  it('get their mail identity in a database that is older than it', async () => {
    await world.owner.query(`delete from senders where channel = 'EMAIL'`)
    await seed('http://127.0.0.1:4603')
    expect(await senders()).toEqual(expected)
  })
})

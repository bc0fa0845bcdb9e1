import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { InboundEvent } from '#shared/domain/channel-event.ts'
import { makeApplyWebhook } from '#shared/use-cases/apply-webhook.ts'
import { openPostgresWorld, type PostgresWorld } from '#test/support/stores.ts'
import { allChats, freshPhone, inbound, type WorldTenant } from '#test/support/stores-world.ts'

describe('a batch with items that the database refuses', () => {
  let world: PostgresWorld
  let tenant: WorldTenant

  beforeAll(async () => {
    world = await openPostgresWorld()
    tenant = await world.addTenant()
  })
  afterAll(() => world.close())

  const applying = () =>
    makeApplyWebhook({
      events: world.events,
      directory: world.directory,
      authorsOf: () => [],
      translate: (item) => item as InboundEvent,
      queue: { wake: async () => ({ failed: 0 }) },
      alerts: { raise: () => undefined },
    })
  const eventOf = (more: { wamid?: string; occurredAt?: string } = {}) =>
    inbound(tenant, { phone, ...more }).event
  const phone = freshPhone()

  it('1 bad of 1,000: 999 are stored, 1 is parked, in a handful of calls', async () => {
    const items = Array.from({ length: 1000 }, () => eventOf())
    items[617] = eventOf({ occurredAt: 'no time' })
    world.endpoint.resetCalls()
    const outcome = await applying()(items)
    expect(outcome).toMatchObject({ items: 1000, inboundStored: 999, parkedStored: 1 })
    const applied = world.endpoint.calls().filter(({ sql }) => sql.includes('apply_channel'))
    expect(applied.length).toBeLessThanOrEqual(22)
    expect(await allChats(world, tenant)).toMatchObject([{ unreadCount: 999 }])
    const parked = await world.owner.query('select tenant_id::text, reason from parked_items')
    expect(parked.rows).toEqual([{ tenant_id: tenant.tenantId, reason: 'refused-22007' }])
    expect(await applying()(items)).toMatchObject({ inboundStored: 0, parkedStored: 0 })
  })

  it('all bad: each is parked alone', async () => {
    const items = Array.from({ length: 5 }, () => eventOf({ wamid: 'w'.repeat(600) }))
    const mixed = items.map((item, index) => ({ ...item, occurredAt: `no time ${index}` }))
    expect(await applying()(mixed)).toMatchObject({ inboundStored: 0, parkedStored: 5 })
  })

  it('a database that is away is no fault of the items: nothing is parked', async () => {
    world.endpoint.fail({ kind: 'error', error: 'DatabaseUnavailableException', calls: 9 })
    await expect(applying()([eventOf()])).rejects.toThrow()
    world.endpoint.clearFaults()
  })

  it('an answer that is lost leaves every item stored once', async () => {
    const items = Array.from({ length: 20 }, () => eventOf())
    const before = (await allChats(world, tenant))[0]?.unreadCount ?? 0
    world.endpoint.fail({ kind: 'answer-lost', sqlIncludes: 'apply_channel_events' })
    await applying()(items)
    expect((await allChats(world, tenant))[0]?.unreadCount).toBe(before + 20)
  })
})

import { afterAll, beforeAll, expect, it } from 'vitest'
import { authorsOfItem } from '#shared/adapters/whatsapp/webhook-authors.ts'
import { translateItem } from '#shared/adapters/whatsapp/webhook-events.ts'
import { splitWebhook } from '#shared/adapters/whatsapp/webhook-items.ts'
import { makeApplyWebhook } from '#shared/use-cases/apply-webhook.ts'
import { metaBody, metaText } from '#test/support/stack.ts'
import { openPostgresWorld, type PostgresWorld } from '#test/support/stores.ts'
import { fresh, freshPhone } from '#test/support/stores-world.ts'

let world: PostgresWorld
beforeAll(async () => {
  world = await openPostgresWorld()
})
afterAll(() => world.close())

it('parks what comes to a number of nobody, tells operators, and leaves the others alone', async () => {
  const [tenant, other] = [await world.addTenant(), await world.addTenant()]
  const raised: unknown[] = []
  const apply = makeApplyWebhook({
    events: world.events,
    directory: world.directory,
    authorsOf: authorsOfItem,
    translate: (item) => translateItem(item, { now: new Date(), uuid: () => crypto.randomUUID() }),
    queue: { wake: async () => ({ failed: 0 }) },
    alerts: { raise: (name, facts) => raised.push([name, facts]) },
  })
  const strangers = { phoneNumberId: fresh('phone'), wabaId: fresh('waba') }
  const mixed = { phoneNumberId: fresh('phone'), wabaId: tenant.sender.wabaId }
  const body = (sender: typeof strangers) =>
    splitWebhook(
      JSON.parse(
        metaBody(sender, { messages: [metaText(fresh('wamid'), freshPhone().slice(1), 'Oi')] }),
      ),
    )
  const applied = await apply([...body(tenant.sender), ...body(strangers), ...body(mixed)])
  expect(applied).toMatchObject({ items: 3, inboundStored: 1, parkedStored: 2 })
  expect(raised).toEqual([['SenderUnknown', { channel: 'WHATSAPP', items: 2 }]])

  const { rows } = await world.owner.query(
    `select tenant_id::text as tenant, 'parked' as kind, count(*)::integer as count
     from parked_items where reason = 'sender-unknown' group by tenant_id
     union all
     select tenant_id::text, 'stored', count(*)::integer from chat_messages group by tenant_id
     order by kind`,
  )
  expect(rows).toEqual([
    { tenant: '0', kind: 'parked', count: 2 },
    { tenant: tenant.tenantId, kind: 'stored', count: 1 },
  ])
  expect(other.tenantId).not.toBe(tenant.tenantId)
})

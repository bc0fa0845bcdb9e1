import { expect, it } from 'vitest'
import { openPostgresWorld } from '#test/support/stores.ts'
import { accept, openChat, type StoreWorld, type WorldTenant } from '#test/support/stores-world.ts'
import { clockworkSuite } from './suites/clockwork.ts'

clockworkSuite('stores in PostgreSQL', openPostgresWorld)

it('a sender with a long backlog does not keep the others waiting', async () => {
  const world = await openPostgresWorld()
  const slow = await world.addTenant({ senderRatePerSecond: 0.1 })
  for (let count = 0; count < 40; count += 1) await acceptInNewChat(world, slow)
  await world.pass(1)
  const other = await world.addTenant()
  const mine = await acceptInNewChat(world, other)
  await world.pass(world.waits.staleSeconds + 1)
  const woken = await world.tasks.relay(10)
  expect(woken.map(({ taskId }) => taskId)).toContain(mine.taskId)
  await world.close()
})

async function acceptInNewChat(world: StoreWorld, tenant: WorldTenant) {
  const { chatId } = await openChat(world, tenant)
  return accept(world, tenant, { chatId })
}

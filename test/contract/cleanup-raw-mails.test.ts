import { afterAll, beforeAll, expect, it } from 'vitest'
import { rawMailDays } from '#infra/aws/receiving.ts'
import { day, fresh } from '#test/support/stores-world.ts'
import { openUpkeepWorld } from '#test/support/upkeep-world.ts'

type UpkeepWorld = Awaited<ReturnType<typeof openUpkeepWorld>>

let world: UpkeepWorld
beforeAll(async () => {
  world = await openUpkeepWorld()
})
afterAll(() => world.close())

it('raw mails are forgotten once their bucket has none, however long a tenant keeps the rest', async () => {
  const { tenantId } = await world.addTenant()
  await world.set(tenantId, 'raw_days', 1)
  await world.set(tenantId, 'task_days', 1)
  const add = () =>
    world.owner.query(
      `insert into raw_mails (tenant_id, object_key, authors, received_at)
       values ($1, $2, array[sha256('a')], now())`,
      [tenantId, fresh('inbound/mail')],
    )
  await add()
  // S3 removes at the midnight after an object's time is over.
  await world.pass((rawMailDays + 1) * day)
  await add()
  expect(await world.clean(tenantId)).not.toHaveProperty('raw-mails')
  await world.pass(1.5 * day)
  expect(await world.clean(tenantId)).toMatchObject({ 'raw-mails': 1 })
  const { rows } = await world.owner.query(
    'select count(*)::integer as left from raw_mails where tenant_id = $1',
    [tenantId],
  )
  expect(rows).toEqual([{ left: 1 }])
})

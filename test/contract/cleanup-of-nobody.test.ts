import type { SQSEvent } from 'aws-lambda'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { tasks } from '#shared/runtime/batch.ts'
import { day } from '#test/support/stores-world.ts'
import { openUpkeepWorld, type UpkeepWorld } from '#test/support/upkeep-world.ts'

/** What came to nobody belongs to the deployment itself. */
const deployment = '0'
let world: UpkeepWorld

beforeAll(async () => {
  world = await openUpkeepWorld()
})
afterAll(() => world.close())

const park = (reason: string) =>
  world.owner.query(
    `insert into parked_items (tenant_id, channel, reason, item_hash, raw)
     values ($1, 'WHATSAPP', $2::text, sha256($2::text::bytea), 'raw')`,
    [deployment, reason],
  )

/** The handler of the function, and what SQS hands it. */
async function handled(wakeUp: { readonly tenantId: string; readonly taskId: string }) {
  const handle = tasks(world.cleaner().run)
  const event = { Records: [{ messageId: 'one', body: JSON.stringify(wakeUp) }] }
  return handle(event as SQSEvent, { awsRequestId: 'request' } as never)
}

it('what came to nobody is removed by a cleanup of the deployment itself', async () => {
  await park('old')
  await world.pass(31 * day)
  await park('new')
  const planned = await world.planned(deployment)
  expect(await handled(planned)).toEqual({ batchItemFailures: [] })
  const { rows } = await world.owner.query('select reason from parked_items where tenant_id = $1', [
    deployment,
  ])
  expect(rows).toEqual([{ reason: 'new' }])
})

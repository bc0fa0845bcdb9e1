import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type OpsWorld, openOpsWorld } from '#test/support/ops-world.ts'

describe('ops: what nobody cared for in time', () => {
  let world: OpsWorld
  let id: string

  beforeAll(async () => {
    world = await openOpsWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    const [row] = await world.api.query(
      `insert into task_failures (tenant_id, queue, queue_message_id, reason)
       values (0, 'recado-webhook-event-dlq', gen_random_uuid()::text, 'unreadable')
       returning task_failure_id::text as id`,
    )
    id = String(row?.id)
  })

  const sentence = () =>
    new RegExp(
      `^ops: The body of failure ${id} has gone: .*; failures dismiss ${id} puts it away\\.$`,
    )

  it.each(['show', 'retry'])('failures %s says that the body has gone', async (verb) => {
    const told = await world.ops(`failures ${verb} ${id}`)
    expect(told).toMatchObject({ code: 1, out: '' })
    expect(told.error.trimEnd()).toMatch(sentence())
  })

  it('failures list says so too, of the deployment as well, and dismiss puts it away', async () => {
    const { out } = await world.ops('failures list --tenant 0')
    expect(out).toMatch(new RegExp(`^${id} .* unreadable +gone `, 'm'))
    const [failure] = JSON.parse((await world.ops('failures list --tenant 0 --json')).out)
    expect(failure).toMatchObject({ taskFailureId: id, hasBody: false })
    await world.added(`failures dismiss ${id}`)
    const left = JSON.parse((await world.ops('failures list --tenant 0 --json')).out)
    expect(left.map((each: { taskFailureId: string }) => each.taskFailureId)).not.toContain(id)
  })

  it('alerts list shows what happened, without what was told of it', async () => {
    const [row] = await world.api.query(
      `insert into account_events (tenant_id, channel, kind, severity, event_hash, occurred_at)
       values (0, 'WHATSAPP', 'account-update', 'warning', sha256('gone'), now())
       returning account_event_id::text as id`,
    )
    const { code, out } = await world.ops('alerts list --tenant 0')
    expect(code).toBe(0)
    expect(out).toMatch(new RegExp(`^${row?.id} .* account-update .* gone *$`, 'm'))
    const [alert] = JSON.parse((await world.ops('alerts list --tenant 0 --json')).out)
    expect(alert).toMatchObject({ accountEventId: row?.id, details: null })
    await world.added(`alerts ack ${row?.id}`)
  })
})

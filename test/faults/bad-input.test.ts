import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeCloudApiProvider } from '#shared/adapters/whatsapp/cloud-api-provider.ts'
import type { DeliveryResult } from '#shared/domain/delivery.ts'
import type { MessageProvider } from '#shared/ports/message-provider.ts'
import type { SendReference } from '#shared/ports/message-store.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import { makeSendMessages } from '#shared/use-cases/send-messages.ts'
import { graph } from '#test/support/hostile-graph.ts'
import { withoutFiles } from '#test/support/media.ts'
import { openPostgresWorld, type PostgresWorld } from '#test/support/stores.ts'
import {
  accept,
  apply,
  endWait,
  messageOf,
  openChat,
  report,
  type WorldTenant,
} from '#test/support/stores-world.ts'
import { settingOf } from './campaign.ts'
import { judge } from './invariants.ts'
import { buildMemorySystem } from './simulation/memory-system.ts'
import { run } from './simulation/run.ts'

describe('what nobody expects ends in a visible state with its reason', () => {
  let world: PostgresWorld
  let tenant: WorldTenant
  let chatId: string

  beforeAll(async () => {
    world = await openPostgresWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
    chatId = (await openChat(world, tenant)).chatId
  })

  const silent = { wake: async () => ({ failed: 0 }) }

  function send(provider: MessageProvider, ...sends: readonly SendReference[]) {
    return makeSendMessages({
      ...withoutFiles,
      messages: world.messages,
      queue: silent,
      provider,
      clock: systemClock,
      randomness: systemRandomness,
      waits: world.waits,
      alerts: { raise: () => undefined },
    })(sends)
  }

  /** Answers the same to everybody and counts its calls. */
  function answering(result: DeliveryResult) {
    const provider = {
      calls: 0,
      send: async () => {
        provider.calls += 1
        return result
      },
    }
    return provider
  }

  const shown = (message: { chatId: string; messageId: string }) =>
    messageOf(world, tenant, message)

  it('a task whose message lost its content', async () => {
    const message = await accept(world, tenant, { chatId })
    await world.owner.query('update chat_messages set content = null where message_id = $1', [
      message.messageId,
    ])
    const provider = answering({ outcome: 'accepted', providerMessageId: 'wamid', held: false })
    await send(provider, message)
    expect(provider.calls).toBe(0)
    expect(await shown(message)).toMatchObject({ status: 'FAILED', reason: 'content-gone' })
  })

  it('a task whose person has no address any more, and its neighbour in the batch', async () => {
    const gone = await accept(world, tenant, { chatId })
    await world.owner.query('delete from contact_identities where tenant_id = $1', [
      tenant.tenantId,
    ])
    const other = await openChat(world, tenant)
    const neighbour = await accept(world, tenant, { chatId: other.chatId })
    const provider = answering({ outcome: 'accepted', providerMessageId: 'wamid-1', held: false })
    await send(provider, gone, neighbour)
    expect(await shown(gone)).toMatchObject({ status: 'FAILED', reason: 'content-gone' })
    expect(await shown(neighbour)).toMatchObject({ status: 'SENT' })
    expect(provider.calls).toBe(1)
  })

  it('a provider whose answer is not JSON: in doubt, visible, sent again after the wait', async () => {
    const message = await accept(world, tenant, { chatId })
    const server = await graph({ status: 200, body: '<html>Welcome</html>' })
    const token = async () => 'token'
    const options = { graphUrl: server.url, version: 'v26.0', token, timeoutMs: 5000 }
    await send(makeCloudApiProvider(options), message)
    expect(server.seen).toHaveLength(1)
    expect(await shown(message)).toMatchObject({ status: 'UNKNOWN', reason: 'unreadable-answer' })
    await world.pass(world.waits.reportWaitSeconds + world.waits.staleSeconds + 1)
    for (const wake of await world.tasks.relay(1000)) await endWait(world, wake)
    expect(await shown(message)).toMatchObject({ status: 'QUEUED', possibleDuplicate: true })
  })

  it('a wamid that another message already has: its reports stay there, both are seen', async () => {
    const first = await accept(world, tenant, { chatId })
    const second = await accept(world, tenant, { chatId: (await openChat(world, tenant)).chatId })
    const provider = answering({ outcome: 'accepted', providerMessageId: 'same', held: false })
    await send(provider, first)
    await send(provider, second)
    await apply(world, report(tenant, { wamid: 'same', status: 'READ' }))
    expect(await shown(first)).toMatchObject({ status: 'READ' })
    expect(await shown(second)).toMatchObject({ status: 'SENT' })
    await world.pass(world.waits.deliveryTtlSeconds + world.waits.deliveryGraceSeconds + 1)
    for (const wake of await world.tasks.relay(1000)) await endWait(world, wake)
    expect(await shown(second)).toMatchObject({ status: 'EXPIRED', reason: 'no-delivery-report' })
  })

  it('payloads of an older version on the queues: each a visible failure, nothing else harmed', async () => {
    const setting = { ...settingOf(3, 100), poison: 40 }
    const evidence = await run(setting, buildMemorySystem)
    expect(judge(evidence)).toEqual([])
    const reasons = evidence.rows.failures.filter(({ reason }) => reason === 'unreadable')
    expect(reasons).toHaveLength(40)
  })

  it.each([600, -600])('clocks that are off by %d seconds', async (skewSeconds) => {
    for (const seed of [1, 2, 3, 4]) {
      const evidence = await run({ ...settingOf(seed, 150), skewSeconds }, buildMemorySystem)
      expect(judge(evidence)).toEqual([])
    }
  })
})

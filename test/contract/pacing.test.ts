import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeCloudApiProvider } from '#shared/adapters/whatsapp/cloud-api-provider.ts'
import type { MessageProvider } from '#shared/ports/message-provider.ts'
import type { SendReference } from '#shared/ports/message-store.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import { makeSendMessages } from '#shared/use-cases/send-messages.ts'
import { graph } from '#test/support/hostile-graph.ts'
import { withoutFiles } from '#test/support/media.ts'
import { openPostgresWorld, type PostgresWorld } from '#test/support/stores.ts'
import { accept, openChat, type WorldTenant } from '#test/support/stores-world.ts'
import { breakerSuite } from './suites/breaker.ts'
import { pacingSuite } from './suites/pacing.ts'

breakerSuite('stores in PostgreSQL', openPostgresWorld)
pacingSuite('stores in PostgreSQL', openPostgresWorld)

/** Meta's codes that somebody must act on, with the HTTP status they come with. */
const oursToFix: readonly (readonly [code: number, httpStatus: number, reason: string])[] = [
  [0, 401, 'sender-token'],
  [3, 500, 'sender-permission'],
  [10, 403, 'sender-permission'],
  [33, 400, 'sender-setup'],
  [190, 401, 'sender-token'],
  [200, 403, 'sender-permission'],
  [250, 403, 'sender-permission'],
  [299, 403, 'sender-permission'],
  [368, 403, 'sender-restricted'],
  [131005, 403, 'sender-permission'],
  [131031, 403, 'sender-restricted'],
  [131037, 400, 'sender-setup'],
  [131042, 400, 'sender-payment'],
  [131044, 400, 'sender-payment'],
  [131045, 500, 'sender-setup'],
  [131048, 400, 'sender-quality'],
  [131064, 400, 'sender-quality'],
  [133005, 400, 'sender-setup'],
  [133006, 400, 'sender-setup'],
  [133008, 400, 'sender-setup'],
  [133009, 400, 'sender-setup'],
  [133010, 400, 'sender-setup'],
  [133015, 400, 'sender-setup'],
]

describe('what Meta answers ends in the breaker', () => {
  let world: PostgresWorld
  let tenant: WorldTenant

  beforeAll(async () => {
    world = await openPostgresWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
  })

  async function next(): Promise<SendReference> {
    const { chatId } = await openChat(world, tenant)
    return accept(world, tenant, { chatId })
  }

  function sendingTo(graphUrl: string) {
    const provider: MessageProvider = makeCloudApiProvider({
      graphUrl,
      version: 'v26.0',
      token: async () => 'token',
      timeoutMs: 10_000,
    })
    const raised: { readonly name: string; readonly [fact: string]: unknown }[] = []
    const sendMessages = makeSendMessages({
      ...withoutFiles,
      messages: world.messages,
      queue: { wake: async () => ({ failed: 0 }) },
      provider,
      clock: systemClock,
      randomness: systemRandomness,
      waits: world.waits,
      alerts: { raise: (name, facts) => raised.push({ ...facts, name }) },
    })
    return { sendMessages, raised }
  }

  async function breakerOf({ senderId }: WorldTenant) {
    const { rows } = await world.owner.query(
      `select breaker, failures, reason, reason_code,
         extract(epoch from open_until - updated_at)::float as open_seconds
       from sender_paces where sender_id = $1`,
      [senderId],
    )
    return rows[0]
  }

  const metaError = (code: number) => ({
    error: { message: '', type: 'OAuthException', code, error_data: { details: '' } },
  })

  it.each(oursToFix)('%d (HTTP %d) is ours to fix: %s', async (code, status, reason) => {
    const { url, seen } = await graph({ status, body: metaError(code) })
    const { sendMessages, raised } = sendingTo(url)
    const message = await next()
    await sendMessages([message])
    expect(await breakerOf(tenant)).toMatchObject({
      breaker: 'OPEN',
      reason,
      reason_code: code,
      open_seconds: 300,
    })
    const { tenantId, senderId } = tenant
    expect(raised).toEqual([{ name: 'BreakerOpened', tenantId, senderId, reason, code }])
    const { rows } = await world.owner.query(
      'select state, attempts from tasks where tenant_id = $1 and task_id = $2',
      [tenantId, message.taskId],
    )
    expect(rows).toEqual([{ state: 'PENDING', attempts: 0 }])
    const calls = seen.length
    await sendMessages([message, await next()])
    expect(seen).toHaveLength(calls)
  })

  it('an outage: five failures, one alert, then silence until the probe', async () => {
    const { url, seen } = await graph({ status: 503, body: metaError(2) })
    const { sendMessages, raised } = sendingTo(url)
    for (let count = 0; count < 8; count += 1) await sendMessages([await next()])
    expect(seen).toHaveLength(5)
    expect(raised).toMatchObject([
      { name: 'BreakerOpened', senderId: tenant.senderId, reason: 'provider-unavailable', code: 2 },
    ])
    await world.pass(world.waits.breakerOpenSeconds + 1)
    for (let count = 0; count < 3; count += 1) await sendMessages([await next()])
    expect(seen).toHaveLength(6)
    expect(raised).toHaveLength(1)
    expect(await breakerOf(tenant)).toMatchObject({ breaker: 'OPEN', failures: 6 })
  })

  it('a refusal for one message is no failure of the sender', async () => {
    const { url, seen } = await graph({ status: 400, body: metaError(131026) })
    const { sendMessages, raised } = sendingTo(url)
    for (let count = 0; count < 7; count += 1) await sendMessages([await next()])
    expect(seen).toHaveLength(7)
    expect(raised).toEqual([])
    expect(await breakerOf(tenant)).toMatchObject({ breaker: 'CLOSED', failures: 0 })
  })
})

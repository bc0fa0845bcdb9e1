import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ReportedStatus } from '#shared/domain/channel-event.ts'
import { openPostgresWorld } from '#test/support/stores.ts'
import {
  accept,
  acceptedAs,
  apply,
  claimOne,
  endWait,
  fresh,
  messageOf,
  type OpenWorld,
  openChat,
  report,
  type StoreWorld,
  settle,
  type WorldTenant,
} from '#test/support/stores-world.ts'
import { openMemoryWorld } from './memory/world.ts'

/** What the harness found in the stores, each in its shortest form. */
describe.each([
  ['stores in memory', openMemoryWorld],
  ['stores in PostgreSQL', openPostgresWorld],
] satisfies [string, OpenWorld][])('%s: found under faults', (_, open) => {
  let world: StoreWorld
  let tenant: WorldTenant
  let chatId: string

  beforeAll(async () => {
    world = await open()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
    chatId = (await openChat(world, tenant)).chatId
  })

  const lost = { outcome: 'UNKNOWN', reason: 'timeout' } as const
  const failure = { code: 131049, reason: 'ecosystem-limit' } as const

  function tell(wamid: string, status: ReportedStatus, attemptId: string) {
    const why = status === 'FAILED' ? { failure } : {}
    return apply(world, report(tenant, { wamid, status, attemptId, ...why }))
  }

  /** The first answer was lost and nobody told anything: the second attempt is under way. */
  async function secondAttempt() {
    const message = await accept(world, tenant, { chatId })
    const first = await claimOne(world, message)
    const [check] = await settle(world, first, lost)
    await world.pass(world.waits.reportWaitSeconds + 1)
    if (check !== undefined) await endWait(world, check)
    return { message, first, second: await claimOne(world, message) }
  }

  it('a report of failure after EXPIRED is shown: late truth wins', async () => {
    const content = { type: 'template', name: 'aviso', language: 'pt_BR', ttlSeconds: 60 } as const
    const message = await accept(world, tenant, { chatId, content })
    const claimed = await claimOne(world, message)
    const wamid = fresh('wamid')
    await settle(world, claimed, acceptedAs(wamid))
    await world.pass(60 + world.waits.deliveryGraceSeconds + 1)
    for (const wake of await world.tasks.relay(1000)) await endWait(world, wake)
    expect(await messageOf(world, tenant, message)).toMatchObject({ status: 'EXPIRED' })
    await tell(wamid, 'FAILED', claimed.attemptId)
    expect(await messageOf(world, tenant, message)).toMatchObject({
      status: 'FAILED',
      reason: 'ecosystem-limit',
    })
  })

  it('a second answer that is lost does not shorten the wait of a message that arrived', async () => {
    const { message, first, second } = await secondAttempt()
    await tell(fresh('wamid'), 'SENT', first.attemptId)
    const wakes = await settle(world, second, lost)
    expect(wakes.filter(({ type }) => type === 'MESSAGE_STATUS_CHECK')).toEqual([])
    await world.pass(world.waits.reportWaitSeconds + world.waits.staleSeconds + 1)
    for (const wake of await world.tasks.relay(1000)) await endWait(world, wake)
    expect(await messageOf(world, tenant, message)).toMatchObject({ status: 'SENT' })
  })

  it('what arrived and then failed is not SENT while another attempt is in doubt', async () => {
    const { message, first, second } = await secondAttempt()
    await settle(world, second, lost)
    const wamid = fresh('wamid')
    await tell(wamid, 'SENT', first.attemptId)
    await tell(wamid, 'FAILED', first.attemptId)
    const shown = await messageOf(world, tenant, message)
    expect(shown).toMatchObject({ status: 'UNKNOWN', reason: 'unresolved' })
    await tell(fresh('wamid'), 'DELIVERED', second.attemptId)
    expect(await messageOf(world, tenant, message)).toMatchObject({ status: 'DELIVERED' })
  })
})

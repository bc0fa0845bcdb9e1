import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeHttpInstallments } from '#shared/adapters/billing/http-billing.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import { makeSendMessages } from '#shared/use-cases/send-messages.ts'
import {
  type BillingWorld,
  installmentEvent,
  movementEvent,
  openBillingWorld,
  someChat,
} from '#test/support/billing-world.ts'
import { withoutFiles } from '#test/support/media.ts'
import { type Accepted, accept, fresh, type WorldTenant } from '#test/support/stores-world.ts'

const open = { status: 'OPEN', dueOn: '2026-12-10', balanceCents: 10_000 }
const decision = { dueOn: open.dueOn, balanceCents: open.balanceCents }

describe('a debt that the finance system is asked about', () => {
  let world: BillingWorld
  let tenant: WorldTenant
  let chatId: string
  let answer: { readonly status: number; readonly body: object }
  const asked: (string | undefined)[] = []
  const called: string[] = []
  const server = createServer((call, response) => {
    asked.push(call.url)
    response.writeHead(answer.status)
    response.end(JSON.stringify(answer.body))
  })
  beforeAll(async () => {
    world = await openBillingWorld()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterAll(async () => {
    server.closeAllConnections()
    server.close()
    await world.close()
  })
  beforeEach(async () => {
    tenant = await world.addTenant()
    await world.owner.query(
      `insert into billing_services (tenant_id, base_url, secret_name, timeout_ms)
       values ($1, $2, 'erp', 2000)`,
      [tenant.tenantId, `http://127.0.0.1:${(server.address() as AddressInfo).port}`],
    )
    chatId = (await someChat(world, tenant)).chatId
    await world.tell(tenant, movementEvent('m'), installmentEvent('i', { movementId: 'm' }))
    answer = { status: 200, body: open }
    asked.length = 0
    called.length = 0
  })

  const send = (...messages: readonly Accepted[]) =>
    makeSendMessages({
      ...withoutFiles,
      messages: world.messages,
      queue: { wake: async () => ({ failed: 0 }) },
      provider: {
        send: async ({ attemptId }) => {
          called.push(attemptId)
          return { outcome: 'accepted', providerMessageId: fresh('wamid'), held: false }
        },
      },
      clock: systemClock,
      randomness: systemRandomness,
      waits: world.waits,
      alerts: { raise: () => undefined },
      debts: {
        directory: world.directory,
        installments: makeHttpInstallments({
          directory: world.directory,
          secrets: { read: async () => JSON.stringify({ accessToken: 'token' }) },
          secretPrefix: '',
          resolve: async () => [],
          addresses: 'any',
        }),
      },
    })(messages)

  const remind = (more: object = {}) =>
    world.remind(tenant, chatId, { installmentId: 'i', decision: { ...decision, ...more } })
  const stored = async ({ messageId }: Accepted) => {
    const { rows } = await world.owner.query(
      `select m.status, m.reason, t.state, ceil(extract(epoch from t.due_at - now()))::int as due_in
       from chat_messages m join tasks t using (tenant_id, message_id)
       where m.message_id = $1 and t.type = 'MESSAGE_SEND'`,
      [messageId],
    )
    return rows[0]
  }

  it('goes out while it stands, with two database calls and one question', async () => {
    const message = await remind()
    await world.directory.tenant(tenant.tenantId)
    world.endpoint.resetCalls()
    expect(await send(message)).toEqual({ claimed: 1, accepted: 1 })
    const names = world.endpoint.calls().map(({ sql }) => sql)
    expect(names.filter((sql) => /claim_sends|settle_sends/.test(sql))).toHaveLength(2)
    expect(asked).toEqual(['/installments/i'])
    expect(await stored(message)).toMatchObject({ status: 'SENT', state: 'DONE' })
  })

  it.each([
    ['was paid', { ...open, status: 'PAID', balanceCents: 0 }, 'installment-paid'],
    ['was cancelled', { ...open, status: 'CANCELLED' }, 'installment-cancelled'],
    ['was renegotiated', { ...open, status: 'RENEGOTIATED' }, 'installment-renegotiated'],
    ['is due on another day', { ...open, dueOn: '2026-12-11' }, 'installment-moved'],
    ['was paid in part', { ...open, balanceCents: 1 }, 'installment-changed'],
  ])('is not reminded of when it %s', async (_change, body, reason) => {
    answer = { status: 200, body }
    const [message, next] = [await remind(), await accept(world, tenant, { chatId })]
    await send(message, next)
    expect(await stored(message)).toMatchObject({ status: 'CANCELLED', reason, state: 'CANCELLED' })
    expect(await stored(next)).toMatchObject({ status: 'SENT' })
    expect(called).toHaveLength(1)
  })

  it('is not reminded of when the finance system knows of none', async () => {
    answer = { status: 404, body: {} }
    const message = await remind()
    await send(message)
    expect(await stored(message)).toMatchObject({
      ...{ status: 'CANCELLED', reason: 'installment-cancelled' },
    })
    expect(called).toEqual([])
  })

  it('is held for a minute while nobody answers, and so is what follows', async () => {
    answer = { status: 503, body: {} }
    const [message, next] = [await remind(), await accept(world, tenant, { chatId })]
    await send(message, next)
    expect(await stored(message)).toMatchObject({
      ...{ status: 'QUEUED', reason: 'billing-unreachable', state: 'PENDING' },
    })
    expect((await stored(message))?.due_in).toBeGreaterThan(50)
    expect(called).toEqual([])
    answer = { status: 200, body: open }
    await world.pass(61)
    await send(message, next)
    expect(await stored(message)).toMatchObject({ status: 'SENT' })
    expect(await stored(next)).toMatchObject({ status: 'SENT' })
  })

  it('holds up what follows for ten minutes, and no longer', async () => {
    answer = { status: 503, body: {} }
    const [message, next] = [await remind(), await accept(world, tenant, { chatId })]
    await send(message, next)
    await world.pass(world.waits.patienceSeconds - 60)
    await send(message, next)
    expect(await stored(next)).toMatchObject({ status: 'QUEUED' })
    await world.pass(120)
    await send(next)
    expect(await stored(message)).toMatchObject({
      ...{ status: 'QUEUED', reason: 'billing-unreachable' },
    })
    expect(await stored(next)).toMatchObject({ status: 'SENT' })
    expect(called).toHaveLength(1)
  })

  it('goes out though nobody answers, where the rule chose so', async () => {
    answer = { status: 503, body: {} }
    const message = await remind({ onUnreachable: 'send' })
    await send(message)
    expect(await stored(message)).toMatchObject({ status: 'SENT' })
  })

  it('is asked about for messages about debts alone', async () => {
    const plain = await accept(world, tenant, { chatId })
    await send(plain)
    expect(await stored(plain)).toMatchObject({ status: 'SENT' })
    expect(asked).toEqual([])
  })
})

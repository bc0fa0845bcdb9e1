import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { authorsOfItem } from '#shared/adapters/whatsapp/webhook-authors.ts'
import { translateItem } from '#shared/adapters/whatsapp/webhook-events.ts'
import { splitWebhook } from '#shared/adapters/whatsapp/webhook-items.ts'
import type { MessageProvider } from '#shared/ports/message-provider.ts'
import { systemRandomness } from '#shared/runtime/system.ts'
import { makeApplyWebhook } from '#shared/use-cases/apply-webhook.ts'
import { makeSendMessages } from '#shared/use-cases/send-messages.ts'
import { withoutFiles } from '#test/support/media.ts'
import { metaBody, metaStatus, metaText } from '#test/support/stack.ts'
import { openPostgresWorld, type PostgresWorld } from '#test/support/stores.ts'
import {
  accept,
  fresh,
  freshPhone,
  messageOf,
  openChat,
  send,
  thread,
  type WorldTenant,
  whatsapp,
} from '#test/support/stores-world.ts'

const tenMinutes = 600
const hour = 3600

/** Leases and waits are the database's time; a function's or the provider's clock moves none. */
describe('clocks that are off by ten minutes', () => {
  let world: PostgresWorld
  let tenant: WorldTenant

  beforeAll(async () => {
    world = await openPostgresWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
  })

  const clockOff = (seconds: number) => ({ now: () => Date.now() + seconds * 1000 })
  const unixSeconds = (offset: number) => String(Math.floor(Date.now() / 1000) + offset)

  const shown = (message: { chatId: string; messageId: string }) =>
    messageOf(world, tenant, message)

  function applying(clockOffSeconds: number) {
    const clock = clockOff(clockOffSeconds)
    const apply = makeApplyWebhook({
      events: world.events,
      directory: world.directory,
      authorsOf: authorsOfItem,
      translate: (item) =>
        translateItem(item, { now: new Date(clock.now()), uuid: () => crypto.randomUUID() }),
      queue: { wake: async () => ({ failed: 0 }) },
      alerts: { raise: () => undefined },
    })
    return (value: object) =>
      apply([...splitWebhook(JSON.parse(metaBody(tenant.sender, { ...value })))])
  }

  async function parked() {
    const { rows } = await world.owner.query(
      'select reason from parked_items where tenant_id = $1',
      [tenant.tenantId],
    )
    return rows
  }

  describe.each([tenMinutes, -tenMinutes])('a function whose clock is off by %d s', (offset) => {
    it('sends, and its lease ends by the time of the database', async () => {
      const message = await accept(world, tenant, {
        chatId: (await openChat(world, tenant)).chatId,
      })
      const leases: number[] = []
      const provider: MessageProvider = {
        send: async () => {
          const { rows } = await world.owner.query(
            `select extract(epoch from lease_until - now())::float as left from tasks
             where tenant_id = $1 and task_id = $2`,
            [tenant.tenantId, message.taskId],
          )
          leases.push(rows[0].left)
          await world.tasks.relay(1000)
          expect(await shown(message)).toMatchObject({ status: 'SENDING' })
          return { outcome: 'accepted', providerMessageId: fresh('wamid'), held: false }
        },
      }
      await makeSendMessages({
        ...withoutFiles,
        messages: world.messages,
        queue: { wake: async () => ({ failed: 0 }) },
        provider,
        clock: clockOff(offset),
        randomness: systemRandomness,
        waits: world.waits,
        alerts: { raise: () => undefined },
      })([message])
      expect(leases).toHaveLength(1)
      expect(leases[0]).toBeGreaterThan(0)
      expect(leases[0]).toBeLessThanOrEqual(world.waits.leaseSeconds)
      expect(await shown(message)).toMatchObject({ status: 'SENT' })
    })

    it('takes reports and replies of the right time', async () => {
      const phone = freshPhone()
      const { chatId } = await openChat(world, tenant, { contacts: [whatsapp(phone)] })
      const { wamid, ...message } = await send(world, tenant, chatId)
      await applying(offset)({
        statuses: [metaStatus(wamid, 'delivered')],
        messages: [metaText(fresh('wamid'), phone.slice(1), 'Oi')],
      })
      expect(await shown(message)).toMatchObject({ status: 'DELIVERED' })
      expect(await thread(world, tenant, chatId)).toHaveLength(2)
      expect(await parked()).toEqual([])
    })
  })

  it.each([tenMinutes, -tenMinutes])(
    'a provider whose clock is off by %d s is believed, whatever the order',
    async (offset) => {
      const phone = freshPhone()
      const { chatId } = await openChat(world, tenant, { contacts: [whatsapp(phone)] })
      const { wamid, ...message } = await send(world, tenant, chatId)
      const timestamp = unixSeconds(offset)
      await applying(0)({
        statuses: [
          metaStatus(wamid, 'read', { timestamp: unixSeconds(-offset) }),
          metaStatus(wamid, 'delivered', { timestamp }),
        ],
        messages: [{ ...metaText(fresh('wamid'), phone.slice(1), 'Oi'), timestamp }],
      })
      expect(await shown(message)).toMatchObject({ status: 'READ' })
      const [, reply] = await thread(world, tenant, chatId)
      expect(reply?.occurredAt).toBe(new Date(Number(timestamp) * 1000).toISOString())
      expect(await parked()).toEqual([])
    },
  )

  it('a time over 24 h ahead is parked as malformed; its neighbours are applied', async () => {
    const { chatId } = await openChat(world, tenant)
    const { wamid, ...message } = await send(world, tenant, chatId)
    await applying(0)({
      statuses: [
        metaStatus(wamid, 'read', { timestamp: unixSeconds(25 * hour) }),
        metaStatus(wamid, 'delivered', { timestamp: unixSeconds(23 * hour) }),
      ],
      messages: [
        {
          ...metaText(fresh('wamid'), freshPhone().slice(1), 'do futuro'),
          timestamp: unixSeconds(48 * hour),
        },
      ],
    })
    expect(await shown(message)).toMatchObject({ status: 'DELIVERED' })
    expect(await parked()).toEqual([{ reason: 'malformed' }, { reason: 'malformed' }])
  })

  it('a service window is counted from the time that the provider tells', async () => {
    await world.owner.query(
      `insert into portfolios (tenant_id, portfolio_id, unique_users_limit) values ($1, 'p', 1)`,
      [tenant.tenantId],
    )
    await world.owner.query(`update senders set portfolio_id = 'p' where sender_id = $1`, [
      tenant.senderId,
    ])
    await send(world, tenant, (await openChat(world, tenant)).chatId)
    const writing = async (secondsAgo: number) => {
      const phone = freshPhone()
      const { chatId } = await openChat(world, tenant, { contacts: [whatsapp(phone)] })
      const timestamp = unixSeconds(-secondsAgo)
      const said = { ...metaText(fresh('wamid'), phone.slice(1), 'Oi'), timestamp }
      await applying(0)({ messages: [said] })
      const answer = await world.messages.accept({
        tenantId: tenant.tenantId,
        clientId: tenant.clientId,
        chatId,
        request: { route: 'r', key: fresh('key'), body: '{}' },
        channel: 'WHATSAPP',
        content: { type: 'text', text: 'Olá' },
      })
      return answer.outcome === 'refused' ? answer.code : answer.outcome
    }
    expect(await writing(23 * hour)).toBe('accepted')
    expect(await writing(25 * hour)).toBe('unique-users-limit')
  })
})

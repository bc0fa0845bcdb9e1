import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Chat } from '#shared/domain/chat.ts'
import { Refusal, type RefusalCode } from '#shared/domain/errors.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import { makePostMessage } from '#shared/use-cases/post-message.ts'
import { makeSendMessages } from '#shared/use-cases/send-messages.ts'
import { withoutFiles } from '#test/support/media.ts'
import { openPostgresWorld, type PostgresWorld } from '#test/support/stores.ts'
import {
  type Accepted,
  accept,
  apply,
  claim,
  claimOf,
  claimOne,
  freshPhone,
  inbound,
  openChat,
  send,
  settle,
  type WorldTenant,
  whatsapp,
  wish,
} from '#test/support/stores-world.ts'

/** The limits that cost money or the number: data of operators, so in PostgreSQL only. */
describe('limits', () => {
  let world: PostgresWorld
  let tenant: WorldTenant

  beforeAll(async () => {
    world = await openPostgresWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
  })

  const newChat = (of = tenant) => openChat(world, of)
  const asked = async (chat: Chat, of = tenant) => {
    const answer = await world.messages.accept(wish(of, chat.chatId))
    return answer.outcome === 'refused' ? answer.code : answer.outcome
  }
  const acceptIn = ({ chatId }: Chat): Promise<Accepted> => accept(world, tenant, { chatId })
  const refusal = async (work: Promise<unknown>): Promise<unknown> => {
    try {
      return await work
    } catch (error) {
      return error
    }
  }

  /** POST as the use case does it, and what it raised. */
  function posting() {
    const raised: { readonly name: string; readonly code: unknown }[] = []
    const post = makePostMessage(
      world.messages,
      { wake: async () => ({ failed: 0 }) },
      { raise: (name, facts) => raised.push({ name, code: facts.code }) },
    )
    return { post, raised }
  }

  async function refusedWith(code: RefusalCode, retryAfterSeconds: number, chat: Chat) {
    const { post, raised } = posting()
    const error = await refusal(post(wish(tenant, chat.chatId)))
    expect(error).toBeInstanceOf(Refusal)
    expect(error).toMatchObject({ code, retryAfterSeconds })
    expect(raised).toEqual([{ name: 'SendRefusedByLimit', code }])
  }

  describe('unique users of a portfolio in 24 hours', () => {
    async function limitTo(users: number | null, ...tenants: readonly WorldTenant[]) {
      for (const { tenantId, senderId } of tenants) {
        await world.owner.query(
          `insert into portfolios (tenant_id, portfolio_id, unique_users_limit)
           values ($1, 'portfolio', $2)`,
          [tenantId, users],
        )
        await world.owner.query(
          `update senders set portfolio_id = 'portfolio' where sender_id = $1`,
          [senderId],
        )
      }
    }

    it('counts a person once, and refuses the one too many at POST, with an alert', async () => {
      await limitTo(2, tenant)
      const [ana, bia, caio] = [await newChat(), await newChat(), await newChat()]
      for (let times = 0; times < 3; times += 1) await send(world, tenant, ana.chatId)
      await send(world, tenant, bia.chatId)
      await refusedWith('unique-users-limit', 3600, caio)
      expect(await asked(ana)).toBe('accepted')
      expect(await asked(bia)).toBe('accepted')
    })

    it('a refusal leaves no message, no task and no key behind', async () => {
      await limitTo(1, tenant)
      await send(world, tenant, (await newChat()).chatId)
      const chat = await newChat()
      const command = wish(tenant, chat.chatId)
      expect(await world.messages.accept(command)).toMatchObject({ code: 'unique-users-limit' })
      await world.owner.query('update portfolios set unique_users_limit = 2 where tenant_id = $1', [
        tenant.tenantId,
      ])
      expect(await world.messages.accept(command)).toMatchObject({ outcome: 'accepted' })
    })

    it('is free inside the service window, and counted again after it', async () => {
      await limitTo(1, tenant)
      await send(world, tenant, (await newChat()).chatId)
      const phone = freshPhone()
      const writer = await openChat(world, tenant, { contacts: [whatsapp(phone)] })
      expect(await asked(writer)).toBe('unique-users-limit')
      await apply(world, inbound(tenant, { phone }))
      await send(world, tenant, writer.chatId)
      expect(await asked(await newChat())).toBe('unique-users-limit')
      // Of this very moment: an hour that is about to end would be over on the way.
      await world.owner.query('update portfolio_hours set hour = now() where tenant_id = $1', [
        tenant.tenantId,
      ])
      await world.pass(24 * 3600 + 1)
      // The writer's window is over, and the one user of before still counts by its whole hour.
      expect(await asked(writer)).toBe('unique-users-limit')
    })

    it('makes room when 24 hours are over, up to an hour late', async () => {
      await limitTo(1, tenant)
      const chat = await newChat()
      await send(world, tenant, chat.chatId)
      const other = await newChat()
      await world.pass(23 * 3600)
      expect(await asked(other)).toBe('unique-users-limit')
      expect(await asked(chat)).toBe('accepted')
      await world.pass(2 * 3600 + 1)
      expect(await asked(other)).toBe('accepted')
    })

    it('holds at the claim what POST could not know, until there is room', async () => {
      await limitTo(1, tenant)
      const [first, second] = [await acceptIn(await newChat()), await acceptIn(await newChat())]
      const claimed = await world.messages.claim(claimOf(first, second))
      const { sends, wakes } = claimed
      expect(sends).toHaveLength(1)
      expect(claimed.held).toMatchObject([{ reason: 'unique-users-limit' }])
      const held = sends[0]?.taskId === first.taskId ? second : first
      expect(wakes.every(({ taskId }) => taskId === held.taskId)).toBe(true)
      const [waiting] = (
        await world.tasks.waiting({ tenantId: tenant.tenantId, limit: 10 })
      ).filter(({ messageId }) => messageId === held.messageId)
      expect(waiting).toMatchObject({ status: 'QUEUED', why: 'unique-users-limit', attempts: 0 })
      expect(await claim(world, held)).toEqual([])
      await world.owner.query(
        'update portfolios set unique_users_limit = null where tenant_id = $1',
        [tenant.tenantId],
      )
      await world.pass(3601)
      expect(await claim(world, held)).toHaveLength(1)
    })

    it('tells of what it holds once a batch, with the tenant', async () => {
      await limitTo(1, tenant)
      const messages: Accepted[] = []
      for (let made = 0; made < 4; made += 1) messages.push(await acceptIn(await newChat()))
      const raised: { readonly name: string; readonly tenantId: unknown }[] = []
      const sendMessages = makeSendMessages({
        ...withoutFiles,
        messages: world.messages,
        queue: { wake: async () => ({ failed: 0 }) },
        provider: { send: async () => ({ outcome: 'unknown', detail: 'timeout' }) },
        clock: systemClock,
        randomness: systemRandomness,
        waits: world.waits,
        alerts: { raise: (name, { tenantId }) => raised.push({ name, tenantId }) },
      })
      await sendMessages(messages)
      expect(raised).toEqual([{ name: 'SendRefusedByLimit', tenantId: tenant.tenantId }])
    })

    it('never lets more through than the limit, however many claim at once', async () => {
      await limitTo(3, tenant)
      const messages: Accepted[] = []
      for (let made = 0; made < 12; made += 1) messages.push(await acceptIn(await newChat()))
      const claims = await Promise.all(messages.map((message) => claim(world, message)))
      expect(claims.flat()).toHaveLength(3)
    })

    it('a message planned for later is not refused today', async () => {
      await limitTo(1, tenant)
      await send(world, tenant, (await newChat()).chatId)
      const sendAt = new Date(Date.now() + 86_400_000).toISOString()
      const planned = wish(tenant, (await newChat()).chatId, { sendAt })
      expect(await world.messages.accept(planned)).toMatchObject({ outcome: 'accepted' })
    })

    it('does not exist where no limit is set, nor for another tenant', async () => {
      const other = await world.addTenant()
      await limitTo(1, tenant)
      await limitTo(null, other)
      await send(world, tenant, (await newChat()).chatId)
      for (let count = 0; count < 3; count += 1) {
        await send(world, other, (await newChat(other)).chatId)
      }
      expect(await asked(await newChat())).toBe('unique-users-limit')
    })
  })

  describe('charged messages of a tenant in a day', () => {
    const guard = (messages: number | null, timeZone = 'America/Sao_Paulo', of = tenant) =>
      world.owner.query(
        'update tenants set charged_per_day = $2, time_zone = $3 where tenant_id = $1',
        [of.tenantId, messages, timeZone],
      )
    const countedDays = async ({ tenantId }: WorldTenant) => {
      const { rows } = await world.owner.query(
        `select day::text, messages, (now() at time zone t.time_zone)::date::text as today
         from charged_days join tenants t using (tenant_id) where tenant_id = $1`,
        [tenantId],
      )
      return rows
    }

    it('refuses the one too many at POST, with an alert, to whomever it goes', async () => {
      await guard(3)
      const chat = await newChat()
      for (let count = 0; count < 3; count += 1) expect(await asked(chat)).toBe('accepted')
      await refusedWith('charged-limit', 86_400, chat)
      expect(await asked(await newChat())).toBe('charged-limit')
      expect(await countedDays(tenant)).toMatchObject([{ messages: 3 }])
    })

    it('counts no copy of a request and nothing that was refused', async () => {
      await guard(2)
      const chat = await newChat()
      const command = wish(tenant, chat.chatId)
      const first = await world.messages.accept(command)
      expect(await world.messages.accept(command)).toMatchObject({
        messageId: first.outcome === 'accepted' && first.messageId,
      })
      expect(await world.messages.accept(wish(tenant, '999999'))).toMatchObject({
        code: 'chat-not-found',
      })
      expect(await asked(chat)).toBe('accepted')
      expect(await asked(chat)).toBe('charged-limit')
    })

    it('never lets more through than the guard, however many ask at once', async () => {
      await guard(5)
      const chats = await Promise.all(Array.from({ length: 15 }, () => newChat()))
      const answers = await Promise.all(chats.map((chat) => asked(chat)))
      expect(answers.filter((answer) => answer === 'accepted')).toHaveLength(5)
      expect(answers.filter((answer) => answer === 'charged-limit')).toHaveLength(10)
    })

    it("begins anew with each day of the tenant's own time zone", async () => {
      // 26 hours apart: it is never the same day in both.
      const [east, west] = ['Pacific/Kiritimati', 'Etc/GMT+12'] as const
      const chat = await newChat()
      await guard(1, east)
      expect(await asked(chat)).toBe('accepted')
      expect(await asked(chat)).toBe('charged-limit')
      await guard(1, west)
      expect(await asked(chat)).toBe('accepted')
      expect(await asked(chat)).toBe('charged-limit')
      const days = await countedDays(tenant)
      expect(days).toHaveLength(2)
      expect(days.map(({ day }) => day)).toContain(days[0]?.today)
      await world.owner.query('update charged_days set day = day - 30 where tenant_id = $1', [
        tenant.tenantId,
      ])
      expect(await asked(chat)).toBe('accepted')
    })

    it('does not count e-mail, nor anything where no guard is set', async () => {
      await guard(1)
      for (let count = 0; count < 3; count += 1) {
        const { rows } = await world.owner.query('select count_charged_v1($1, $2) as may', [
          tenant.tenantId,
          'EMAIL',
        ])
        expect(rows).toEqual([{ may: true }])
      }
      expect(await countedDays(tenant)).toEqual([])
      await guard(null)
      for (let count = 0; count < 3; count += 1)
        expect(await asked(await newChat())).toBe('accepted')
      expect(await countedDays(tenant)).toEqual([])
    })

    it('a tenant that has spent its day does not stop another', async () => {
      const other = await world.addTenant()
      await guard(1)
      await guard(1, 'America/Sao_Paulo', other)
      expect(await asked(await newChat())).toBe('accepted')
      expect(await asked(await newChat())).toBe('charged-limit')
      expect(await asked(await newChat(other), other)).toBe('accepted')
    })

    it('what was accepted is sent, also past the guard, and tried again', async () => {
      await guard(1)
      const message = await acceptIn(await newChat())
      await guard(1)
      const retry = { outcome: 'REJECTED', reason: 'throttled', retryInSeconds: 1 } as const
      await settle(world, await claimOne(world, message), retry)
      await world.pass(2)
      expect(await claim(world, message)).toHaveLength(1)
    })
  })
})

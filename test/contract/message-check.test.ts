import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { messageOperations } from '#shared/contracts/operations/messages.ts'
import type { MessageFacts } from '#shared/domain/message-check.ts'
import type { MessageWish } from '#shared/ports/message-store.ts'
import { makeCheckMessage } from '#shared/use-cases/check-message.ts'
import {
  addFile,
  type DeskWorld,
  digestTables,
  fillPortfolio,
  knowTemplate,
  openDeskWorld,
  outcomeOf,
  template,
} from '#test/support/desk-world.ts'
import {
  accept,
  apply,
  claimOne,
  fresh,
  freshPhone,
  inbound,
  openChat,
  send,
  settle,
  text,
  type WorldTenant,
  whatsapp,
  wish,
} from '#test/support/stores-world.ts'

/** Whom a row writes to, and what it wants to say. */
interface Stage {
  readonly tenant: WorldTenant
  readonly chatId: string
  readonly phone: string
}
type Wanted = Partial<MessageWish>

describe('the check of a message', () => {
  let world: DeskWorld
  beforeAll(async () => {
    world = await openDeskWorld()
  })
  afterAll(() => world.close())

  async function newStage(options?: Parameters<DeskWorld['addTenant']>[0]): Promise<Stage> {
    const tenant = await world.addTenant(options)
    const phone = freshPhone()
    const { chatId } = await openChat(world, tenant, { contacts: [whatsapp(phone)] })
    return { tenant, chatId, phone }
  }
  const writes = ({ tenant, phone }: Stage) => apply(world, inbound(tenant, { phone }))
  const check = ({ tenant, chatId }: Stage, more: Wanted = {}) =>
    world.desk.check(wish(tenant, chatId, more))
  const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString()
  const known = (row: Readonly<Record<string, unknown>>) => async (stage: Stage) => {
    await knowTemplate(world.owner, stage.tenant, row)
    return { content: template }
  }
  const limitCharged = ({ tenant }: Stage, messages: number) =>
    world.owner.query('update tenants set charged_per_day = $2 where tenant_id = $1', [
      tenant.tenantId,
      messages,
    ])

  /** Every refusal of a post, and how to get it. */
  const refusals: Readonly<Record<string, (stage: Stage) => Promise<Wanted>>> = {
    'chat-not-found': async () => ({ chatId: '999999999' }),
    'chat-closed': async ({ tenant, chatId }) => {
      await world.setChatStatus(tenant.tenantId, chatId, 'CLOSED')
      return {}
    },
    'contact-missing': async ({ tenant }) => {
      const contacts = [{ channel: 'EMAIL', address: 'ana@exemplo.com.br' }] as const
      return { chatId: (await openChat(world, tenant, { contacts })).chatId }
    },
    'sender-missing': async ({ tenant }) => {
      await world.owner.query('update senders set is_default = false where tenant_id = $1', [
        tenant.tenantId,
      ])
      return {}
    },
    'send-too-late': async () => ({ expiresAt: inSeconds(-1) }),
    'service-window-closed': async ({ tenant }) => {
      await world.owner.query(
        `update tenants set service_window = 'enforced' where tenant_id = $1`,
        [tenant.tenantId],
      )
      return {}
    },
    'opted-out': async ({ tenant, chatId }) => {
      await world.optOut(tenant.tenantId, chatId, { category: 'ALL' })
      return {}
    },
    suppressed: async ({ tenant, chatId }) => {
      await world.owner.query(
        `insert into suppressions (tenant_id, channel, value_hash, value, row_token, reason, source)
         select i.tenant_id, i.channel, i.value_hash, i.value, i.row_token, 'manual', 'operator'
         from chats h
         join contacts c on c.tenant_id = h.tenant_id and c.person_id = h.person_id
         join contact_identities i on i.tenant_id = c.tenant_id and i.contact_id = c.contact_id
         where h.tenant_id = $1 and h.chat_id = $2`,
        [tenant.tenantId, chatId],
      )
      return {}
    },
    'mail-paused': async ({ tenant }) => {
      await world.owner.query('update tenants set mail_paused_at = now() where tenant_id = $1', [
        tenant.tenantId,
      ])
      await world.administration.addSender({
        tenantId: tenant.tenantId,
        channel: 'EMAIL',
        mail: {
          fromAddress: `${fresh('ofertas')}@exemplo.com.br`,
          fromName: undefined,
          replyDomain: undefined,
          configurationSet: undefined,
          unsubscribeUrl: undefined,
        },
        isDefault: true,
      })
      const contacts = [{ channel: 'EMAIL', address: 'ana@exemplo.com.br' }] as const
      const { chatId } = await openChat(world, tenant, { contacts })
      return {
        chatId,
        channel: 'EMAIL',
        content: { type: 'email', subject: 'Ofertas', text: 'Veja!', category: 'marketing' },
      }
    },
    'reply-to-missing': async () => ({ content: { type: 'reaction', emoji: '👍' } }),
    'message-not-found': async () => ({ replyToMessageId: '999999999' }),
    'media-not-found': async () => ({
      content: { type: 'image', mediaId: crypto.randomUUID() },
    }),
    'media-not-ready': async ({ tenant }) => ({
      content: { type: 'image', mediaId: await addFile(world.owner, tenant, 'PENDING') },
    }),
    'template-missing': known({ name: 'outro' }),
    'template-parameters': known({ shape: { body: 2 } }),
    'template-recategorised': known({ category: 'MARKETING' }),
    'template-paused': known({ status: 'PAUSED' }),
    'template-disabled': known({ status: 'DISABLED' }),
    'template-not-approved': known({ status: 'REJECTED' }),
    'unique-users-limit': async ({ tenant }) => {
      await fillPortfolio(world.owner, tenant)
      return {}
    },
    'charged-limit': async (stage) => {
      await limitCharged(stage, 1)
      await accept(world, stage.tenant, { chatId: stage.chatId })
      return {}
    },
  }

  it('is held against every refusal that a post has', () => {
    expect(new Set(Object.keys(refusals))).toEqual(new Set(messageOperations.postMessage.refusals))
  })

  it.each(Object.entries(refusals))(
    '%s: as the real post, and nothing is stored',
    async (code, prepare) => {
      const stage = await newStage()
      const wanted = await prepare(stage)
      const before = await digestTables(world.owner)
      const answer = await check(stage, wanted)
      expect(await digestTables(world.owner)).toEqual(before)
      const posted = await world.messages.accept(wish(stage.tenant, stage.chatId, wanted))
      expect(posted).toMatchObject({ outcome: 'refused', code })
      const refusal = answer.outcome === 'checked' ? answer.refusal : answer
      expect(refusal).toEqual(posted)
      expect(await digestTables(world.owner)).toEqual(before)
    },
  )

  /** What goes, and in which form. */
  const goes: Readonly<Record<string, [boolean, (stage: Stage) => Promise<Wanted>]>> = {
    'a text': [false, async () => ({})],
    'a text in an open window': [
      false,
      async (stage) => {
        await writes(stage)
        return { fallback: template }
      },
    ],
    'a fallback for a closed window': [true, async () => ({ fallback: template })],
    'a template that fits': [false, known({})],
    'a file that is there': [
      false,
      async ({ tenant }) => ({
        content: { type: 'image', mediaId: await addFile(world.owner, tenant, 'STORED') },
      }),
    ],
    'a planned text': [false, async () => ({ sendAt: inSeconds(3600) })],
    'the last one of the day': [
      false,
      async (stage) => {
        await limitCharged(stage, 1)
        return {}
      },
    ],
  }

  it.each(Object.entries(goes))('%s would go, and goes', async (_, [usesFallback, prepare]) => {
    const stage = await newStage()
    const wanted = await prepare(stage)
    const before = await digestTables(world.owner)
    for (let times = 0; times < 3; times += 1) {
      expect(await check(stage, wanted)).toMatchObject({ refusal: undefined, usesFallback })
    }
    expect(await digestTables(world.owner)).toEqual(before)
    const posted = await world.messages.accept(wish(stage.tenant, stage.chatId, wanted))
    expect(outcomeOf(posted)).toBe('accepted')
    expect(await digestTables(world.owner)).not.toEqual(before)
  })

  it('says field by field what does not fit a template', async () => {
    const stage = await newStage()
    await knowTemplate(world.owner, stage.tenant, { shape: { body: ['nome'] } })
    const checked = await makeCheckMessage(world.desk)(
      wish(stage.tenant, stage.chatId, { content: template }),
    )
    expect(checked.refusal).toMatchObject({
      code: 'template-parameters',
      detail: { expected: { body: ['nome'] }, problems: [{ path: 'content.variables.body' }] },
    })
  })

  it("spends the client's tokens, and knows whose chat it is", async () => {
    const stage = await newStage()
    const { tenantId } = stage.tenant
    const clientId = await world.addClient(tenantId, { ratePerSecond: 0.001, burst: 1 })
    const poor = { ...stage, tenant: { ...stage.tenant, clientId } }
    expect(await check(poor)).toMatchObject({ outcome: 'checked' })
    expect(await check(poor)).toMatchObject({ outcome: 'refused', code: 'rate-limited' })
    await world.disableClient(tenantId, clientId)
    expect(await check(poor)).toMatchObject({ code: 'client-unknown' })
    const other = await newStage()
    expect(await check({ ...stage, tenant: other.tenant })).toMatchObject({
      outcome: 'refused',
      code: 'chat-not-found',
    })
  })

  describe('tells what the rules go by:', () => {
    async function factsOf(stage: Stage, more?: Wanted): Promise<MessageFacts> {
      const answer = await check(stage, more)
      if (answer.outcome === 'refused') throw new Error(`not checked: ${answer.code}`)
      return answer.facts
    }

    it('a person who never wrote', async () => {
      expect(await factsOf(await newStage({ serviceWindow: 'enforced' }))).toEqual({
        contactKnown: true,
        senderKnown: true,
        serviceWindow: { open: false, enforced: true },
        optOuts: [],
        optedOut: false,
        limits: {},
        holds: [],
      })
    })

    it('the window, until when', async () => {
      const stage = await newStage()
      await writes(stage)
      const { serviceWindow } = await factsOf(stage)
      expect(serviceWindow).toMatchObject({ open: true, enforced: false })
      const shown = (await world.chats.get(stage.tenant, stage.chatId))?.serviceWindow
      expect(serviceWindow?.expiresAt).toBe(shown?.expiresAt)
    })

    it('the template, of the content or the fallback', async () => {
      const stage = await newStage()
      await knowTemplate(world.owner, stage.tenant, { category: 'MARKETING', status: 'PAUSED' })
      const facts = { category: 'MARKETING', acceptedCategory: 'UTILITY', status: 'PAUSED' }
      const name = { name: template.name, language: template.language }
      for (const wanted of [{ content: template }, { fallback: template }]) {
        expect((await factsOf(stage, wanted)).template).toEqual({ ...name, ...facts })
      }
      const strange = { ...template, name: 'outro' }
      expect((await factsOf(stage, { content: strange })).template).toEqual({
        ...name,
        name: 'outro',
      })
    })

    it('opt-outs, and whether one stands against this message', async () => {
      const stage = await newStage()
      await knowTemplate(world.owner, stage.tenant, {
        ...{ category: 'MARKETING', accepted_category: 'MARKETING' },
      })
      const { tenantId } = stage.tenant
      await world.optOut(tenantId, stage.chatId, { category: 'MARKETING' })
      expect(await factsOf(stage)).toMatchObject({
        optOuts: [{ category: 'MARKETING', optedOutAt: expect.stringMatching(/Z$/) }],
        optedOut: false,
      })
      expect((await factsOf(stage, { content: template })).optedOut).toBe(true)
      await world.optOut(tenantId, stage.chatId, { category: 'MARKETING', restored: true })
      expect(await factsOf(stage)).toMatchObject({ optOuts: [], optedOut: false })
    })

    it('limits', async () => {
      const stage = await newStage()
      await limitCharged(stage, 3)
      await accept(world, stage.tenant, { chatId: stage.chatId })
      await fillPortfolio(world.owner, stage.tenant)
      const limits = {
        uniqueUsers: { limit: 1, room: false },
        chargedMessages: { limit: 3, left: 2 },
      }
      expect((await factsOf(stage)).limits).toEqual(limits)
      await writes(stage)
      expect((await factsOf(stage)).limits.uniqueUsers).toEqual({ limit: 1, room: true })
    })

    it('what a send would wait for: an open breaker, the pace of a pair', async () => {
      const stage = await newStage()
      const message = await accept(world, stage.tenant, { chatId: stage.chatId })
      await settle(world, await claimOne(world, message), {
        outcome: 'REJECTED',
        reason: 'sender-token',
        retryInSeconds: 300,
        health: 'broken',
      })
      const { holds } = await factsOf(stage)
      expect(holds.map(({ reason }) => reason)).toEqual(['breaker-open'])
      expect(Date.parse(holds[0]?.until ?? '')).toBeGreaterThan(Date.now())
      const other = await newStage()
      await send(world, other.tenant, other.chatId)
      await world.owner.query(
        `update pair_paces set silent_until = now() + interval '1 hour' where tenant_id = $1`,
        [other.tenant.tenantId],
      )
      expect(await factsOf(other)).toMatchObject({ holds: [{ reason: 'pair-pace' }] })
    })

    it('of a text with a fallback, consent is that of what would go', async () => {
      const stage = await newStage()
      await writes(stage)
      await world.pass(10)
      await world.optOut(stage.tenant.tenantId, stage.chatId, { category: 'ALL' })
      await world.pass(10)
      await writes(stage)
      const wanted = { content: text('Olá'), fallback: template }
      expect((await factsOf(stage, wanted)).optedOut).toBe(false)
      await world.pass(24 * 3600 + 1)
      expect((await factsOf(stage, wanted)).optedOut).toBe(true)
    })
  })
})

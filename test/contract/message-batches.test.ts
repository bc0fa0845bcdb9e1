import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { AcceptMessages } from '#shared/ports/message-desk.ts'
import type { AcceptAnswer, MessageWish } from '#shared/ports/message-store.ts'
import type { Wake } from '#shared/ports/task-queue.ts'
import { makePostMessages } from '#shared/use-cases/post-messages.ts'
import {
  type DeskWorld,
  fillPortfolio,
  knowTemplate,
  openDeskWorld,
  outcomeOf,
  template,
} from '#test/support/desk-world.ts'
import {
  claim,
  fresh,
  openChat,
  text,
  thread,
  type WorldTenant,
  wish,
} from '#test/support/stores-world.ts'

describe('many messages in one request', () => {
  let world: DeskWorld
  let tenant: WorldTenant

  beforeAll(async () => {
    world = await openDeskWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
  })

  const newChat = async () => (await openChat(world, tenant)).chatId
  const said = (chatId: string, more: Partial<MessageWish> = {}): MessageWish => ({
    chatId,
    channel: 'WHATSAPP',
    content: text('Olá'),
    ...more,
  })
  const batch = (messages: readonly MessageWish[], key = fresh('key')): AcceptMessages => ({
    tenantId: tenant.tenantId,
    clientId: tenant.clientId,
    request: { route: 'POST /messages', key, body: JSON.stringify(messages) },
    messages,
  })
  async function items(command: AcceptMessages): Promise<readonly AcceptAnswer[]> {
    const answer = await world.desk.acceptMany(command)
    if (answer.outcome === 'refused') throw new Error(`refused: ${answer.code}`)
    return answer.items
  }
  const outcomes = async (command: AcceptMessages) => (await items(command)).map(outcomeOf)

  it('100 of them are taken in the order given, each with its wake-up', async () => {
    const chats = [await newChat(), await newChat(), await newChat()]
    const messages = Array.from({ length: 100 }, (_, index) =>
      said(chats[index % 3] ?? '', { content: text(String(index)) }),
    )
    const taken = await items(batch(messages))
    expect(taken.map(outcomeOf)).toEqual(Array(100).fill('accepted'))
    const wakes = taken.flatMap((item) => ('wake' in item && item.wake ? [item.wake] : []))
    expect(new Set(wakes.map(({ taskId }) => taskId)).size).toBe(100)
    const shown = await thread(world, tenant, chats[1] ?? '')
    const texts = shown.map(({ content }) => content?.type === 'text' && content.text)
    expect(texts).toEqual(Array.from({ length: 33 }, (_, index) => String(index * 3 + 1)))
    expect(shown.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 33 }, (_, index) => String(index + 1)),
    )
    expect(await claim(world, ...wakes.slice(0, 10))).toHaveLength(10)
  })

  it('each is refused for itself, and the others go', async () => {
    const [open, closed] = [await newChat(), await newChat()]
    await world.setChatStatus(tenant.tenantId, closed, 'CLOSED')
    const expiresAt = new Date(Date.now() - 1000).toISOString()
    const command = batch([
      said(open),
      said(closed),
      said('999999999'),
      said(open, { expiresAt }),
      said(open, { replyToMessageId: '999999999' }),
      said(open),
    ])
    expect(await outcomes(command)).toEqual([
      'accepted',
      'chat-closed',
      'chat-not-found',
      'send-too-late',
      'message-not-found',
      'accepted',
    ])
    expect(await thread(world, tenant, open)).toHaveLength(2)
    expect(await thread(world, tenant, closed)).toEqual([])
  })

  it("another tenant's chats are not found among them", async () => {
    const other = await world.addTenant()
    const theirs = (await openChat(world, other)).chatId
    expect(await outcomes(batch([said(theirs), said(await newChat())]))).toEqual([
      'chat-not-found',
      'accepted',
    ])
    expect(await thread(world, other, theirs)).toEqual([])
  })

  it('the guard of charged messages counts each, and refuses from the one too many on', async () => {
    await world.owner.query('update tenants set charged_per_day = 2 where tenant_id = $1', [
      tenant.tenantId,
    ])
    const chatId = await newChat()
    const late = said(chatId, { expiresAt: new Date(0).toISOString() })
    expect(await outcomes(batch([said(chatId), late, said(chatId), said(chatId)]))).toEqual([
      'accepted',
      'send-too-late',
      'accepted',
      'charged-limit',
    ])
  })

  describe('repeated with its key', () => {
    it('it answers the same, whatever has become of the chats, and stores nothing', async () => {
      await knowTemplate(world.owner, tenant, { shape: { body: 2 } })
      await world.owner.query('update tenants set charged_per_day = 1 where tenant_id = $1', [
        tenant.tenantId,
      ])
      const chatId = await newChat()
      const command = batch([said(chatId), said(chatId, { content: template }), said(chatId)])
      const first = await items(command)
      expect(first).toMatchObject([
        { outcome: 'accepted', wake: { inSeconds: 0 } },
        { code: 'template-parameters', expectedShape: { body: 2 }, retryAfterSeconds: 0 },
        { code: 'charged-limit', retryAfterSeconds: 86_400 },
      ])
      await world.setChatStatus(tenant.tenantId, chatId, 'CLOSED')
      const again = await items(command)
      const unwoken = first.map((item) => ('wake' in item ? { ...item, wake: undefined } : item))
      expect(again).toEqual(unwoken)
      expect(await thread(world, tenant, chatId)).toHaveLength(1)
    })

    it('50 times at once it is taken once', async () => {
      const chatId = await newChat()
      const command = batch([said(chatId), said('999999999'), said(chatId)])
      const answers = await Promise.all(Array.from({ length: 50 }, () => items(command)))
      const ids = answers.map((all) => all.map((item) => 'messageId' in item && item.messageId))
      expect(new Set(ids.map((each) => each.join())).size).toBe(1)
      expect(await thread(world, tenant, chatId)).toHaveLength(2)
      const { rows } = await world.owner.query(
        'select count(*)::int as tasks from tasks where tenant_id = $1',
        [tenant.tenantId],
      )
      expect(rows).toEqual([{ tasks: 2 }])
    })

    it('another body under the key is refused', async () => {
      const chatId = await newChat()
      const key = fresh('key')
      await items(batch([said(chatId)], key))
      expect(await world.desk.acceptMany(batch([said(chatId), said(chatId)], key))).toMatchObject({
        outcome: 'refused',
        code: 'idempotency-key-mismatch',
      })
    })

    it('one that was refused whole is kept too', async () => {
      const command = batch([said('999999999')])
      expect(await outcomes(command)).toEqual(['chat-not-found'])
      const { rows } = await world.owner.query(
        'select count(*)::int as keys from idempotency_keys where tenant_id = $1 and answer is not null',
        [tenant.tenantId],
      )
      expect(rows).toEqual([{ keys: 1 }])
    })
  })

  describe('tokens', () => {
    const poor = async (burst: number) => {
      const clientId = await world.addClient(tenant.tenantId, { ratePerSecond: 0.001, burst })
      return { clientId }
    }
    const three = (chatId: string) => batch([said(chatId), said(chatId), said(chatId)])

    it('each message takes one; without enough of them nothing is taken', async () => {
      const client = await poor(5)
      const chatId = await newChat()
      const quotas: number[] = []
      const meter = ({ left }: { left: number }) => void quotas.push(left)
      expect(await outcomes({ ...three(chatId), ...client, meter })).toHaveLength(3)
      const command = { ...three(chatId), ...client, meter }
      expect(await world.desk.acceptMany(command)).toMatchObject({
        outcome: 'refused',
        code: 'rate-limited',
      })
      expect(quotas).toEqual([2, 1])
      expect(await thread(world, tenant, chatId)).toHaveLength(3)
      // Its key is free, and the bucket tells when the whole request may come again.
      const refused = await world.desk.acceptMany({ ...three(chatId), ...client })
      const seconds = refused.outcome === 'refused' ? refused.retryAfterSeconds : undefined
      expect(seconds).toBeGreaterThan(2900)
      await world.pass(seconds ?? 0)
      expect(await outcomes(command)).toEqual(Array(3).fill('accepted'))
    })

    it('a repetition takes one, and is answered without any', async () => {
      const client = await poor(4)
      const command = { ...three(await newChat()), ...client }
      const first = await outcomes(command)
      for (let times = 0; times < 3; times += 1) expect(await outcomes(command)).toEqual(first)
    })

    it('no more than the bucket can hold: a small one does not shut large requests out', async () => {
      const client = await poor(2)
      const command = { ...three(await newChat()), ...client }
      expect(await outcomes(command)).toEqual(Array(3).fill('accepted'))
    })
  })

  describe('the use case', () => {
    function posting() {
      const raised: unknown[] = []
      const woken: Wake[] = []
      const post = makePostMessages(
        world.desk,
        {
          wake: async (wakes) => {
            woken.push(...wakes)
            return { failed: 0 }
          },
        },
        { raise: (name, facts) => raised.push({ name, ...facts }) },
      )
      return { post, raised, woken }
    }

    it('wakes what was taken and tells of each refusal once', async () => {
      await knowTemplate(world.owner, tenant, { status: 'PAUSED' })
      await fillPortfolio(world.owner, tenant)
      const chatId = await newChat()
      const paused = said(chatId, { content: template })
      const sendAt = new Date(Date.now() + 60_000).toISOString()
      const { post, raised, woken } = posting()
      const posted = await post(
        batch([paused, said(chatId), said(chatId, { sendAt }), paused, said(chatId)]),
      )
      expect(posted.map((item) => ('refusal' in item ? item.refusal.code : 'accepted'))).toEqual([
        'template-paused',
        'unique-users-limit',
        'accepted',
        'template-paused',
        'unique-users-limit',
      ])
      const { tenantId } = tenant
      expect(raised).toEqual([
        { name: 'TemplateBlocked', tenantId, code: 'template-paused' },
        { name: 'SendRefusedByLimit', tenantId, code: 'unique-users-limit' },
      ])
      expect(woken).toMatchObject([{ type: 'MESSAGE_SEND', tenantId }])
    })

    it('says of each message what to mend in it', async () => {
      await knowTemplate(world.owner, tenant, { shape: { body: ['nome'] } })
      const chatId = await newChat()
      const [first, second] = await posting().post(
        batch([said(chatId), said(chatId, { content: template })]),
      )
      expect(first).toMatchObject({ chatId, accepted: { messageId: expect.any(String) } })
      expect(second).toMatchObject({
        refusal: { detail: { problems: [{ path: 'content.variables.body' }] } },
      })
    })
  })

  it('two requests with the same chats in opposite order never stand in each other’s way', async () => {
    const chats = await Promise.all(Array.from({ length: 6 }, newChat))
    const back = chats.toReversed()
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        outcomes(batch((index % 2 === 0 ? chats : back).map((chatId) => said(chatId)))),
      ),
    )
    expect(answers.flat()).toEqual(Array(60).fill('accepted'))
  })

  it('is taken as one message is: the same row comes of it', async () => {
    const chatId = await newChat()
    await world.messages.accept(wish(tenant, chatId))
    await items(batch([said(chatId)]))
    const [one, other] = await thread(world, tenant, chatId)
    const own = ['messageId', 'sequence', 'createdAt', 'statusAt', 'expiresAt'] as const
    const rest = (message: object = {}) =>
      Object.fromEntries(Object.entries(message).filter(([key]) => !own.includes(key as never)))
    expect(rest(other)).toEqual(rest(one))
  })
})

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeReadReceiptStore } from '#shared/adapters/database/read-receipt-store.ts'
import type { SendReference } from '#shared/ports/message-store.ts'
import type { ReadReceiptStore } from '#shared/ports/read-receipts.ts'
import { openPostgresWorld, type PostgresWorld } from '#test/support/stores.ts'
import {
  allChats,
  apply,
  fresh,
  freshPhone,
  inbound,
  type WorldTenant,
} from '#test/support/stores-world.ts'

/** What marking a chat as read does, and what the provider is told of it. */
describe('read receipts', () => {
  let world: PostgresWorld
  let receipts: ReadReceiptStore
  let tenant: WorldTenant

  beforeAll(async () => {
    world = await openPostgresWorld()
    receipts = makeReadReceiptStore(world.dataApi, world.waits)
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
  })

  /** Somebody writes these messages; answers the chat. */
  async function written(...wamids: string[]): Promise<string> {
    const phone = freshPhone()
    for (const wamid of wamids) await apply(world, inbound(tenant, { phone, wamid }))
    const [chat] = await allChats(world, tenant)
    if (chat === undefined) throw new Error('no chat was opened')
    return chat.chatId
  }

  const mark = (chatId: string, typing = false, who = tenant) =>
    receipts.mark({ tenantId: who.tenantId, clientId: who.clientId, chatId, typing })
  const markedOf = async (...given: Parameters<typeof mark>) => {
    const answer = await mark(...given)
    if (answer.outcome === 'refused') throw new Error(`refused: ${answer.code}`)
    return answer.wakes
  }
  const claim = (...jobs: SendReference[]) =>
    receipts.claim({ type: 'READ_RECEIPT', claimToken: crypto.randomUUID(), jobs })
  async function planned(chatId: string, typing = false) {
    const [wake] = await markedOf(chatId, typing)
    if (wake === undefined) throw new Error('no receipt was planned')
    return wake
  }
  async function tell(job: SendReference) {
    const [claimed] = await claim(job)
    if (claimed === undefined) throw new Error('not claimed')
    await receipts.settle([{ job: claimed, result: { outcome: 'DONE' } }])
    return claimed
  }
  const unread = async (chatId: string) => (await world.chats.get(tenant, chatId))?.unreadCount

  it('empties the count in one call and plans a receipt for the newest message', async () => {
    const newest = fresh('wamid')
    const chatId = await written(fresh('wamid'), newest)
    expect(await unread(chatId)).toBe(2)
    const before = world.endpoint.calls().length
    const wake = await planned(chatId)
    expect(world.endpoint.calls().length - before).toBe(1)
    expect(wake).toMatchObject({ type: 'READ_RECEIPT', tenantId: tenant.tenantId, inSeconds: 0 })
    expect(await unread(chatId)).toBe(0)
    expect(await claim(wake)).toMatchObject([
      {
        attempts: 1,
        receipt: {
          providerMessageId: newest,
          typing: false,
          sender: { phoneNumberId: tenant.sender.phoneNumberId, secretName: 'secret' },
        },
      },
    ])
  })

  it('plans nothing twice: not before it was told, not while, not after', async () => {
    const chatId = await written(fresh('wamid'))
    const wake = await planned(chatId)
    expect(await markedOf(chatId)).toEqual([])
    const [claimed] = await claim(wake)
    expect(await markedOf(chatId)).toEqual([])
    if (claimed === undefined) throw new Error('not claimed')
    await receipts.settle([{ job: claimed, result: { outcome: 'DONE' } }])
    expect(await markedOf(chatId)).toEqual([])
  })

  it('plans the next one for what was written since, which stays unread until then', async () => {
    const phone = freshPhone()
    await apply(world, inbound(tenant, { phone }))
    const [chat] = await allChats(world, tenant)
    const chatId = chat?.chatId ?? ''
    await tell(await planned(chatId))
    const later = fresh('wamid')
    await apply(world, inbound(tenant, { phone, wamid: later }))
    expect(await unread(chatId)).toBe(1)
    expect((await tell(await planned(chatId))).receipt.providerMessageId).toBe(later)
  })

  it('tells again for typing, before, while and after it was told', async () => {
    const chatId = await written(fresh('wamid'))
    const wake = await planned(chatId)
    expect(await markedOf(chatId, true)).toEqual([wake])
    const [first] = await claim(wake)
    expect(first?.receipt.typing).toBe(true)
    expect(await markedOf(chatId, true)).toEqual([wake])
    if (first === undefined) throw new Error('not claimed')
    await receipts.settle([{ job: first, result: { outcome: 'DEAD', reason: 'late' } }])
    expect((await tell(wake)).receipt.typing).toBe(true)
    expect(await markedOf(chatId, true)).toEqual([wake])
    expect(await tell(wake)).toMatchObject({ attempts: 1, receipt: { typing: true } })
  })

  it('shows nobody as typing 25 seconds later', async () => {
    const chatId = await written(fresh('wamid'))
    const wake = await planned(chatId, true)
    await world.pass(1)
    await world.owner.query(
      `update tasks set payload = jsonb_build_object('typingUntil',
         (payload ->> 'typingUntil')::timestamptz - interval '25 seconds')
       where task_id = $1`,
      [wake.taskId],
    )
    expect((await tell(wake)).receipt.typing).toBe(false)
  })

  it('tries a receipt that died again when the chat is marked again', async () => {
    const chatId = await written(fresh('wamid'))
    const wake = await planned(chatId)
    const [job] = await claim(wake)
    if (job === undefined) throw new Error('not claimed')
    await receipts.settle([{ job, result: { outcome: 'DEAD', reason: 'sender-token' } }])
    expect(await markedOf(chatId)).toEqual([wake])
    expect(await tell(wake)).toMatchObject({ attempts: 1 })
  })

  it('plans nothing where nobody wrote', async () => {
    const opened = await world.chats.open({
      tenantId: tenant.tenantId,
      clientId: tenant.clientId,
      request: { route: 'POST /chats', key: fresh('open'), body: '{}' },
      externalId: fresh('person'),
      name: undefined,
      contacts: [{ channel: 'WHATSAPP', address: freshPhone() }],
    })
    if (opened.outcome === 'refused') throw new Error(opened.code)
    expect(await mark(opened.chat.chatId, true)).toEqual({ outcome: 'read', wakes: [] })
  })

  it('refuses what is not there, another tenant’s chat and a client out of tokens', async () => {
    const chatId = await written(fresh('wamid'))
    const stranger = await world.addTenant()
    const notFound = { outcome: 'refused', code: 'chat-not-found' }
    expect(await mark('999999999', false)).toMatchObject(notFound)
    expect(await mark(chatId, false, stranger)).toMatchObject(notFound)
    expect(await unread(chatId)).toBe(1)
    const slow = await world.addClient(tenant.tenantId, { ratePerSecond: 0.001, burst: 1 })
    const hurried = { ...tenant, clientId: slow }
    expect(await mark(chatId, false, hurried)).toMatchObject({ outcome: 'read' })
    expect(await mark(chatId, false, hurried)).toMatchObject({
      outcome: 'refused',
      code: 'rate-limited',
      retryAfterSeconds: expect.any(Number),
    })
    await world.disableClient(tenant.tenantId, slow)
    expect(await mark(chatId, false, hurried)).toMatchObject({ code: 'client-unknown' })
  })

  it('of many marks at once one plans; writers at the same time lose nothing', async () => {
    const phone = freshPhone()
    await apply(world, inbound(tenant, { phone }))
    const [chat] = await allChats(world, tenant)
    const chatId = chat?.chatId ?? ''
    const [marks] = await Promise.all([
      Promise.all(Array.from({ length: 8 }, () => markedOf(chatId))),
      Promise.all(Array.from({ length: 8 }, () => apply(world, inbound(tenant, { phone })))),
    ])
    const tasks = marks.flat().map(({ taskId }) => taskId)
    expect(new Set(tasks).size).toBe(tasks.length)
    await markedOf(chatId)
    expect(await unread(chatId)).toBe(0)
  })
})

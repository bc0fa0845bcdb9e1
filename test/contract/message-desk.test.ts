import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ResendMessage } from '#shared/ports/message-desk.ts'
import {
  addFile,
  type DeskWorld,
  digestTables,
  openDeskWorld,
  outcomeOf,
  template,
} from '#test/support/desk-world.ts'
import {
  accept,
  acceptedAs,
  acceptedOf,
  apply,
  claimOne,
  fresh,
  freshPhone,
  inbound,
  messageOf,
  openChat,
  send,
  settle,
  text,
  thread,
  type WorldTenant,
  whatsapp,
  wish,
} from '#test/support/stores-world.ts'

describe('one message, sent again or deleted', () => {
  let world: DeskWorld
  let tenant: WorldTenant
  let phone: string
  let chatId: string

  beforeAll(async () => {
    world = await openDeskWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
    phone = freshPhone()
    chatId = (await openChat(world, tenant, { contacts: [whatsapp(phone)] })).chatId
  })

  const refused = { outcome: 'REJECTED', reason: 'ecosystem-limit', code: 131049 } as const
  const setStatus = (messageId: string, status: string, reason: string | null = null) =>
    world.owner.query(
      'update chat_messages set status = $2, reason = $3 where message_id = $1 and tenant_id = $4',
      [messageId, status, reason, tenant.tenantId],
    )
  async function failed(more: Parameters<typeof accept>[2] = { chatId }) {
    const message = await accept(world, tenant, more)
    await settle(world, await claimOne(world, message), refused)
    return message
  }
  const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString()
  async function received(): Promise<string> {
    await apply(world, inbound(tenant, { phone }))
    return (await thread(world, tenant, chatId)).at(-1)?.messageId ?? ''
  }

  describe('sent again', () => {
    const resend = (messageId: string, more: Partial<ResendMessage> = {}) =>
      world.desk.resend({
        tenantId: tenant.tenantId,
        clientId: tenant.clientId,
        request: { route: 'POST …/resend', key: fresh('key'), body: messageId },
        chatId,
        messageId,
        ...more,
      })

    it('is a new message with the same content, which goes, linked to the old one', async () => {
      const old = await failed()
      const again = { ...acceptedOf(await resend(old.messageId)), chatId }
      expect(again.messageId).not.toBe(old.messageId)
      expect(await messageOf(world, tenant, again)).toMatchObject({
        status: 'QUEUED',
        content: text('Olá'),
        resendOfMessageId: old.messageId,
        sequence: '2',
        origin: 'api',
      })
      expect(await messageOf(world, tenant, old)).toMatchObject({ status: 'FAILED' })
      const claimed = await claimOne(world, again)
      expect(claimed.content).toEqual(text('Olá'))
      await settle(world, claimed, acceptedAs(fresh('wamid')))
      expect(await messageOf(world, tenant, again)).toMatchObject({ status: 'SENT' })
    })

    it('keeps policy, reply, files and the fallback that waits', async () => {
      const replyToMessageId = await received()
      const mediaId = await addFile(world.owner, tenant, 'STORED')
      const content = { type: 'image', mediaId, caption: 'Boleto' } as const
      const options = {
        fallback: template,
        replyToMessageId,
        deliveryPolicy: 'at-most-once',
      } as const
      const old = await failed({ chatId, content, ...options })
      const again = { ...acceptedOf(await resend(old.messageId)), chatId }
      expect(await messageOf(world, tenant, again)).toMatchObject({
        content,
        deliveryPolicy: 'at-most-once',
        replyToMessageId,
        fallbackWaits: true,
        fallbackUsed: false,
      })
      expect((await claimOne(world, again)).media).toMatchObject([{ mediaId }])
      // Once the window has closed, the fallback goes in its place, as it would have the first time.
      await setStatus(again.messageId, 'CANCELLED')
      await world.pass(24 * 3600 + 1)
      const third = { ...acceptedOf(await resend(again.messageId)), chatId }
      expect(await messageOf(world, tenant, third)).toMatchObject({
        content: template,
        fallbackUsed: true,
      })
    })

    it('may be planned, and its time counts anew', async () => {
      const old = await failed({ chatId, expiresAt: inSeconds(60) })
      await world.pass(120)
      const sendAt = inSeconds(600)
      const again = await resend(old.messageId, { sendAt, expiresAt: inSeconds(1200) })
      const shown = await messageOf(world, tenant, { ...acceptedOf(again), chatId })
      expect(shown).toMatchObject({ sendAt })
      const late = await resend(old.messageId, { expiresAt: inSeconds(-5) })
      expect(late).toMatchObject({ code: 'send-too-late' })
    })

    it.each([
      ['FAILED', 'expired', 'accepted'],
      ['EXPIRED', 'no-delivery-report', 'accepted'],
      ['CANCELLED', null, 'accepted'],
      ['UNKNOWN', 'unresolved', 'accepted'],
      ['UNKNOWN', 'timeout', 'message-not-ended'],
      ['QUEUED', null, 'message-not-ended'],
      ['SENDING', null, 'message-not-ended'],
      ['SENT', null, 'message-not-ended'],
      ['DELIVERED', null, 'message-not-ended'],
      ['READ', null, 'message-not-ended'],
    ])('%s (%s): %s', async (status, reason, outcome) => {
      const { messageId } = await accept(world, tenant, { chatId })
      await setStatus(messageId, status, reason)
      expect(outcomeOf(await resend(messageId))).toBe(outcome)
    })

    it('what came in, belongs to others or was written elsewhere is not found', async () => {
      const inboundId = await received()
      const other = await openChat(world, tenant)
      const strange = await accept(world, tenant, { chatId: other.chatId })
      const { messageId: echoed } = await failed()
      await world.owner.query(
        `update chat_messages set origin = 'business-app' where message_id = $1`,
        [echoed],
      )
      for (const messageId of [inboundId, strange.messageId, echoed, '999999999']) {
        expect(await resend(messageId)).toMatchObject({ code: 'message-not-found' })
      }
      const { messageId } = await failed()
      const stranger = await world.addTenant()
      const { tenantId, clientId } = stranger
      expect(await resend(messageId, { tenantId, clientId })).toMatchObject({
        code: 'message-not-found',
      })
    })

    it('what was deleted or erased has nothing to send', async () => {
      const [deleted, erased] = [await failed(), await failed()]
      await world.desk.delete({ ...tenant, chatId, messageId: deleted.messageId })
      await world.owner.query('update chat_messages set content = null where message_id = $1', [
        erased.messageId,
      ])
      for (const { messageId } of [deleted, erased]) {
        expect(await resend(messageId)).toMatchObject({ code: 'message-content-gone' })
      }
    })

    it('passes the rules of any message', async () => {
      const old = await failed()
      await world.optOut(tenant.tenantId, chatId, { category: 'ALL' })
      expect(await resend(old.messageId)).toMatchObject({ code: 'opted-out' })
      await world.optOut(tenant.tenantId, chatId, { category: 'ALL', restored: true })
      await world.setChatStatus(tenant.tenantId, chatId, 'CLOSED')
      expect(await resend(old.messageId)).toMatchObject({ code: 'chat-closed' })
    })

    it('20 times at once under one key it is one message; a refused key stays free', async () => {
      const { messageId } = await accept(world, tenant, { chatId })
      const request = { route: 'POST …/resend', key: fresh('key'), body: messageId }
      expect(await resend(messageId, { request })).toMatchObject({ code: 'message-not-ended' })
      await setStatus(messageId, 'CANCELLED')
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => resend(messageId, { request })),
      )
      const told = answers.map((answer) => 'acceptedAt' in answer && answer)
      expect(new Set(told.map((each) => each && `${each.messageId} ${each.acceptedAt}`)).size).toBe(
        1,
      )
      expect(
        answers.filter((answer) => 'wake' in answer && answer.wake !== undefined),
      ).toHaveLength(1)
      expect(await thread(world, tenant, chatId)).toHaveLength(2)
    })
  })

  describe('deleted', () => {
    const remove = (messageId: string, more: object = {}) =>
      world.desk.delete({ ...tenant, chatId, messageId, ...more })

    it('is a tombstone, in the answer, in lists and by itself; twice is once', async () => {
      const { messageId } = await send(world, tenant, chatId)
      const first = await remove(messageId)
      expect(first).toMatchObject({
        outcome: 'deleted',
        message: { messageId, status: 'SENT', content: undefined, metadata: undefined },
      })
      const tombstone = first.outcome === 'deleted' ? first.message : undefined
      expect(tombstone?.deletedAt).toMatch(/Z$/)
      const before = await digestTables(world.owner)
      expect(await remove(messageId)).toEqual(first)
      expect(await digestTables(world.owner)).toEqual(before)
      expect(await thread(world, tenant, chatId)).toEqual([tombstone])
      const story = await world.desk.get(tenant, { chatId, messageId })
      expect(story?.message).toEqual(tombstone)
    })

    it('keeps its place in pages, and its content in the row', async () => {
      const ids: string[] = []
      for (let count = 0; count < 3; count += 1) {
        ids.push((await send(world, tenant, chatId)).messageId)
      }
      await remove(ids[1] ?? '')
      const page = { limit: 1, order: 'asc' } as const
      const read: (string | undefined)[] = []
      let cursor: string | undefined
      do {
        const next = await world.chats.messages(tenant, chatId, { ...page, cursor })
        read.push(...(next?.items ?? []).map(({ messageId }) => messageId))
        cursor = next?.nextCursor
      } while (cursor !== undefined)
      expect(read).toEqual(ids)
      const { rows } = await world.owner.query(
        'select content is not null as kept from chat_messages where message_id = $1',
        [ids[1]],
      )
      expect(rows).toEqual([{ kept: true }])
    })

    it('an inbound one, with what came along', async () => {
      const metadata = { forwarded: true } as const
      await apply(world, inbound(tenant, { phone, more: { metadata } }))
      const [shown] = await thread(world, tenant, chatId)
      expect(shown).toMatchObject({ metadata })
      expect(await remove(shown?.messageId ?? '')).toMatchObject({ outcome: 'deleted' })
      expect(await thread(world, tenant, chatId)).toMatchObject([
        { direction: 'INBOUND', status: 'RECEIVED', content: undefined, metadata: undefined },
      ])
    })

    it('cannot be replied to any more', async () => {
      const { messageId } = await send(world, tenant, chatId)
      await remove(messageId)
      const reply = wish(tenant, chatId, { replyToMessageId: messageId })
      expect(await world.messages.accept(reply)).toMatchObject({ code: 'message-not-found' })
    })

    it.each([
      ['QUEUED', null],
      ['SENDING', null],
      ['UNKNOWN', 'timeout'],
    ])('not while it may still be sent: %s', async (status, reason) => {
      const { messageId } = await accept(world, tenant, { chatId })
      await setStatus(messageId, status, reason)
      expect(await remove(messageId)).toMatchObject({ code: 'message-in-flight' })
      await setStatus(messageId, 'UNKNOWN', 'unresolved')
      expect(await remove(messageId)).toMatchObject({ outcome: 'deleted' })
    })

    it('not what belongs to others', async () => {
      const { messageId } = await send(world, tenant, chatId)
      const stranger = await world.addTenant()
      const other = await openChat(world, tenant)
      for (const more of [stranger, { chatId: other.chatId }, { messageId: '999999999' }]) {
        expect(await remove(messageId, more)).toMatchObject({ code: 'message-not-found' })
      }
      expect((await thread(world, tenant, chatId))[0]?.deletedAt).toBeUndefined()
    })

    it('by somebody whose bucket is empty: not at all', async () => {
      const { messageId } = await send(world, tenant, chatId)
      const { tenantId } = tenant
      const clientId = await world.addClient(tenantId, { ratePerSecond: 0.001, burst: 1 })
      await world.chats.get({ tenantId, clientId }, chatId)
      expect(await remove(messageId, { clientId })).toMatchObject({ code: 'rate-limited' })
    })
  })
})

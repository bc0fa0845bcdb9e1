import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MessageContent } from '#shared/domain/content.ts'
import type { TemplateContent } from '#shared/domain/template-content.ts'
import type { AcceptMessage } from '#shared/ports/message-store.ts'
import {
  accept,
  acceptedAs,
  apply,
  claim,
  claimOf,
  claimOne,
  fresh,
  freshPhone,
  inbound,
  messageOf,
  type OpenWorld,
  openChat,
  type StoreWorld,
  send,
  settle,
  text,
  thread,
  type WorldTenant,
  whatsapp,
  wish,
} from '#test/support/stores-world.ts'

const notice: TemplateContent = { type: 'template', name: 'aviso_geral', language: 'pt_BR' }
const windowSeconds = 24 * 3600
const closed = { outcome: 'REJECTED', reason: 'service-window-closed', code: 131047 } as const

/** What every MessageStore does with the service window, fallbacks, opt-outs and replies. */
export function rulesSuite(name: string, open: OpenWorld): void {
  let world: StoreWorld
  beforeAll(async () => {
    world = await open()
  })
  afterAll(() => world.close())

  async function writer(serviceWindow?: 'enforced') {
    const tenant = await world.addTenant(serviceWindow && { serviceWindow })
    const phone = freshPhone()
    const { chatId } = await openChat(world, tenant, { contacts: [whatsapp(phone)] })
    const writes = (content: MessageContent = text('Oi'), wamid = fresh('wamid')) =>
      apply(world, inbound(tenant, { phone, content, wamid }))
    const ask = (more: Partial<AcceptMessage> = {}) =>
      world.messages.accept({ ...wish(tenant, chatId), ...more })
    return { tenant, chatId, writes, ask }
  }

  const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString()
  const expiresAt = inSeconds(3 * 86_400)
  const windowOf = async (tenant: WorldTenant, chatId: string) =>
    (await world.chats.get(tenant, chatId))?.serviceWindow

  describe(`${name}: the service window`, () => {
    it('is shown closed for who never wrote, open for 24 hours, then closed again', async () => {
      const { tenant, chatId, writes } = await writer()
      expect(await windowOf(tenant, chatId)).toEqual({ open: false, expiresAt: undefined })
      await writes()
      const { open: isOpen, expiresAt = '' } = (await windowOf(tenant, chatId)) ?? {}
      expect(isOpen).toBe(true)
      const left = (Date.parse(expiresAt) - Date.now()) / 1000
      expect(left).toBeGreaterThan(windowSeconds - 60)
      expect(left).toBeLessThanOrEqual(windowSeconds)
      await world.pass(windowSeconds + 1)
      expect(await windowOf(tenant, chatId)).toMatchObject({ open: false })
      const [listed] = (await world.chats.list(tenant, { limit: 1, cursor: undefined })).items
      expect(listed?.serviceWindow.open).toBe(false)
    })

    it('refuses a text while it is closed, never a template', async () => {
      const { tenant, chatId, writes, ask } = await writer('enforced')
      expect(await ask()).toMatchObject({ outcome: 'refused', code: 'service-window-closed' })
      expect(await thread(world, tenant, chatId)).toEqual([])
      expect(await ask({ content: notice })).toMatchObject({ outcome: 'accepted' })
      await writes()
      expect(await ask()).toMatchObject({ outcome: 'accepted' })
      await world.pass(windowSeconds + 1)
      expect(await ask()).toMatchObject({ code: 'service-window-closed' })
    })

    it('a refused key stays free', async () => {
      const { writes, ask } = await writer('enforced')
      const { request } = wish(await world.addTenant(), '1')
      expect(await ask({ request })).toMatchObject({ code: 'service-window-closed' })
      await writes()
      expect(await ask({ request })).toMatchObject({ outcome: 'accepted' })
    })

    it('left to the provider it refuses nothing', async () => {
      const { ask } = await writer()
      expect(await ask()).toMatchObject({ outcome: 'accepted' })
    })

    it('is looked at again when a planned text is due: FAILED without a call', async () => {
      const { tenant, chatId, writes, ask } = await writer('enforced')
      await writes()
      const planned = await accept(world, tenant, { chatId, sendAt: inSeconds(600), expiresAt })
      await world.pass(windowSeconds)
      const claimed = await world.messages.claim(claimOf(planned))
      expect(claimed).toMatchObject({
        sends: [],
        ended: [{ taskId: planned.taskId, reason: 'service-window-closed' }],
      })
      expect(await messageOf(world, tenant, planned)).toMatchObject({
        status: 'FAILED',
        reason: 'service-window-closed',
      })
      expect(await ask({ sendAt: inSeconds(600) })).toMatchObject({ outcome: 'accepted' })
    })

    it('its end in the middle of a lane lets the lane go on', async () => {
      const { tenant, chatId, writes } = await writer('enforced')
      await writes()
      const said = await accept(world, tenant, { chatId })
      const next = await accept(world, tenant, {
        chatId,
        content: notice,
        expiresAt,
      })
      const alone = await accept(world, tenant, { chatId, expiresAt })
      const last = await accept(world, tenant, {
        chatId,
        content: notice,
        expiresAt,
      })
      await world.pass(windowSeconds + 1)
      // Expired by its own time; what follows is woken or goes in the same batch.
      const first = await world.messages.claim(claimOf(said))
      expect(first.wakes).toMatchObject([{ taskId: next.taskId, inSeconds: 0 }])
      const claimed = await claim(world, next, alone)
      expect(claimed.map(({ taskId }) => taskId)).toEqual([next.taskId])
      expect(await messageOf(world, tenant, alone)).toMatchObject({
        status: 'FAILED',
        reason: 'service-window-closed',
      })
      const [sent] = claimed
      const wakes = sent && (await settle(world, sent, acceptedAs(fresh('wamid'))))
      expect(wakes?.map(({ taskId }) => taskId)).toEqual([last.taskId])
    })
  })

  describe(`${name}: a fallback template`, () => {
    it.each(['enforced', undefined] as const)('goes at once instead (%s)', async (how) => {
      const { tenant, chatId } = await writer(how)
      const message = await accept(world, tenant, { chatId, fallback: notice })
      expect(await messageOf(world, tenant, message)).toMatchObject({
        content: notice,
        fallbackUsed: true,
      })
      expect(await claimOne(world, message)).toMatchObject({ content: notice })
    })

    it('waits while the window is open', async () => {
      const { tenant, chatId, writes } = await writer('enforced')
      await writes()
      const message = await accept(world, tenant, { chatId, fallback: notice })
      expect(await messageOf(world, tenant, message)).toMatchObject({
        content: text('Olá'),
        fallbackUsed: false,
      })
      const claimed = await claimOne(world, message)
      expect(claimed.content).toEqual(text('Olá'))
      await settle(world, claimed, acceptedAs(fresh('wamid')))
      expect(await messageOf(world, tenant, message)).toMatchObject({ fallbackUsed: false })
    })

    it('takes the place when the window has closed meanwhile', async () => {
      const { tenant, chatId, writes } = await writer('enforced')
      await writes()
      const planned = { chatId, fallback: notice, sendAt: inSeconds(600), expiresAt }
      const message = await accept(world, tenant, planned)
      await world.pass(windowSeconds)
      expect(await claimOne(world, message)).toMatchObject({ content: notice, attempts: 1 })
      expect(await messageOf(world, tenant, message)).toMatchObject({
        status: 'SENDING',
        content: notice,
        fallbackUsed: true,
      })
    })

    it('goes at once when the provider says that the window is closed, and only once', async () => {
      const { tenant, chatId, writes } = await writer('enforced')
      await writes()
      const message = await accept(world, tenant, { chatId, fallback: notice })
      const first = await claimOne(world, message)
      const wakes = await settle(world, first, closed)
      expect(wakes).toMatchObject([{ taskId: message.taskId, inSeconds: 0 }])
      // A lost answer makes the caller settle again: it must not end what is due again.
      expect(await settle(world, first, closed)).toMatchObject([{ taskId: message.taskId }])
      const second = await claimOne(world, message)
      expect(second.content).toEqual(notice)
      expect(await settle(world, first, closed)).toEqual([])
      expect(await messageOf(world, tenant, message)).toMatchObject({ status: 'SENDING' })
      await settle(world, second, closed)
      expect(await messageOf(world, tenant, message)).toMatchObject({
        status: 'FAILED',
        reason: 'service-window-closed',
        reasonCode: 131047,
        fallbackUsed: true,
      })
      expect(await claim(world, message)).toEqual([])
    })
  })

  describe(`${name}: opt-outs`, () => {
    it('ALL stops templates, and texts until the person writes again', async () => {
      const { tenant, chatId, writes, ask } = await writer()
      await writes()
      await world.pass(10)
      await world.optOut(tenant.tenantId, chatId, { category: 'ALL' })
      expect(await ask()).toMatchObject({ outcome: 'refused', code: 'opted-out' })
      expect(await ask({ content: notice })).toMatchObject({ code: 'opted-out' })
      await world.pass(10)
      await writes()
      expect(await ask()).toMatchObject({ outcome: 'accepted' })
      expect(await ask({ content: notice })).toMatchObject({ code: 'opted-out' })
      await world.optOut(tenant.tenantId, chatId, { category: 'ALL', restored: true })
      expect(await ask({ content: notice })).toMatchObject({ outcome: 'accepted' })
    })

    it('one that comes after the POST ends the send without a call', async () => {
      const { tenant, chatId } = await writer()
      const message = await accept(world, tenant, { chatId })
      await world.optOut(tenant.tenantId, chatId, { category: 'ALL' })
      expect(await world.messages.claim(claimOf(message))).toMatchObject({
        sends: [],
        ended: [{ taskId: message.taskId, reason: 'opted-out' }],
      })
      expect(await messageOf(world, tenant, message)).toMatchObject({
        status: 'FAILED',
        reason: 'opted-out',
      })
    })

    it('MARKETING does not stop what is written freely', async () => {
      const { tenant, chatId, ask } = await writer()
      await world.optOut(tenant.tenantId, chatId, { category: 'MARKETING' })
      expect(await ask()).toMatchObject({ outcome: 'accepted' })
    })
  })

  describe(`${name}: replies`, () => {
    it('name the provider id of what they answer, inbound or sent', async () => {
      const { tenant, chatId, writes } = await writer()
      await writes(text('Quanto devo?'), 'wamid.question')
      const [question] = await thread(world, tenant, chatId)
      const answer = await accept(world, tenant, {
        chatId,
        ...(question && { replyToMessageId: question.messageId }),
      })
      const claimed = await claimOne(world, answer)
      expect(claimed.replyTo).toBe('wamid.question')
      await settle(world, claimed, acceptedAs(fresh('wamid')))
      expect(await messageOf(world, tenant, answer)).toMatchObject({
        replyToMessageId: question?.messageId,
      })
      const sent = await send(world, tenant, chatId)
      const again = await accept(world, tenant, { chatId, replyToMessageId: sent.messageId })
      expect((await claimOne(world, again)).replyTo).toBe(sent.wamid)
    })

    it('name nothing when what they answer never reached the provider', async () => {
      const { tenant, chatId } = await writer()
      const { messageId } = await accept(world, tenant, { chatId, sendAt: inSeconds(600) })
      const answer = await accept(world, tenant, { chatId, replyToMessageId: messageId })
      expect((await claimOne(world, answer)).replyTo).toBeUndefined()
    })

    it('are refused to messages of other chats and tenants', async () => {
      const { tenant, ask } = await writer()
      const theirs = await writer()
      const strange = await accept(world, theirs.tenant, { chatId: theirs.chatId })
      const { chatId } = await openChat(world, tenant)
      const other = await accept(world, tenant, { chatId })
      for (const replyToMessageId of [strange.messageId, other.messageId, '999999999']) {
        expect(await ask({ replyToMessageId })).toMatchObject({ code: 'message-not-found' })
      }
    })

    it('a reaction needs the message that it is put on', async () => {
      const { tenant, chatId, ask } = await writer()
      const content = { type: 'reaction', emoji: '👍' } as const
      expect(await ask({ content })).toMatchObject({ code: 'reply-to-missing' })
      const { messageId, wamid } = await send(world, tenant, chatId)
      const reaction = await accept(world, tenant, { chatId, content, replyToMessageId: messageId })
      expect(await claimOne(world, reaction)).toMatchObject({ content, replyTo: wamid })
    })
  })
}

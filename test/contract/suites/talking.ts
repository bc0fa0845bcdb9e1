import * as fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { EchoEvent, InboundEvent, PersonAddress } from '#shared/domain/channel-event.ts'
import type { MessageContent } from '#shared/domain/content.ts'
import type { OptOutWord } from '#shared/domain/opt-out.ts'
import type { RoutedEvent } from '#shared/ports/event-store.ts'
import {
  accept,
  allChats,
  apply,
  claimOne,
  fresh,
  freshPhone,
  inbound,
  messageOf,
  type OpenWorld,
  openChat,
  report,
  type StoreWorld,
  send,
  text,
  thread,
  type WorldTenant,
  whatsapp,
} from '#test/support/stores-world.ts'

const start = Date.parse('2026-11-23T12:00:00Z')
/** Seconds after the start of the story. */
const at = (seconds: number) => new Date(start + seconds * 1000).toISOString()

/** How every EventStore takes what persons change, take back and refuse, and who they are. */
export function talkingSuite(name: string, open: OpenWorld): void {
  describe(`${name}: what persons do with their words`, () => {
    let world: StoreWorld
    let tenant: WorldTenant
    let phone: string
    let chatId: string

    beforeAll(async () => {
      world = await open()
    })
    afterAll(() => world.close())
    beforeEach(async () => {
      tenant = await world.addTenant()
      phone = freshPhone()
      chatId = (await openChat(world, tenant, { contacts: [whatsapp(phone)] })).chatId
    })

    const shown = () => thread(world, tenant, chatId)
    const chat = async () => (await allChats(world, tenant)).find((each) => each.chatId === chatId)
    const say = (wanted: Parameters<typeof inbound>[1]) =>
      apply(world, inbound(tenant, { phone, ...wanted }))

    describe('contents', () => {
      const contents: readonly MessageContent[] = [
        { type: 'location', latitude: -23.5, longitude: -46.6, name: 'Sé' },
        { type: 'contacts', contacts: [{ name: { formattedName: 'Ana' } }] },
        { type: 'reply', kind: 'list', id: 'a', title: '2ª via' },
        { type: 'order', items: [{ productRetailerId: 'sku', quantity: 2 }] },
        { type: 'unsupported', code: 131051 },
        { type: 'image', mediaId: crypto.randomUUID(), caption: 'Comprovante' },
      ]
      it.each(contents)('$type is shown as it was said', async (content) => {
        const metadata = { forwarded: true, referral: { sourceUrl: 'https://fb.me/1' } }
        await say({ content, more: { metadata } })
        expect(await shown()).toMatchObject([{ content, metadata }])
      })

      it('a reaction answers the message that it is on', async () => {
        const ours = await send(world, tenant, chatId)
        await say({ content: { type: 'reaction', emoji: '👍' }, replyTo: ours.wamid })
        expect((await shown())[1]).toMatchObject({ replyToMessageId: ours.messageId })
      })

      it('a file is fetched by a task of its own, once', async () => {
        const mediaId = crypto.randomUUID()
        const file = {
          mediaId,
          kind: 'image',
          mimeType: 'image/png',
          providerMediaId: 'm',
        } as const
        const written = inbound(tenant, {
          phone,
          content: { type: 'image', mediaId },
          more: { file },
        })
        const { wakes } = await apply(world, written)
        expect(wakes).toMatchObject([{ type: 'MEDIA_FETCH', tenantId: tenant.tenantId }])
        expect(await apply(world, written)).toMatchObject({ inboundStored: 0, wakes: [] })
      })
    })

    describe('edits and withdrawals', () => {
      let wamid: string
      beforeEach(async () => {
        wamid = fresh('wamid')
        await say({ wamid, content: text('Pago amanha'), occurredAt: at(0) })
      })

      const other = (type: string): MessageContent => ({
        type: 'other',
        providerType: type,
        raw: { type },
      })
      const edit = (said: string, seconds: number, more: Partial<InboundEvent> = {}) => ({
        content: other('edit'),
        occurredAt: at(seconds),
        more: {
          amends: { kind: 'edit', providerMessageId: wamid, content: text(said) } as const,
          ...more,
        },
      })
      const revoke = (seconds: number) => ({
        content: other('revoke'),
        occurredAt: at(seconds),
        more: { amends: { kind: 'revoke', providerMessageId: wamid } as const },
      })

      it('an edit replaces what was said', async () => {
        await say({ ...edit('Pago amanhã', 60), wamid: 'edit-1' })
        expect(await shown()).toMatchObject([{ content: text('Pago amanhã'), editedAt: at(60) }])
      })

      it('an edit keeps what came along', async () => {
        const metadata = { forwarded: true }
        wamid = fresh('wamid')
        await say({ wamid, occurredAt: at(0), more: { metadata } })
        await say(edit('Outra', 60))
        await say(edit('E outra', 61))
        expect((await shown())[1]).toMatchObject({ content: text('E outra'), metadata })
      })

      it('the newest edit wins in any order, and copies change nothing', async () => {
        const copy = { ...edit('dois', 20), wamid: 'edit-2' }
        expect(await say(copy)).toMatchObject({ inboundStored: 1 })
        expect(await say(edit('um', 10))).toMatchObject({ inboundStored: 0 })
        expect(await say(copy)).toMatchObject({ inboundStored: 0 })
        expect(await shown()).toMatchObject([{ content: text('dois'), editedAt: at(20) }])
      })

      it('what is taken back is gone and stays gone', async () => {
        await say(revoke(30))
        await say(edit('de novo', 40))
        const [message] = await shown()
        expect(message).toMatchObject({ content: undefined, revokedAt: at(30) })
        expect(await shown()).toHaveLength(1)
      })

      it.each(['edit', 'revoke'])('%s by somebody else changes nothing', async (kind) => {
        const wanted = kind === 'edit' ? edit('hacked', 10) : revoke(10)
        await apply(world, inbound(tenant, { ...wanted, phone: freshPhone() }))
        expect(await shown()).toMatchObject([{ content: text('Pago amanha') }])
      })

      it('one that finds no message is kept as what it is', async () => {
        const amends = { kind: 'revoke', providerMessageId: 'nobody-knows' } as const
        await say({ content: other('revoke'), more: { amends } })
        expect((await shown())[1]).toMatchObject({ content: other('revoke') })
      })
    })

    describe('a word against being written to', () => {
      const word = (said: OptOutWord, seconds: number, wamid = fresh('wamid')) =>
        inbound(tenant, {
          phone,
          wamid,
          content: text(said),
          occurredAt: at(seconds),
          optOut: { word: said, confirmation: `confirmed: ${said}` },
        })
      const confirmations = async () =>
        (await shown())
          .filter(({ direction }) => direction === 'OUTBOUND')
          .map(({ content }) => content)

      it('is confirmed once, by a message that goes out', async () => {
        const stop = word('stop', 0)
        const { wakes } = await apply(world, stop)
        expect(await confirmations()).toEqual([text('confirmed: stop')])
        expect(wakes).toMatchObject([{ type: 'MESSAGE_SEND', inSeconds: 0 }])
        const [wake] = wakes
        const claimed = await claimOne(world, wake ?? { tenantId: '', taskId: '' })
        expect(claimed).toMatchObject({
          content: text('confirmed: stop'),
          recipient: { phone },
          sender: { phoneNumberId: tenant.sender.phoneNumberId },
        })
        expect(await apply(world, stop)).toMatchObject({ inboundStored: 0, wakes: [] })
        expect(await confirmations()).toHaveLength(1)
      })

      it('said again it changes nothing and is not confirmed again', async () => {
        await apply(world, word('stop', 0))
        expect(await apply(world, word('stop', 5))).toMatchObject({ inboundStored: 1, wakes: [] })
      })

      it('a resumption without a stop is only a word', async () => {
        expect(await apply(world, word('resume', 0))).toMatchObject({ wakes: [] })
      })

      it('is not confirmed where the tenant wants no confirmation', async () => {
        const silent = { ...word('stop', 0), optOut: { word: 'stop', confirmation: undefined } }
        expect(await apply(world, silent as RoutedEvent)).toMatchObject({ wakes: [] })
      })

      it('the newest word wins whatever the order of arrival', async () => {
        const words = fc.uniqueArray(
          fc.record({ said: fc.constantFrom<OptOutWord>('stop', 'resume'), second: fc.nat(6) }),
          { minLength: 1, maxLength: 6, selector: ({ said, second }) => `${said}${second}` },
        )
        await fc.assert(
          fc.asyncProperty(words, async (story) => {
            phone = freshPhone()
            for (const { said, second } of story) await apply(world, word(said, second))
            const newest = (wanted: OptOutWord) =>
              Math.max(-1, ...story.filter(({ said }) => said === wanted).map((w) => w.second))
            // Of two words in one second the stop counts.
            const isOut = newest('stop') >= 0 && newest('stop') >= newest('resume')
            const { wakes } = await apply(world, word('resume', 100))
            expect(wakes).toHaveLength(isOut ? 1 : 0)
          }),
          { numRuns: 40 },
        )
      })
    })

    describe('how a person is known', () => {
      const system = (from: PersonAddress, nowKnownAs: PersonAddress) =>
        inbound(tenant, {
          content: { type: 'system', event: 'number-changed' },
          more: { from, nowKnownAs },
        })

      it('news of a person is in the thread, and nothing else happens', async () => {
        await say({})
        await world.setChatStatus(tenant.tenantId, chatId, 'CLOSED')
        const before = await chat()
        const next = freshPhone()
        await apply(world, system({ waId: phone.slice(1) }, { waId: next.slice(1) }))
        expect((await shown())[1]).toMatchObject({
          direction: 'INBOUND',
          content: { type: 'system' },
        })
        const after = await chat()
        expect(after).toMatchObject({ status: 'CLOSED', unreadCount: 1 })
        expect(after?.lastActivityAt).toBe(before?.lastActivityAt)
        expect(after?.person.contacts).toEqual([whatsapp(next)])
      })

      it('is written to under the new number, and known by both', async () => {
        const next = freshPhone()
        await apply(world, system({ waId: phone.slice(1) }, { waId: next.slice(1) }))
        const claimed = await claimOne(world, await accept(world, tenant, { chatId }))
        expect(claimed.recipient).toEqual({ phone: next })
        await say({})
        await say({ phone: next })
        expect(await allChats(world, tenant)).toHaveLength(1)
      })

      it('two contacts that turn out to be one become one, the older', async () => {
        const userId = fresh('BR.1')
        await apply(world, inbound(tenant, { userId, content: text('sou eu') }))
        await say({ occurredAt: at(0) })
        expect(await allChats(world, tenant)).toHaveLength(2)
        await apply(world, system({ waId: phone.slice(1) }, { userId }))
        const chats = await allChats(world, tenant)
        expect(chats.map(({ status }) => status).toSorted()).toEqual(['ACTIVE', 'CLOSED'])
        expect(new Set(chats.map(({ person }) => person.personId)).size).toBe(1)
        expect(chats.find(({ status }) => status === 'CLOSED')?.mergedIntoChatId).toBe(chatId)
        await apply(world, inbound(tenant, { userId, content: text('e agora') }))
        expect((await shown()).at(-1)).toMatchObject({ content: text('e agora') })
      })

      it('two persons whom the business knows as two stay two', async () => {
        const other = freshPhone()
        await openChat(world, tenant, { contacts: [whatsapp(other)] })
        await apply(world, system({ waId: phone.slice(1) }, { waId: other.slice(1) }))
        const chats = await allChats(world, tenant)
        expect(new Set(chats.map(({ person }) => person.externalId)).size).toBe(2)
        expect(chats.every(({ status }) => status === 'ACTIVE')).toBe(true)
      })

      it('a user id tells more than a number that had another owner', async () => {
        const userId = fresh('BR.2')
        await apply(world, inbound(tenant, { userId }))
        await say({ userId })
        expect(await shown()).toEqual([])
      })

      it('a parent id alone is enough', async () => {
        const parentUserId = fresh('BR.ENT')
        const written = () => inbound(tenant, { more: { from: { parentUserId } } })
        await apply(world, written())
        await apply(world, written())
        const unread = (await allChats(world, tenant)).map(({ unreadCount }) => unreadCount)
        expect(unread.toSorted()).toEqual([0, 2])
      })

      it('two first messages at once, by number and by user id, open one chat', async () => {
        for (let round = 0; round < 20; round += 1) {
          const stranger = { phone: freshPhone(), userId: fresh('BR.3') }
          const before = (await allChats(world, tenant)).length
          await Promise.all([
            apply(world, inbound(tenant, { phone: stranger.phone })),
            apply(world, inbound(tenant, stranger)),
          ])
          expect(await allChats(world, tenant)).toHaveLength(before + 1)
        }
      })
    })

    describe('what the business wrote on its own phone', () => {
      const echo = (wamid: string, more: Partial<EchoEvent> = {}): RoutedEvent => ({
        tenantId: tenant.tenantId,
        senderId: tenant.senderId,
        event: {
          kind: 'echo',
          channel: 'WHATSAPP',
          sender: tenant.sender,
          providerMessageId: wamid,
          to: { waId: phone.slice(1) },
          occurredAt: at(0),
          content: text('Bom dia, aqui é a Aurora'),
          ...more,
        },
      })

      it('is in the thread as sent, once, and unread by nobody', async () => {
        const wamid = fresh('wamid')
        expect(await apply(world, echo(wamid), echo(wamid))).toMatchObject({
          echoesStored: 1,
          wakes: [],
        })
        expect(await apply(world, echo(wamid))).toMatchObject({ echoesStored: 0 })
        expect(await shown()).toMatchObject([
          {
            direction: 'OUTBOUND',
            status: 'SENT',
            content: text('Bom dia, aqui é a Aurora'),
            occurredAt: at(0),
          },
        ])
        expect(await chat()).toMatchObject({ unreadCount: 0 })
      })

      it('has reports, before and after', async () => {
        const [early, late] = [fresh('wamid'), fresh('wamid')]
        await apply(world, report(tenant, { wamid: early, status: 'READ' }))
        await apply(world, echo(early), echo(late, { occurredAt: at(1) }))
        await apply(world, report(tenant, { wamid: late, status: 'DELIVERED' }))
        expect((await shown()).map(({ status }) => status)).toEqual(['READ', 'DELIVERED'])
      })

      it('to a stranger opens a chat; what we send later is behind nothing', async () => {
        phone = freshPhone()
        await apply(world, echo(fresh('wamid')))
        const opened = (await allChats(world, tenant)).find((each) => each.chatId !== chatId)
        expect(opened).toMatchObject({ status: 'ACTIVE', person: { contacts: [whatsapp(phone)] } })
        await send(world, tenant, opened?.chatId ?? '')
      })

      it('is answered by what quotes it', async () => {
        const wamid = fresh('wamid')
        await apply(world, echo(wamid))
        await say({ replyTo: wamid })
        const [ours, theirs] = await shown()
        expect(theirs?.replyToMessageId).toBe(ours?.messageId)
      })
    })

    it('shows the prices of the newest report that tells them, and why it failed', async () => {
      const priced = await send(world, tenant, chatId)
      const tell = (status: 'SENT' | 'DELIVERED' | 'READ', seconds: number, category?: string) =>
        report(tenant, {
          wamid: priced.wamid,
          status,
          occurredAt: at(seconds),
          ...(category !== undefined && { pricing: { category, billable: true } }),
        })
      await apply(world, tell('DELIVERED', 2, 'utility'), tell('SENT', 1, 'service'))
      await apply(world, tell('READ', 3))
      const pricing = { category: 'utility', billable: true }
      expect(await messageOf(world, tenant, priced)).toMatchObject({ pricing })
      const failed = await send(world, tenant, chatId)
      const failure = { code: 131049, reason: 'ecosystem-limit' } as const
      await apply(world, report(tenant, { wamid: failed.wamid, status: 'FAILED', failure }))
      expect(await messageOf(world, tenant, failed)).toMatchObject({ failureClass: 'permanent' })
    })
  })
}

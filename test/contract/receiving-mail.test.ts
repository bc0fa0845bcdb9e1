import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeChatToken } from '#shared/domain/email-thread.ts'
import {
  fixture,
  freshMail,
  type MailTenant,
  mailContact,
  openReceivingWorld,
  type ReceivingWorld,
  written,
} from '#test/support/receiving-world.ts'
import {
  accept,
  acceptedAs,
  allChats,
  claimOne,
  fresh,
  openChat,
  settle,
  thread,
} from '#test/support/stores-world.ts'

const address = 'chat+01j9abcdefghijkl@in.exemplo.com.br'
const chatId = '<chat.01j9abcdefghijkl@exemplo.com.br>'
const sesId = '0103019a2b3c4d5e-00000000-aaaa-bbbb-cccc-000000000000-000000'
const stored = { stored: 1, copies: 0, parked: 0, ignored: 0, gone: 0, woken: 0 }
const copy = { ...stored, stored: 0, copies: 1 }

let world: ReceivingWorld
let tenant: MailTenant

beforeAll(async () => {
  world = await openReceivingWorld()
  tenant = await world.addMailTenant()
})
afterAll(() => world.close())

const open = (mail = freshMail()) => openChat(world, tenant, { contacts: [mailContact(mail)] })
const shown = (chat: { readonly chatId: string }) => thread(world, tenant, chat.chatId)
const chatOf = async ({ chatId: wanted }: { readonly chatId: string }) =>
  (await allChats(world, tenant)).find((each) => each.chatId === wanted)

/** A mail of ours that SES took, by its id there. */
async function sendMail(chat: { readonly chatId: string }): Promise<string> {
  const content = { type: 'email', subject: 'Cobrança', text: 'Vence hoje.' } as const
  const accepted = await accept(world, tenant, { chatId: chat.chatId, channel: 'EMAIL', content })
  const providerMessageId = `${crypto.randomUUID()}-000000`
  await settle(world, await claimOne(world, accepted), acceptedAs(providerMessageId))
  return providerMessageId
}

describe('a reply finds its chat', () => {
  it.each([
    ['gmail-pt', 'Ana Souza <ana@cliente.com.br>', 'Bom dia! Já paguei ontem'],
    ['outlook-pt', 'Rui Lima <Rui@Empresa.com.br>', 'Prezados,'],
    ['apple-pt', 'Bia Reis <bia@icloud.com>', 'Não reconheço essa cobrança.'],
  ])('by the token, as %s writes it, apart from what it quotes', async (name, author, text) => {
    const mail = freshMail()
    const chat = await open(mail)
    const to = await world.tokenAddress(tenant, chat.chatId)
    const messageId = `<${fresh('id')}@mail>`
    const raw = await fixture(name, { [address]: to, [author]: `Ana <${mail}>` })
    const once = raw.replace(/^Message-I[dD]:.*$/m, `Message-ID: ${messageId}`)
    expect(await world.hand(once, { recipients: [to.toUpperCase()] })).toEqual(stored)
    const [message] = await shown(chat)
    expect(message).toMatchObject({
      direction: 'INBOUND',
      channel: 'EMAIL',
      status: 'RECEIVED',
      content: {
        type: 'email',
        text: expect.stringMatching(new RegExp(`^${text}`)),
        quotedText: expect.stringContaining('vence hoje'),
      },
      metadata: { from: { address: mail }, verdicts: { dmarc: 'PASS' } },
    })
    expect(JSON.stringify(message?.metadata)).not.toMatch(/automatic|unverified/)
    expect(await chatOf(chat)).toMatchObject({ unreadCount: 1, lastMessageId: message?.messageId })
  })

  it('by our id in References, when it went to the sender itself', async () => {
    const chat = await open()
    const own = (await world.tokenAddress(tenant, chat.chatId)).replace(/^chat\+(.*)@.*$/, '$1')
    const raw = await fixture('gmail-pt', {
      [chatId]: `<chat.${own}@${tenant.replyDomain}>`,
      'Message-ID: <CAF123=abc_DEF@mail.gmail.com>': `Message-ID: <${fresh('g')}@mail.gmail.com>`,
    })
    expect(await world.hand(raw, { recipients: [tenant.fromAddress] })).toEqual(stored)
    expect(await shown(chat)).toHaveLength(1)
  })

  it("by SES's id, which is all that iOS keeps, and names the message it answers", async () => {
    const chat = await open()
    const providerMessageId = await sendMail(chat)
    const raw = await fixture('apple-pt', {
      [sesId]: providerMessageId,
      '<0C1B2A3D-4E5F@icloud.com>': `<${fresh('a')}@icloud.com>`,
    })
    expect(await world.hand(raw, { recipients: [tenant.fromAddress] })).toEqual(stored)
    const [sent, reply] = await shown(chat)
    expect(reply).toMatchObject({ direction: 'INBOUND', replyToMessageId: sent?.messageId })
  })

  it('by the Message-ID of a mail that came in before', async () => {
    const mail = freshMail()
    const chat = await open(mail)
    const first = `<${fresh('first')}@cliente.com.br>`
    const recipients = [tenant.fromAddress]
    await world.hand(written(mail, [`Message-ID: ${first}`]), { recipients })
    const copied = written('colega@cliente.com.br', [`In-Reply-To: ${first}`])
    expect(await world.hand(copied, { recipients })).toEqual(stored)
    const [one, other] = await shown(chat)
    expect(other).toMatchObject({
      replyToMessageId: one?.messageId,
      metadata: { from: { address: 'colega@cliente.com.br' } },
    })
  })

  it('by who wrote it, whatever the case, and anybody else opens one under their name', async () => {
    const mail = freshMail()
    const chat = await open(mail)
    const recipients = [`qualquer@${tenant.replyDomain}`]
    await world.hand(written(mail.toUpperCase()), { recipients })
    expect(await shown(chat)).toHaveLength(1)
    const stranger = freshMail()
    expect(await world.hand(written(`Leo <${stranger}>`), { recipients })).toEqual(stored)
    const [newest] = await allChats(world, tenant)
    expect(newest).toMatchObject({
      status: 'ACTIVE',
      person: { name: 'Leo', contacts: [{ channel: 'EMAIL', address: stranger }] },
      unreadCount: 1,
    })
  })

  it('closed or archived, by the rules of every channel', async () => {
    const chat = await open()
    const to = await world.tokenAddress(tenant, chat.chatId)
    const write = () => world.hand(written(freshMail()), { recipients: [to] })
    await world.setChatStatus(tenant.tenantId, chat.chatId, 'CLOSED')
    await write()
    expect(await chatOf(chat)).toMatchObject({ status: 'ACTIVE', unreadCount: 1 })
    await world.setChatStatus(tenant.tenantId, chat.chatId, 'ARCHIVED')
    await write()
    await write()
    expect(await chatOf(chat)).toMatchObject({ status: 'ARCHIVED', unreadCount: 1 })
    const others = (await allChats(world, tenant)).filter(
      ({ person, chatId: id }) => person.personId === chat.person.personId && id !== chat.chatId,
    )
    expect(others).toMatchObject([{ status: 'ACTIVE', unreadCount: 2 }])
  })

  it('that is left when two became one', async () => {
    const mail = freshMail()
    const older = await open()
    await world.hand(written(mail), { recipients: [tenant.fromAddress] })
    const [newer] = await allChats(world, tenant)
    const to = await world.tokenAddress(tenant, newer?.chatId ?? '')
    const externalId = older.person.externalId
    const both = [mailContact(String(older.person.contacts[0]?.address)), mailContact(mail)]
    await openChat(world, tenant, { contacts: both, ...(externalId && { externalId }) })
    expect(await world.hand(written('x@y.com.br'), { recipients: [to] })).toEqual(stored)
    expect(await shown(older)).toHaveLength(1)
  })

  it('and never one of another tenant', async () => {
    const other = await world.addMailTenant()
    const chat = await open()
    const token = (await world.tokenAddress(tenant, chat.chatId)).match(/x(\w+)@/)?.[1] ?? ''
    const { tenantId, replyDomain } = other
    const to = `chat+${writeChatToken({ tenantId, token })}@${replyDomain}`
    expect(await world.hand(written(freshMail()), { recipients: [to] })).toEqual(stored)
    expect(await shown(chat)).toEqual([])
    expect(await allChats(world, other)).toHaveLength(1)
  })

  it('in each tenant that it went to', async () => {
    const other = await world.addMailTenant()
    const recipients = [tenant.fromAddress, other.fromAddress, tenant.fromAddress]
    const outcome = await world.hand(written(freshMail()), { recipients })
    expect(outcome).toEqual({ ...stored, stored: 2 })
    expect(await allChats(world, other)).toHaveLength(1)
  })

  it('of a domain that two share only by what it answers', async () => {
    const other = await world.addMailTenant(tenant.replyDomain)
    const recipients = [`oi@${tenant.replyDomain}`]
    const mail = freshMail()
    const chat = await openChat(world, other, { contacts: [mailContact(mail)] })
    const token = (await world.tokenAddress(other, chat.chatId)).match(/\+(\w+)@/)?.[1]
    const line = `References: <chat.${token}@${tenant.replyDomain}>`
    expect(await world.hand(written(mail, [line]), { recipients })).toEqual(stored)
    expect(await thread(world, other, chat.chatId)).toHaveLength(1)
    await world.owner.query('update senders set reply_domain = null where tenant_id = $1', [
      other.tenantId,
    ])
  })
})

describe('a mail is stored once', () => {
  it('told of twice', async () => {
    const mail = freshMail()
    const chat = await open(mail)
    const handed = { recipients: [tenant.fromAddress], sesMessageId: fresh('twice') }
    expect(await world.hand(written(mail), handed)).toEqual(stored)
    expect(await world.hand(written(mail), handed)).toEqual(copy)
    expect(await shown(chat)).toHaveLength(1)
  })

  it('taken twice by SES under two ids, at the same time too', async () => {
    const mail = freshMail()
    const chat = await open(mail)
    const raw = written(mail, [`Message-ID: <${fresh('id')}@cliente.com.br>`])
    const outcomes = await Promise.all(
      Array.from({ length: 4 }, () => world.hand(raw, { recipients: [tenant.fromAddress] })),
    )
    expect(outcomes.reduce((sum, outcome) => sum + outcome.stored, 0)).toBe(1)
    expect(outcomes.reduce((sum, outcome) => sum + outcome.copies, 0)).toBe(3)
    expect(await shown(chat)).toHaveLength(1)
  })

  it('though somebody else writes under the same Message-ID', async () => {
    const lines = [`Message-ID: <${fresh('id')}@cliente.com.br>`]
    const recipients = [tenant.fromAddress]
    expect(await world.hand(written(freshMail(), lines), { recipients })).toEqual(stored)
    expect(await world.hand(written(freshMail(), lines), { recipients })).toEqual(stored)
  })

  it('in one call of the database', async () => {
    const mail = freshMail()
    const chat = await open(mail)
    const to = await world.tokenAddress(tenant, chat.chatId)
    await world.hand(written(mail), { recipients: [to] })
    world.endpoint.resetCalls()
    const raw = await fixture('gmail-pt', { 'CAF123=abc_DEF': fresh('id') })
    expect(await world.hand(raw, { recipients: [to] })).toEqual(stored)
    expect(world.endpoint.calls().map(({ sql }) => sql)).toEqual([
      'select * from store_mails_v1(:input::jsonb)',
    ])
    expect(world.signalled).toContain(tenant.tenantId)
  })
})

describe('the files of a mail', () => {
  it('lie in the bucket and in the message, as they came', async () => {
    const chat = await open()
    const to = await world.tokenAddress(tenant, chat.chatId)
    const raw = await fixture('gmail-pt', { 'CAF123=abc_DEF': fresh('id') })
    await world.hand(raw, { recipients: [to] })
    const [message] = await shown(chat)
    const content = message?.content
    if (content?.type !== 'email') throw new Error('it is no mail')
    expect(content.attachments).toEqual([
      { mediaId: expect.any(String), filename: 'comprovante nº 1.pdf' },
    ])
    const mediaId = content.attachments?.[0]?.mediaId
    const { rows } = await world.owner.query('select * from media where media_id = $1', [mediaId])
    const bytes = Buffer.from('%PDF-1.7 comprovante')
    expect(rows).toMatchObject([
      {
        direction: 'INBOUND',
        state: 'STORED',
        kind: 'document',
        mime_type: 'application/pdf',
        size_bytes: String(bytes.length),
        sha256: createHash('sha256').update(bytes).digest(),
        message_id: message?.messageId,
        object_key: `media/${tenant.tenantId}/${mediaId}`,
      },
    ])
    expect(Buffer.from(await world.file(rows[0].object_key))).toEqual(bytes)
  })

  it('may be empty', async () => {
    const mail = freshMail()
    const chat = await open(mail)
    const type = ['MIME-Version: 1.0', 'Content-Type: image/png; name="vazio.png"']
    const raw = written(mail, [...type, 'Content-Disposition: attachment'], '')
    expect(await world.hand(raw, { recipients: [tenant.fromAddress] })).toEqual(stored)
    const [message] = await shown(chat)
    expect(message?.content).toMatchObject({ text: '', attachments: [{ filename: 'vazio.png' }] })
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  fixture,
  freshMail,
  type MailTenant,
  mailContact,
  openReceivingWorld,
  parkedReasons,
  type ReceivingWorld,
  written,
} from '#test/support/receiving-world.ts'
import {
  accept,
  allChats,
  claim,
  fresh,
  openChat,
  thread,
  wish,
} from '#test/support/stores-world.ts'

const stored = { stored: 1, copies: 0, parked: 0, ignored: 0, gone: 0, woken: 0 }
const parked = { ...stored, stored: 0, parked: 1 }
const nothingVouches = { dmarc: 'GRAY', spf: 'FAIL', dkim: 'FAIL' }

let world: ReceivingWorld
let tenant: MailTenant

beforeAll(async () => {
  world = await openReceivingWorld()
  tenant = await world.addMailTenant()
})
afterAll(() => world.close())

const open = (mail = freshMail()) => openChat(world, tenant, { contacts: [mailContact(mail)] })
const shown = (chat: { readonly chatId: string }) => thread(world, tenant, chat.chatId)
const chatOf = async ({ chatId }: { readonly chatId: string }) => {
  const found = (await allChats(world, tenant)).find((each) => each.chatId === chatId)
  if (found === undefined) throw new Error(`there is no chat ${chatId}`)
  return found
}
const count = async (sql: string) =>
  Number((await world.owner.query(`select count(*) from ${sql}`)).rows[0].count)
const sends = () => count(`tasks where type = 'MESSAGE_SEND'`)
const mailOf = (text: string) => ({ type: 'email', subject: 'Oi', text }) as const

describe('what a program wrote', () => {
  it.each([
    ['out-of-office-pt', 'auto-reply'],
    ['bounce', 'bounce'],
    ['newsletter', 'list'],
  ])('is kept in its chat and moves nothing: %s', async (name, automatic) => {
    const chat = await open()
    const to = await world.tokenAddress(tenant, chat.chatId)
    await world.setChatStatus(tenant.tenantId, chat.chatId, 'CLOSED')
    const [chats, before] = [(await allChats(world, tenant)).length, await sends()]
    const raw = (await fixture(name)).replace(/^Message-ID:.*$/m, `Message-ID: <${fresh('id')}@x>`)
    expect(await world.hand(raw, { recipients: [to] })).toEqual(stored)
    expect(await shown(chat)).toMatchObject([{ status: 'RECEIVED', metadata: { automatic } }])
    expect(await chatOf(chat)).toMatchObject({
      status: 'CLOSED',
      unreadCount: 0,
      lastMessageId: undefined,
      lastActivityAt: chat.lastActivityAt,
    })
    expect(await allChats(world, tenant)).toHaveLength(chats)
    expect(await sends()).toBe(before)
  })

  it('is numbered: what comes after it comes after it', async () => {
    const mail = freshMail()
    const chat = await open(mail)
    const recipients = [await world.tokenAddress(tenant, chat.chatId)]
    await world.hand(written(mail, ['Auto-Submitted: auto-replied'], 'férias'), { recipients })
    await world.hand(written(mail, [], 'voltei'), { recipients })
    expect((await shown(chat)).map(({ sequence }) => sequence)).toEqual(['1', '2'])
    expect(await chatOf(chat)).toMatchObject({ unreadCount: 1 })
  })

  it('does not count as having written', async () => {
    const mail = freshMail()
    await open(mail)
    const [heard, identities] = [await count('contact_senders'), await count('contact_identities')]
    const raw = written(mail, ['Auto-Submitted: auto-replied'])
    expect(await world.hand(raw, { recipients: [tenant.fromAddress] })).toEqual(stored)
    expect(await count('contact_senders')).toBe(heard)
    expect(await count('contact_identities')).toBe(identities)
    await world.hand(written(mail), { recipients: [tenant.fromAddress] })
    expect(await count('contact_senders')).toBe(heard + 1)
  })

  it.each([
    ['bounce', 'bounce'],
    ['newsletter', 'list'],
    ['out-of-office-pt', 'auto-reply'],
  ])('opens no chat of its own: %s is parked', async (name, automatic) => {
    const other = await world.addMailTenant()
    const raw = await fixture(name)
    expect(await world.hand(raw, { recipients: [other.fromAddress] })).toEqual(parked)
    expect(await parkedReasons(world, other.tenantId)).toEqual([automatic])
    expect(await allChats(world, other)).toEqual([])
  })

  it('is never answered, whatever it says: two programs stop after none', async () => {
    const mail = freshMail()
    const chat = await open(mail)
    const recipients = [await world.tokenAddress(tenant, chat.chatId)]
    const before = await sends()
    for (const word of ['SAIR', 'VOLTAR', 'SAIR']) {
      const raw = written(mail, ['Auto-Submitted: auto-replied'], word)
      expect(await world.hand(raw, { recipients })).toEqual(stored)
    }
    expect(await sends()).toBe(before)
    expect(await count(`opt_outs where tenant_id = ${tenant.tenantId}`)).toBe(0)
  })

  it('is never answered when it is one of ours that came back', async () => {
    const chat = await open()
    const to = await world.tokenAddress(tenant, chat.chatId)
    const raw = written(tenant.fromAddress, [`X-Recado-Attempt: ${crypto.randomUUID()}`], 'SAIR')
    expect(await world.hand(raw, { recipients: [to] })).toEqual(stored)
    expect(await shown(chat)).toMatchObject([{ metadata: { automatic: 'own' } }])
  })
})

describe('a word against being written to', () => {
  it('is taken once and told by mail once', async () => {
    const mail = freshMail()
    const chat = await open(mail)
    const recipients = [await world.tokenAddress(tenant, chat.chatId)]
    const say = (text: string) => world.hand(written(mail, [], text), { recipients })
    expect(await say('Sair.\r\n\r\nAna Souza\r\nCliente Ltda.')).toEqual({ ...stored, woken: 1 })
    expect(await world.wakeUps()).toHaveLength(1)
    const [, confirmation] = await shown(chat)
    expect(confirmation).toMatchObject({
      direction: 'OUTBOUND',
      channel: 'EMAIL',
      status: 'QUEUED',
      content: {
        type: 'email',
        subject: 'Re: Pergunta',
        text: expect.stringContaining('responda VOLTAR'),
      },
    })
    const refused = wish(tenant, chat.chatId, { channel: 'EMAIL', content: mailOf('Vence hoje') })
    expect(await say('SAIR')).toEqual(stored)
    expect(await world.messages.accept(refused)).toMatchObject({ code: 'opted-out' })
    expect(await say('voltar')).toEqual({ ...stored, woken: 1 })
  })

  it('counts for the address that is written to, whichever one said it', async () => {
    const mail = freshMail()
    const chat = await open(mail)
    const recipients = [await world.tokenAddress(tenant, chat.chatId)]
    await world.hand(written('outra@pessoa.com.br', [], 'SAIR'), { recipients })
    const { rows } = await world.owner.query(
      `select task_id::text as "taskId", tenant_id::text as "tenantId" from tasks
       where chat_id = $1 and type = 'MESSAGE_SEND'`,
      [chat.chatId],
    )
    expect(rows).toHaveLength(1)
    expect(await claim(world, rows[0])).toMatchObject([
      { channel: 'EMAIL', recipient: { email: mail }, content: { type: 'email' } },
    ])
  })

  it('of whom nothing vouches for is no word, unless the chat’s token does', async () => {
    const mail = freshMail()
    const chat = await open(mail)
    const raw = written(mail, [], 'SAIR')
    const say = (to: string) => world.hand(raw, { recipients: [to], verdicts: nothingVouches })
    expect(await say(tenant.fromAddress)).toEqual(stored)
    const [spoofed] = await shown(chat)
    expect(spoofed?.metadata).toMatchObject({ unverified: true })
    expect(await say(await world.tokenAddress(tenant, chat.chatId))).toEqual({
      ...stored,
      woken: 1,
    })
  })
})

describe('another address with the token of a chat', () => {
  const write = async (chat: { chatId: string }, from: string, verdicts = {}) =>
    world.hand(written(from), {
      recipients: [await world.tokenAddress(tenant, chat.chatId)],
      verdicts,
    })
  const addresses = async (chat: { chatId: string }) =>
    (await chatOf(chat)).person.contacts.map(({ address }) => address)

  it('becomes one of its person when its domain vouches for it', async () => {
    const other = freshMail()
    const chat = await open()
    expect(await write(chat, other)).toEqual(stored)
    await world.hand(written(other), { recipients: [tenant.fromAddress] })
    expect(await shown(chat)).toHaveLength(2)
  })

  it('is not written to, however often it writes', async () => {
    const [mail, other] = [freshMail(), freshMail()]
    const chat = await open(mail)
    await write(chat, mail)
    await write(chat, other)
    await write(chat, other)
    const accepted = await accept(world, tenant, {
      chatId: chat.chatId,
      channel: 'EMAIL',
      content: mailOf('Vence hoje'),
    })
    expect(await claim(world, accepted)).toMatchObject([{ recipient: { email: mail } }])
  })

  it('stays a stranger when nothing vouches for it', async () => {
    const [mail, other] = [freshMail(), freshMail()]
    const chat = await open(mail)
    expect(await write(chat, other, nothingVouches)).toEqual(stored)
    expect(await write(chat, freshMail(), { dmarc: 'GRAY' })).toEqual(stored)
    await world.hand(written(other), { recipients: [tenant.fromAddress] })
    expect(await addresses(chat)).toEqual([mail])
    expect(await shown(chat)).toMatchObject([
      { metadata: { from: { address: other }, unverified: true } },
      { metadata: { verdicts: { dmarc: 'GRAY' } } },
    ])
  })

  it('stays with its own person when it has one', async () => {
    const [mail, other] = [freshMail(), freshMail()]
    const [chat, own] = [await open(mail), await open(other)]
    expect(await write(chat, other)).toEqual(stored)
    expect(await addresses(chat)).toEqual([mail])
    expect(await addresses(own)).toEqual([other])
    expect(await shown(own)).toEqual([])
  })
})

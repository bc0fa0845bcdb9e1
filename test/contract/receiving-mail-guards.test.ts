import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeChatToken } from '#shared/domain/email-thread.ts'
import {
  enveloped,
  fixture,
  freshMail,
  type MailTenant,
  mailContact,
  notification,
  openReceivingWorld,
  parkedReasons,
  type ReceivingWorld,
  written,
} from '#test/support/receiving-world.ts'
import { allChats, fresh, openChat, thread } from '#test/support/stores-world.ts'

const foreignTopic = 'arn:aws:sns:sa-east-1:111122223333:of-somebody-else'
const alarm = (reason: string, items: number) => [
  'SenderUnknown',
  { channel: 'EMAIL', reason, items },
]
const stored = { stored: 1, copies: 0, parked: 0, ignored: 0, gone: 0, woken: 0 }
const parked = { ...stored, stored: 0, parked: 1 }

/** The world's own directory loads every now and then. */
const directorySql = `jsonb_build_object('kind', 'tenant'`

let world: ReceivingWorld
let tenant: MailTenant

beforeAll(async () => {
  world = await openReceivingWorld()
  tenant = await world.addMailTenant()
})
afterAll(() => world.close())

const open = (mail = freshMail()) => openChat(world, tenant, { contacts: [mailContact(mail)] })
const shown = (chat: { readonly chatId: string }) => thread(world, tenant, chat.chatId)

describe('a mail that nobody may see', () => {
  const spoofed = { dmarc: 'FAIL', spf: 'FAIL', dkim: 'FAIL' }

  it.each([
    ['virus', { verdicts: { virus: 'FAIL' } }],
    ['spam', { verdicts: { spam: 'FAIL' } }],
    ['unverified', { verdicts: spoofed, dmarcPolicy: 'reject' }],
    ['unverified', { verdicts: spoofed, dmarcPolicy: 'quarantine' }],
  ])('is parked for %s, without a file written', async (reason, verdict) => {
    const other = await world.addMailTenant()
    const mail = freshMail()
    const chat = await openChat(world, other, { contacts: [mailContact(mail)] })
    const before = await world.fileKeys()
    const raw = await fixture('gmail-pt', { 'ana@cliente.com.br': mail })
    const twice = { sesMessageId: fresh('bad'), occurredAt: '2026-11-23T12:00:00.000Z' }
    const handed = { recipients: [other.fromAddress], ...twice, ...verdict }
    expect(await world.hand(raw, handed)).toEqual(parked)
    expect(await world.hand(raw, handed)).toEqual(parked)
    expect(await parkedReasons(world, other.tenantId)).toEqual([reason])
    expect(await thread(world, other, chat.chatId)).toEqual([])
    expect(await world.fileKeys()).toEqual(before)
  })

  it('is parked with a token that is none, and for a virus with a true one too', async () => {
    const other = await world.addMailTenant()
    const { tenantId, replyDomain } = other
    const chat = await openChat(world, other, { contacts: [mailContact(freshMail())] })
    const to = await world.tokenAddress(other, chat.chatId)
    const guessed = writeChatToken({ tenantId, token: '0'.repeat(32) })
    const spam = { recipients: [`chat+${guessed}@${replyDomain}`], verdicts: { spam: 'FAIL' } }
    expect(await world.hand(written(freshMail()), spam)).toEqual(parked)
    const virus = { recipients: [to], verdicts: { virus: 'FAIL' } }
    expect(await world.hand(written(freshMail()), virus)).toEqual(parked)
    expect(await parkedReasons(world, tenantId)).toEqual(['spam', 'virus'])
  })

  it('is shown in the chat of its token, marked when nothing vouches for its author', async () => {
    const mail = freshMail()
    const chat = await open(mail)
    const to = await world.tokenAddress(tenant, chat.chatId)
    const write = (more: object) => world.hand(written(mail), { recipients: [to], ...more })
    expect(await write({ verdicts: { spam: 'FAIL' } })).toEqual(stored)
    expect(await write({ verdicts: spoofed, dmarcPolicy: 'reject' })).toEqual(stored)
    const [spam, unverified] = await shown(chat)
    expect(spam?.metadata).toMatchObject({ verdicts: { spam: 'FAIL' } })
    expect(spam?.metadata).not.toHaveProperty('unverified')
    expect(unverified?.metadata).toMatchObject({ unverified: true })
  })

  it('is parked with the deployment when it is nobody’s, or lies elsewhere', async () => {
    const before = await parkedReasons(world, '0')
    const recipients = ['alguem@outra.com.br']
    expect(await world.hand(written(freshMail()), { recipients })).toEqual(parked)
    const elsewhere = { recipients: [tenant.fromAddress], bucket: 'of-somebody-else' }
    expect(await world.hand(written(freshMail()), elsewhere)).toEqual(parked)
    expect(await parkedReasons(world, '0')).toEqual([...before, 'sender-unknown', 'bucket-unknown'])
  })

  it('is parked unread when another topic tells of it', async () => {
    const before = await parkedReasons(world, '0')
    const handed = { recipients: [tenant.fromAddress], topicArn: foreignTopic }
    expect(await world.hand(written(freshMail()), handed)).toEqual(parked)
    expect(await parkedReasons(world, '0')).toEqual([...before, 'topic-unknown'])
    expect(world.raised.at(-1)).toEqual(alarm('topic-unknown', 1))
  })

  it('tells operators of what came to nobody, once a batch', async () => {
    const told = world.raised.length
    const lost = { recipients: ['alguem@outra.com.br'], sesMessageId: fresh('ses') }
    const own = { recipients: [tenant.fromAddress], sesMessageId: fresh('ses') }
    await world.hand(written(freshMail()), own)
    expect(world.raised).toHaveLength(told)
    await world.hand(written(freshMail()), lost)
    expect(world.raised.slice(told)).toEqual([alarm('sender-unknown', 1)])
    // SES tells of one mail as often as it likes.
    const bodies = [notification(lost), notification(own), notification(lost)]
    expect(await world.receive(bodies)).toMatchObject({ copies: 1, parked: 2 })
    expect(world.raised.slice(told + 1)).toEqual([alarm('sender-unknown', 2)])
  })

  it('is parked when it has no author and no chat', async () => {
    const other = await world.addMailTenant()
    const raw = written('a@b.com.br, c@d.com.br')
    expect(await world.hand(raw, { recipients: [other.fromAddress] })).toEqual(parked)
    expect(await parkedReasons(world, other.tenantId)).toEqual(['author-unknown'])
    expect(await allChats(world, other)).toEqual([])
  })

  it('is parked when the database refuses it, with what was begun undone', async () => {
    const other = await world.addMailTenant()
    const recipients = [other.fromAddress]
    await world.hand(written(freshMail(), ['Auto-Submitted: auto-replied']), { recipients })
    // The directory knows it for five minutes more.
    await world.owner.query('delete from senders where sender_id = $1', [other.mailSenderId])
    expect(await world.hand(written(freshMail()), { recipients })).toEqual(parked)
    expect(await parkedReasons(world, other.tenantId)).toEqual(['auto-reply', 'refused-23503'])
    expect(await allChats(world, other)).toEqual([])
  })

  it('keeps nothing in clear of what was parked', async () => {
    const { rows } = await world.owner.query(
      `select count(*)::int as kept, count(*) filter (
         where convert_from(raw, 'UTF8') ~ 'cliente|exemplo|inbound') as clear
       from parked_items where channel = 'EMAIL'`,
    )
    expect(rows[0].kept).toBeGreaterThan(0)
    expect(Number(rows[0].clear)).toBe(0)
  })

  it('comes again when its notice cannot be read, until its queue tells of it', async () => {
    const notice = { notificationType: 'Received', mail: { messageId: 'x' } }
    await expect(world.receive([enveloped(notice)])).rejects.toThrow(
      'the notice of a mail is malformed',
    )
  })

  it('and a notice of something else asks for nothing', async () => {
    const bodies = ['Successfully validated SNS topic', enveloped({ Type: 'x' })]
    expect(await world.receive(bodies)).toEqual({ ...stored, stored: 0, ignored: 2 })
  })
})

describe('a mail of a hundred thousand characters and twenty files', () => {
  it('is cut, says so, and is shown by one read', async () => {
    const mail = freshMail()
    const chat = await open(mail)
    const part = (lines: readonly string[], body: string) =>
      ['--x', ...lines, '', body, ''].join('\r\n')
    const files = Array.from({ length: 20 }, (_, index) =>
      part([`Content-Disposition: attachment; filename="${'a'.repeat(100)}${index}.txt"`], 'oi'),
    )
    const text = part([], 'a"\n'.repeat(33_000) + '> citado\n'.repeat(10_000))
    const headers = ['MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary=x']
    const raw = written(mail, headers, `${text}${files.join('')}--x--`)
    expect(await world.hand(raw, { recipients: [tenant.fromAddress] })).toEqual(stored)
    world.endpoint.resetCalls()
    const [message] = await shown(chat)
    expect(message).toMatchObject({
      content: { text: expect.stringMatching(/^a"\na"/), attachments: { length: 20 } },
      metadata: { isCut: true },
    })
    const calls = world.endpoint.calls().map(({ sql }) => sql)
    // A content over 40 KB would be read in pieces.
    expect(calls.filter((sql) => sql?.startsWith('select substring'))).toEqual([])
    expect(calls.filter((sql) => !sql?.includes(directorySql))).toHaveLength(1)
  })
})

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MailView } from '#infra/local/mail/mailbox.ts'
import { type Flow, startFlow, until } from '#test/support/stack.ts'

const pdf = Buffer.from('%PDF-1.7 um boleto')

/** Programs post mails as they post messages; people read and answer them in the mailbox. */
describe('a mail that a program posts', () => {
  let flow: Flow
  beforeAll(async () => {
    flow = await startFlow()
  })
  afterAll(() => flow.stop())

  async function person(domain = 'cliente.com.br', local = `ana-${randomUUID()}`) {
    const address = `${local}@${domain}`
    const contacts = [{ channel: 'EMAIL', address }]
    const body = { person: { externalId: randomUUID(), name: 'Ana Lima' }, contacts }
    const { json } = await flow.ask('POST /chats', { body })
    return { address, chatId: String(json?.chatId) }
  }
  const mail = (more: object = {}) => ({
    channel: 'EMAIL',
    content: {
      type: 'email',
      subject: 'Sua fatura de novembro',
      text: 'Olá, Ana! Segue a fatura.',
      ...more,
    },
  })
  const mailbox = (path: string) => `${flow.stack.parts.endpoints.ses}/_mail${path}`
  async function arrived(address: string, count = 1): Promise<readonly MailView[]> {
    const find = async () =>
      (await (await fetch(mailbox(`/messages?to=${address}`))).json()) as MailView[]
    return until(find, (mails) => mails.length === count)
  }
  const headerOf = (view: MailView | undefined, wanted: string) =>
    view?.headers.find(({ name }) => name.toLowerCase() === wanted.toLowerCase())?.value
  const becomes = (chatId: string, status: string) =>
    until(
      () => flow.thread(chatId),
      (thread) => thread.at(-1)?.status === status,
    )

  async function storedFile(): Promise<string> {
    const file = { kind: 'document', mimeType: 'application/pdf', sizeBytes: pdf.length }
    const { json } = await flow.ask('POST /media', { body: { ...file, filename: 'boleto.pdf' } })
    const { url, headers } = (json?.upload ?? {}) as {
      url: string
      headers: Record<string, string>
    }
    const { 'content-length': _, ...rest } = headers
    await fetch(url, { method: 'PUT', headers: rest, body: pdf })
    await flow.ask(`POST /media/${json?.mediaId}/complete` as `POST /${string}`)
    return String(json?.mediaId)
  }

  it('arrives with its file, shows DELIVERED, is answered, and the answer is answered', async () => {
    const { address, chatId } = await person()
    const mediaId = await storedFile()
    const html = '<p>Olá, <b>Ana</b>! Segue a fatura.</p>'
    const body = mail({ html, attachments: [{ mediaId, filename: 'fatura.pdf' }] })
    const posted = await flow.post(chatId, { body })
    expect({ status: posted.status, json: posted.json }).toMatchObject({
      status: 202,
      json: { status: 'QUEUED' },
    })
    const [view] = await arrived(address)
    expect(view).toMatchObject({ subject: 'Sua fatura de novembro' })
    expect(view?.html).toContain('<b>Ana</b>')
    expect(view?.attachments).toMatchObject([{ filename: 'fatura.pdf' }])
    expect(headerOf(view, 'List-Unsubscribe')).toBeUndefined()
    await becomes(chatId, 'DELIVERED')

    const reply = JSON.stringify({ text: 'Obrigada! Já paguei.' })
    const sent = await fetch(mailbox(`/messages/${view?.id}/reply`), {
      method: 'POST',
      body: reply,
    })
    expect(sent.status).toBe(202)
    const [, answer] = await until(
      () => flow.thread(chatId),
      (thread) => thread.length === 2,
    )
    expect(answer).toMatchObject({ direction: 'INBOUND', channel: 'EMAIL', status: 'RECEIVED' })

    await flow.post(chatId, {
      body: { ...mail({ subject: 'Re: Sua fatura' }), replyToMessageId: answer?.messageId },
    })
    const [, second] = await arrived(address, 2)
    expect(headerOf(second, 'References')?.split(/\s+/).length).toBeGreaterThan(2)
    expect(headerOf(second, 'In-Reply-To')).toBeDefined()
    expect(headerOf(second, 'Reply-To')).toBe(headerOf(view, 'Reply-To'))
  })

  it('that bounces for good shows FAILED, and the address is written to no more', async () => {
    const { chatId } = await person('simulator.amazonses.com', `bounce+${randomUUID()}`)
    expect((await flow.post(chatId, { body: mail() })).status).toBe(202)
    const thread = await becomes(chatId, 'FAILED')
    expect(thread.at(-1)).toMatchObject({ reason: 'hard-bounce' })
    expect(await flow.post(chatId, { body: mail() })).toMatchObject({
      status: 422,
      json: { code: 'suppressed' },
    })
  })

  it('of marketing is unsubscribed from with one click, and a look changes nothing', async () => {
    const unsubscribe = `${flow.stack.ready.api}/unsubscribe`
    await flow.rows('update senders set unsubscribe_url = $1 where channel = $2', [
      unsubscribe.replace('http:', 'https:'),
      'EMAIL',
    ])
    const { address, chatId } = await person()
    const offer = mail({ category: 'marketing' })
    await flow.post(chatId, { body: offer })
    const [view] = await arrived(address)
    expect(headerOf(view, 'List-Unsubscribe-Post')).toBe('List-Unsubscribe=One-Click')
    const [, url = ''] = /<(https:[^>]+)>/.exec(headerOf(view, 'List-Unsubscribe') ?? '') ?? []
    const reachable = url.replace('https:', 'http:')

    const page = await fetch(reachable)
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(await page.text()).toContain('Deixar de receber ofertas')
    const later = { ...offer, sendAt: '2090-01-01T00:00:00Z' }
    const planned =
      `/chats/${chatId}/messages/${(await flow.post(chatId, { body: later })).json?.messageId}` as const
    expect((await flow.ask(`POST ${planned}/cancel`)).status).toBe(200)

    const click = { method: 'POST', body: 'List-Unsubscribe=One-Click' }
    expect((await fetch(reachable, click)).status).toBe(200)
    expect((await fetch(reachable, click)).status).toBe(200)
    expect(await flow.post(chatId, { body: offer })).toMatchObject({
      status: 422,
      json: { code: 'opted-out' },
    })
    expect(await flow.ask(`POST ${planned}/resend`)).toMatchObject({
      status: 422,
      json: { code: 'opted-out' },
    })
    const checked = await flow.ask(`POST /chats/${chatId}/messages/check`, { body: offer })
    expect(checked.json).toMatchObject({ wouldSend: false, consent: { optedOut: true } })
    expect((await flow.post(chatId, { body: mail() })).status).toBe(202)
  })

  it.each([
    ['no subject', { subject: undefined }, 'content.subject'],
    ['a subject of two lines', { subject: 'Oi\r\nBcc: eva@example.com' }, 'content.subject'],
    ['a subject with U+2028', { subject: 'Oi\u2028Bcc: eva@example.com' }, 'content.subject'],
    ['no text', { text: ' ' }, 'content.text'],
    ['a text with U+0000', { text: 'a\u0000b' }, 'content.text'],
    ['a text that is too long', { text: 'a'.repeat(20_001) }, 'content.text'],
    [
      'eleven files',
      { attachments: Array(11).fill({ mediaId: randomUUID() }) },
      'content.attachments',
    ],
    [
      'a file with a path',
      { attachments: [{ mediaId: randomUUID(), filename: '../x' }] },
      'content.attachments.0.filename',
    ],
    ['a category of its own', { category: 'bulk' }, 'content.category'],
    ['a field that mails have not', { bcc: 'eva@example.com' }, 'content.bcc'],
  ])('with %s is refused with the path', async (_, wrong, path) => {
    const { chatId } = await person()
    const { status, json } = await flow.post(chatId, { body: mail(wrong) })
    expect({ status, code: json?.code }).toEqual({ status: 422, code: 'invalid-body' })
    expect(((json?.errors ?? []) as { path: string }[]).map((error) => error.path)).toContain(path)
  })
})

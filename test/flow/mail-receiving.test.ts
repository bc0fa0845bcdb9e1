import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoTenant } from '#infra/local/demo-tenants.ts'
import type { MailView } from '#infra/local/mail/mailbox.ts'
import { storedObjects } from '#test/support/held.ts'
import { fixture } from '#test/support/receiving-world.ts'
import { type Flow, startFlow, until } from '#test/support/stack.ts'

/** Mails go in and out through the mailbox of the stack; no row is made by hand. */
describe('a person who writes mails', () => {
  let flow: Flow

  beforeAll(async () => {
    flow = await startFlow()
  })
  afterAll(() => flow.stop())

  const mailbox = (path: string) => `${flow.stack.parts.endpoints.ses}/_mail${path}`
  async function post(path: string, body: string): Promise<string> {
    const answer = await fetch(mailbox(path), { method: 'POST', body })
    expect(answer.status).toBe(202)
    return ((await answer.json()) as { sesMessageId: string }).sesMessageId
  }
  const mailsTo = async (address: string) =>
    (await (await fetch(mailbox(`/messages?to=${address}`))).json()) as MailView[]
  /** The chat that a mail is stored in. */
  async function chatOf(sesMessageId: string): Promise<string> {
    const find = () =>
      flow.rows(
        'select chat_id::text as "chatId" from chat_messages where provider_message_id = $1',
        [sesMessageId],
      )
    const [row] = await until(find, (rows) => rows.length === 1)
    return String(row?.chatId)
  }
  const write = (from: string, more: readonly string[], text: string) =>
    post(
      '/inbound',
      [`From: ${from}`, `To: ${demoTenant.mail.fromAddress}`, ...more, '', text].join('\r\n'),
    )
  const contentOf = async (chatId: string, index: number) =>
    (await flow.thread(chatId)).at(index)?.content

  it('is answered, answers that from the mailbox, and stays in one chat', async () => {
    const ana = 'ana.flow@cliente.com.br'
    const chatId = await chatOf(await write(`Ana <${ana}>`, ['Subject: Mensagens'], 'SAIR'))
    const [confirmation] = await until(
      () => mailsTo(ana),
      (mails) => mails.length === 1,
    )
    expect(confirmation).toMatchObject({ subject: 'Re: Mensagens' })
    expect(confirmation?.text).toContain('responda VOLTAR')
    expect(confirmation?.headers).toContainEqual({ name: 'Auto-Submitted', value: 'auto-replied' })

    const quoted = 'Em seg., 23 de nov. de 2026 às 09:00, Escola Aurora <a@recado.test> escreveu:'
    const text = `Voltar\n\n${quoted}\n\n> Pronto: você não vai mais receber`
    const reply = await post(`/messages/${confirmation?.id}/reply`, JSON.stringify({ text }))
    expect(await chatOf(reply)).toBe(chatId)
    const thread = await until(
      () => flow.thread(chatId),
      (messages) => messages.length === 4,
    )
    const [asked, told, answered, toldAgain] = thread
    expect(asked).toMatchObject({ direction: 'INBOUND', status: 'RECEIVED', channel: 'EMAIL' })
    expect(told).toMatchObject({ direction: 'OUTBOUND' })
    expect(answered).toMatchObject({
      direction: 'INBOUND',
      replyToMessageId: told?.messageId,
      content: {
        type: 'email',
        subject: 'Re: Mensagens',
        text: 'Voltar',
        quotedText: expect.stringContaining('> Pronto'),
      },
    })
    expect(toldAgain).toMatchObject({ direction: 'OUTBOUND' })
    const { json } = await flow.ask(`GET /chats/${chatId}`)
    expect(json).toMatchObject({ person: { name: 'Ana' }, status: 'ACTIVE', unreadCount: 2 })
  })

  it('sends a file, which a program of the tenant downloads', async () => {
    const raw = (await fixture('gmail-pt')).replace(
      /^To:.*$/m,
      `To: ${demoTenant.mail.fromAddress}`,
    )
    const chatId = await chatOf(await post('/inbound', Buffer.from(raw, 'latin1').toString()))
    const content = (await contentOf(chatId, -1)) as {
      attachments?: { mediaId: string; filename: string }[]
    }
    expect(content).toMatchObject({
      text: 'Bom dia! Já paguei ontem, segue o comprovante.\n\nPode dar baixa?',
      attachments: [{ filename: 'comprovante nº 1.pdf' }],
    })
    const route = `GET /media/${content.attachments?.[0]?.mediaId}` as const
    const { json } = await flow.ask(route)
    expect(json).toMatchObject({ state: 'STORED', kind: 'document', mimeType: 'application/pdf' })
    const download = json?.download as { url: string } | undefined
    expect(await (await fetch(download?.url ?? '')).text()).toBe('%PDF-1.7 comprovante')
    const { status } = await flow.ask(route, { token: flow.stack.ready.otherTenantToken })
    expect(status).toBe(404)
  })

  it('is answered once, and programs that answer the answer never', async () => {
    const rui = 'rui.flow@cliente.com.br'
    const chatId = await chatOf(await write(rui, ['Subject: Mensagens'], 'PARAR'))
    const [confirmation] = await until(
      () => mailsTo(rui),
      (mails) => mails.length === 1,
    )
    const replyTo = confirmation?.headers.find(({ name }) => name === 'Reply-To')?.value
    for (const text of ['VOLTAR', 'SAIR', 'VOLTAR']) {
      const automatic = [`From: ${rui}`, `To: ${replyTo}`, 'Auto-Submitted: auto-replied', '', text]
      expect(await chatOf(await post('/inbound', automatic.join('\r\n')))).toBe(chatId)
    }
    const thread = await flow.thread(chatId)
    expect(thread.map(({ direction }) => direction)).toEqual([
      'INBOUND',
      'OUTBOUND',
      'INBOUND',
      'INBOUND',
      'INBOUND',
    ])
    expect(await mailsTo(rui)).toHaveLength(1)
    const [tasks] = await flow.rows(
      `select count(*)::int as sends from tasks where type = 'MESSAGE_SEND' and chat_id = $1`,
      [chatId],
    )
    expect(tasks).toEqual({ sends: 1 })
  })

  it('is erased with the mails as they came in', async () => {
    const bia = 'bia.flow@cliente.com.br'
    const sesMessageId = await write(bia, ['Subject: Boleto'], 'minha senha é 1234')
    const chatId = await chatOf(sesMessageId)
    const mails = async () =>
      [...(await storedObjects(flow.stack.parts.endpoints.s3)).keys()].filter((key) =>
        key.includes(sesMessageId),
      )
    expect(await mails()).toHaveLength(1)
    const { json: chat } = await flow.ask(`GET /chats/${chatId}`)
    const { json: asked } = await flow.ask(`POST /persons/${String(chat?.personId)}/erasure`)
    const { json } = await until(
      () => flow.ask(`GET /privacy-requests/${String(asked?.requestId)}`),
      (answer) => answer.json?.state === 'DONE',
    )
    expect(json?.receipt).toMatchObject({
      counts: { rawMails: 1, messages: 1 },
      unassignedExpireOn: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/),
    })
    expect(await mails()).toEqual([])
  })

  it('and whose mail is nobody’s is in no chat', async () => {
    const raw = 'From: eva@cliente.com.br\r\nTo: quem@outro.in.recado.test\r\n\r\nOi'
    await post('/inbound', raw)
    const find = () => flow.rows(`select reason from parked_items where channel = 'EMAIL'`)
    const rows = await until(find, ({ length }) => length === 1)
    expect(rows).toEqual([{ reason: 'sender-unknown' }])
  })
})

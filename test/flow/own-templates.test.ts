import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MailView } from '#infra/local/mail/mailbox.ts'
import { type Flow, startFlow, until } from '#test/support/stack.ts'

const path = (name: string, channel: 'EMAIL' | 'WHATSAPP') =>
  `/templates/${name}/${channel}/pt-BR` as const
const values = {
  nome: 'Ana <b>Lima</b>',
  valor: { type: 'money', cents: 123_456, currency: 'BRL' },
  vencimento: { type: 'date', date: '2026-12-05' },
  dias: { type: 'count', count: 3 },
}
const mail = {
  source: {
    channel: 'EMAIL',
    subject: '{{valor}} em {{dias|dia|dias}}',
    blocks: [
      { type: 'heading', text: 'Olá, {{nome}}!' },
      { type: 'facts', rows: [{ label: 'Vencimento', value: '{{vencimento}}' }] },
      { type: 'button', label: 'Pagar', url: 'https://pagar.exemplo.com.br/{{nome}}' },
    ],
  },
}
const bound = {
  source: {
    channel: 'WHATSAPP',
    providerTemplate: { name: 'parcela_a_vencer', language: 'pt_BR' },
    body: { nome: '{{nome}}', valor: '{{valor}}', vencimento: '{{vencimento}}' },
  },
}

/** One template a channel, put by a program, and messages that name it. */
describe("a template of a tenant's own", () => {
  let flow: Flow
  beforeAll(async () => {
    flow = await startFlow()
  })
  afterAll(() => flow.stop())

  const content = { type: 'named-template', name: 'lembrete', variables: values }

  it('is kept, read, listed and previewed', async () => {
    const put = () => flow.ask(`PUT ${path('lembrete', 'EMAIL')}`, { body: mail })
    expect(await put()).toMatchObject({ status: 201, json: { version: 1 } })
    expect(await put()).toMatchObject({ status: 200, json: { version: 1 } })
    expect(await flow.ask(`GET ${path('lembrete', 'EMAIL')}`)).toMatchObject({
      status: 200,
      json: {
        ...{ source: mail.source, category: 'transactional' },
        variables: ['dias', 'nome', 'valor', 'vencimento'],
      },
    })
    const listed = await flow.ask('GET /templates?channel=EMAIL')
    expect(listed.json?.items).toMatchObject([{ name: 'lembrete', channel: 'EMAIL' }])
    const preview = await flow.ask(`POST ${path('lembrete', 'EMAIL')}/preview`, {
      body: { variables: values },
    })
    expect(preview).toMatchObject({
      status: 200,
      json: { channel: 'EMAIL', version: 1, subject: 'R$ 1.234,56 em 3 dias' },
    })
    expect(preview.json?.html).toContain('Olá, Ana &lt;b&gt;Lima&lt;/b&gt;!')
  })

  it.each([
    ['a placeholder that is none', { subject: '{{#if a}}' }, 'source.subject'],
    ['a subject of two lines', { subject: 'a\nb' }, 'source.subject'],
    ['an unknown block', { blocks: [{ type: 'script' }] }, 'source.blocks.0.type'],
    [
      'a button that leads elsewhere',
      { blocks: [{ type: 'button', label: 'a', url: 'javascript:alert(1)' }] },
      'source.blocks.0.url',
    ],
    [
      'too much',
      { blocks: Array.from({ length: 4 }, () => ({ type: 'paragraph', text: 'x'.repeat(4000) })) },
      'source',
    ],
    ['another channel than its path', bound.source, 'source.channel'],
  ])('with %s is refused with its path', async (_, more, wrong) => {
    const source = 'channel' in more ? more : { ...mail.source, ...more }
    const { status, json } = await flow.ask(`PUT ${path('outro', 'EMAIL')}`, { body: { source } })
    expect({ status, code: json?.code }).toEqual({ status: 422, code: 'invalid-body' })
    expect(json?.errors).toMatchObject([{ path: wrong }])
  })

  it('arrives as a mail of HTML and text', async () => {
    const address = `ana-${randomUUID()}@cliente.com.br`
    const contacts = [{ channel: 'EMAIL', address }]
    const person = { externalId: randomUUID(), name: 'Ana Lima' }
    const { json } = await flow.ask('POST /chats', { body: { person, contacts } })
    const chatId = String(json?.chatId)
    const { dias: _, ...incomplete } = values
    const refused = await flow.post(chatId, {
      body: { channel: 'EMAIL', content: { ...content, variables: incomplete } },
    })
    expect(refused).toMatchObject({
      status: 422,
      json: {
        code: 'template-parameters',
        errors: [{ path: 'content.variables.dias', message: 'is missing' }],
        expected: { variables: ['dias', 'nome', 'valor', 'vencimento'] },
      },
    })
    expect((await flow.post(chatId, { body: { channel: 'EMAIL', content } })).status).toBe(202)
    const url = `${flow.stack.parts.endpoints.ses}/_mail/messages?to=${address}`
    const [view] = await until(
      async () => (await (await fetch(url)).json()) as MailView[],
      ({ length }) => length === 1,
    )
    expect(view).toMatchObject({ subject: 'R$ 1.234,56 em 3 dias' })
    expect(view?.text).toContain('Olá, Ana <b>Lima</b>!\n\nVencimento: 05/12/2026')
    expect(view?.html).toContain('Olá, Ana &lt;b&gt;Lima&lt;/b&gt;!')
    expect(view?.html).toContain('href="https://pagar.exemplo.com.br/Ana%20%3Cb%3ELima%3C%2Fb%3E"')
    const [shown] = await until(
      () => flow.thread(chatId),
      ([message]) => message?.status === 'DELIVERED',
    )
    expect(shown).toMatchObject({ content: { ...content, language: 'pt-BR' } })
    const { json: chat } = await flow.ask(`GET /chats/${chatId}`)
    expect(chat?.lastMessage).toMatchObject({ preview: 'lembrete' })
  })

  it("goes over WhatsApp as the provider's template that it is bound to", async () => {
    await until(
      () => flow.ask('GET /provider-templates'),
      ({ json }) => Array.isArray(json?.items) && json.items.length > 1,
    )
    const put = await flow.ask(`PUT ${path('lembrete', 'WHATSAPP')}`, { body: bound })
    expect(put.status).toBe(201)
    flow.phones.clearLedger()
    const chatId = await flow.openChat()
    const body = { channel: 'WHATSAPP', content }
    const checked = await flow.ask(`POST /chats/${chatId}/messages/check`, { body })
    expect(checked).toMatchObject({ status: 200, json: { problem: null } })
    expect((await flow.post(chatId, { body })).status).toBe(202)
    const [call] = await until(
      () => flow.phones.ledger().calls,
      ({ length }) => length === 1,
    )
    const parameters = Object.entries({
      ...{ nome: values.nome, valor: 'R$ 1.234,56', vencimento: '05/12/2026' },
    }).map(([name, text]) => ({ type: 'text', parameter_name: name, text }))
    expect(call?.body).toMatchObject({
      template: {
        name: 'parcela_a_vencer',
        components: [{ type: 'body', parameters: expect.arrayContaining(parameters) }],
      },
    })
  })
})

import { randomInt, randomUUID } from 'node:crypto'
import {
  ListQueuesCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoTenant } from '#infra/local/demo-tenants.ts'
import { place } from '#infra/local/resources.ts'
import { makeScanner } from '#test/support/canaries.ts'
import { type Flow, metaBody, metaText, startFlow, until } from '#test/support/stack.ts'

/** Meta's ids of messages hold the person's number in base64; they are kept as Meta gives them. */
const metaIds = /wamid\.[A-Za-z0-9+/=_-]+/g

/** Their bodies are written by AWS; the queues have a key of their own instead. */
const writtenByAws = ['EMAIL_EVENT', 'INBOUND_MAIL']

const mark = randomInt(80_000_000, 89_999_999)
const person = {
  name: `Canária Testemunha ${mark}`,
  externalId: `canario-externo-${mark}`,
  phone: `+55119${mark}`,
  mail: `canario${mark}@passarinho.com.br`,
}
const said = {
  sent: `Sua dívida secreta ${mark} vence amanhã`,
  written: `Respondo em segredo ${mark} por aqui`,
  subject: `Assunto reservado ${mark}`,
  mailText: `Corpo confidencial ${mark} do correio`,
  answered: `Resposta do correio ${mark} em sigilo`,
  refused: `conteudo recusado ${mark}`,
}

describe('what people are called, write and are told', () => {
  let flow: Flow
  let sqs: SQSClient
  const logs: string[] = []
  const errorAnswers: string[] = []

  beforeAll(async () => {
    flow = await startFlow({
      environment: { LOG_LEVEL: 'INFO' },
      log: ({ text }) => logs.push(text),
    })
    sqs = new SQSClient({
      endpoint: flow.stack.parts.endpoints.sqs,
      region: place.region,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      useQueueUrlAsEndpoint: false,
    })
  })
  afterAll(async () => {
    sqs.destroy()
    await flow.stop()
  })

  const secrets = () => ({
    appSecret: flow.stack.ready.appSecret,
    token: flow.stack.ready.token,
    accessToken: demoTenant.sender.accessToken,
  })
  const mailbox = (path: string) => `${flow.stack.parts.endpoints.ses}/_mail${path}`
  const writeIn = (text: string) =>
    flow.webhook(
      metaBody(demoTenant.sender, {
        contacts: [{ wa_id: person.phone.slice(1), profile: { name: person.name } }],
        messages: [metaText(`wamid.${randomUUID()}`, person.phone.slice(1), text)],
      }),
    )
  const writeMail = (text: string) =>
    fetch(mailbox('/inbound'), {
      method: 'POST',
      body: [
        `From: ${person.name.normalize('NFD').replace(/[^ -~]/g, '')} <${person.mail}>`,
        `To: ${demoTenant.mail.fromAddress}`,
        `Subject: ${said.subject}`,
        '',
        text,
      ].join('\r\n'),
    })

  async function send(chatId: string) {
    const text = { channel: 'WHATSAPP', content: { type: 'text', text: said.sent } }
    const mail = { type: 'email', subject: said.subject, text: said.mailText }
    const answers = [
      await flow.post(chatId, { body: text }),
      await flow.post(chatId, { body: { channel: 'EMAIL', content: mail } }),
    ]
    expect(answers, JSON.stringify(answers)).toMatchObject([{ status: 202 }, { status: 202 }])
  }

  async function openChat(): Promise<string> {
    const { json, status } = await flow.ask('POST /chats', {
      body: {
        person: { externalId: person.externalId, name: person.name },
        contacts: [
          { channel: 'WHATSAPP', address: person.phone },
          { channel: 'EMAIL', address: person.mail },
        ],
      },
    })
    expect([200, 201]).toContain(status)
    return String(json?.chatId)
  }

  /** Requests that are refused, each with something in it that the answer must not repeat. */
  async function makeErrors(chatId: string) {
    const bad = { channel: 'WHATSAPP', content: { type: 'text', text: [said.refused] } }
    const answers = [
      await flow.post(chatId, { body: bad }),
      await flow.post('999999999', { body: { content: { type: 'text', text: said.refused } } }),
      await flow.post(chatId, { body: `{"content": "${said.refused}` }),
      await flow.ask('POST /chats', {
        body: { person: { name: person.name }, contacts: [said.refused] },
      }),
      await flow.ask('GET /chats', { token: `${flow.stack.ready.token}x` }),
      await flow.webhook(`{"said": "${said.refused}"}`, 'sha256=00'),
    ]
    expect(answers.filter(({ status }) => status < 400)).toEqual([])
    // Signed, and yet nothing that anybody can read.
    answers.push(await flow.webhook(`{"said": "${said.refused}`))
    errorAnswers.push(...answers.map(({ text }) => text))
  }

  async function isQuiet(): Promise<void> {
    await until(
      () =>
        flow.rows(`select count(*)::integer as count, count(*) filter (where direction = 'INBOUND'
          )::integer as inbound from chat_messages where status not in ('QUEUED', 'SENDING')`),
      ([row]) => Number(row?.count) >= 4 && Number(row?.inbound) >= 2,
    )
  }

  async function dump(scan: (place: string, text: string) => void): Promise<number> {
    const tables = await flow.rows(
      `select table_name as name from information_schema.tables
       where table_schema = 'public' and table_type = 'BASE TABLE'`,
    )
    for (const { name } of tables) {
      const rows = await flow.rows(`select t::text as row from ${name} t`)
      scan('database', rows.map(({ row }) => String(row).replaceAll(metaIds, 'wamid')).join('\n'))
    }
    return tables.length
  }

  async function queued(): Promise<readonly { queue: string; messages: readonly Message[] }[]> {
    const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}))
    const found: { queue: string; messages: Message[] }[] = []
    for (const QueueUrl of QueueUrls) {
      const messages: Message[] = []
      for (;;) {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({
            QueueUrl,
            MaxNumberOfMessages: 10,
            WaitTimeSeconds: 0,
            MessageAttributeNames: ['All'],
          }),
        )
        if (Messages.length === 0) break
        messages.push(...Messages)
      }
      found.push({ queue: QueueUrl.split('/').at(-1) ?? '', messages })
    }
    return found
  }

  it('stand in no dump of the database, no queue, no log, no metric and no error answer', async () => {
    const chatId = await openChat()
    await send(chatId)
    expect((await writeIn(said.written)).status).toBe(200)
    expect((await writeMail(said.answered)).status).toBe(202)
    await makeErrors(chatId)
    await isQuiet()
    // What is put on the queues from here on stays there to be read.
    const { clock, sources } = flow.stack.triggers
    await Promise.all([clock.stop(), ...[...sources.values()].map((source) => source.stop())])
    await send(chatId)
    await writeIn(said.written)
    await writeMail(said.answered)

    const { hits, scanned, scan } = makeScanner({ ...person, ...said, ...secrets() })
    const tables = await dump(scan)
    const queues = await queued()
    const own = queues.filter(({ queue }) => !writtenByAws.some((name) => queue.includes(name)))
    for (const { messages } of own) scan('queues', JSON.stringify(messages))
    scan('logs and metrics', logs.join('\n'))
    scan('error answers', errorAnswers.join('\n'))
    const counts = {
      ...{ tables, queues: own.length, lines: logs.length, errorAnswers: errorAnswers.length },
      waiting: own.reduce((sum, { messages }) => sum + messages.length, 0),
      characters: scanned,
      hits: hits.length,
    }
    process.stdout.write(`canary: ${JSON.stringify(counts)}\n`)
    expect(hits).toEqual([])
    expect(tables).toBeGreaterThan(30)
    expect(counts.waiting).toBeGreaterThanOrEqual(1)
    expect(logs.length).toBeGreaterThan(5)
    expect(scanned.database).toBeGreaterThan(10_000)
    // The scan does find what is there: Meta's ids.
    const control = makeScanner({ phone: person.phone })
    const ids = await flow.rows('select provider_message_id from send_attempts')
    control.scan('ids', JSON.stringify(ids))
    expect(control.hits).toEqual([{ place: 'ids', canary: 'phone', form: 'base64' }])
  })
})

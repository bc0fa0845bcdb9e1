import {
  GetSendQuotaCommand,
  ListIdentitiesCommand,
  SESClient,
  SendEmailCommand,
  type SendEmailCommandInput,
  SendRawEmailCommand,
  type SendRawEmailCommandInput,
} from '@aws-sdk/client-ses'
import PostalMime from 'postal-mime'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { MailView } from '#infra/local/mail/mailbox.ts'
import { type Mail, startMail } from '#infra/local/mail/server.ts'

let mail: Mail
let client: SESClient

function clientOf(endpoint: string, maxAttempts = 1): SESClient {
  return new SESClient({
    endpoint,
    region: 'sa-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts,
  })
}

beforeEach(async () => {
  mail = await startMail({ port: 0, region: 'sa-east-1' })
  client = clientOf(mail.url)
})
afterEach(async () => {
  client.destroy()
  await mail.close()
})

const lines = (...each: string[]) => Buffer.from(each.join('\r\n'))
const simple = (to = 'ana@cliente.com.br') =>
  lines('From: a@exemplo.com.br', `To: ${to}`, 'Subject: Oi', '', 'corpo')
const sendRaw = (raw: Buffer, more: Partial<SendRawEmailCommandInput> = {}) =>
  client.send(new SendRawEmailCommand({ RawMessage: { Data: raw }, ...more }))
const sendSimple = (more: Partial<SendEmailCommandInput> = {}) =>
  client.send(
    new SendEmailCommand({
      Source: 'a@exemplo.com.br',
      Destination: { ToAddresses: ['ana@cliente.com.br'] },
      Message: { Subject: { Data: 'Oi' }, Body: { Text: { Data: 'corpo' } } },
      ...more,
    }),
  )
const getJson = async <T = MailView[]>(path: string) =>
  (await (await fetch(`${mail.url}${path}`)).json()) as T

describe('SendRawEmail', () => {
  const invoice = [
    'From: =?UTF-8?Q?Cobran=C3=A7a?= <atendimento@exemplo.com.br>',
    'To: ana@cliente.com.br',
    'Reply-To: chat+01J9@in.exemplo.com.br',
    'Subject: =?UTF-8?B?T2zDoSwgQW5hIPCfkYs=?=',
    'Message-ID: <ours@exemplo.com.br>',
    'Date: Mon, 1 Jan 2001 00:00:00 -0300',
    'References: <chat.01J9@exemplo.com.br>',
    ' <cliente@cliente.com.br>',
    'X-SES-CONFIGURATION-SET: from-header',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=x',
    '',
    '--x',
    'Content-Type: text/html; charset=utf-8',
    '',
    '<p>Segue a nota.</p>',
    '--x',
    'Content-Type: application/pdf; name="nota.pdf"',
    'Content-Disposition: attachment; filename="nota.pdf"',
    'Content-Transfer-Encoding: base64',
    '',
    'JVBERi0=',
    '--x--',
    '',
  ]

  it('answers an id of SES form and shows the mail in the mailbox', async () => {
    const { MessageId = '' } = await sendRaw(lines(...invoice), {
      Tags: [{ Name: 'message_id', Value: '0198c1d2-7b1e' }],
      ConfigurationSetName: 'chat',
    })
    expect(MessageId).toMatch(/^0103[0-9a-f]{12}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-000000$/)
    const shown = await getJson('/_mail/messages')
    expect(shown).toEqual([
      {
        id: MessageId,
        from: 'Cobrança <atendimento@exemplo.com.br>',
        to: ['ana@cliente.com.br'],
        subject: 'Olá, Ana 👋',
        text: '',
        html: expect.stringContaining('<p>Segue a nota.</p>'),
        headers: expect.arrayContaining([
          { name: 'Reply-To', value: 'chat+01J9@in.exemplo.com.br' },
          { name: 'References', value: '<chat.01J9@exemplo.com.br> <cliente@cliente.com.br>' },
        ]),
        attachments: [
          {
            filename: 'nota.pdf',
            mimeType: 'application/pdf',
            disposition: 'attachment',
            contentId: null,
            sizeBytes: 5,
          },
        ],
        tags: { message_id: '0198c1d2-7b1e' },
        configurationSet: 'chat',
        receivedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      },
    ])
    expect(await getJson<MailView>(`/_mail/messages/${MessageId}`)).toEqual(shown[0])
    expect(await mail.messages()).toEqual(shown)
  })

  it('replaces Message-ID, Date and Return-Path and takes its own fields out', async () => {
    const { MessageId } = await sendRaw(
      lines('Return-Path: <old@exemplo.com.br>', 'Bcc: rui@cliente.com.br', ...invoice),
    )
    const answer = await fetch(`${mail.url}/_mail/messages/${MessageId}/raw`)
    expect(answer.headers.get('content-type')).toBe('message/rfc822')
    const raw = await answer.text()
    const email = await PostalMime.parse(raw)
    expect(email.messageId).toBe(`<${MessageId}@sa-east-1.amazonses.com>`)
    expect(email.returnPath).toContain(`${MessageId}@sa-east-1.amazonses.com`)
    expect(raw.match(/^(Message-ID|Date|Return-Path):/gim)).toHaveLength(3)
    expect(raw).toMatch(/^Date: \w{3}, \d\d \w{3} \d{4} [\d:]{8} \+0000\r$/m)
    expect(raw).not.toMatch(/^(Bcc|X-SES-)/im)
    expect(raw.slice(raw.indexOf('\r\n\r\n'))).toBe(`\r\n\r\n${invoice.slice(12).join('\r\n')}`)
    const shown = await mail.messages({ to: 'RUI@cliente.com.br' })
    expect(shown[0]).toMatchObject({
      configurationSet: 'from-header',
      to: ['ana@cliente.com.br', 'rui@cliente.com.br'],
    })
  })

  it('names the domain of us-east-1 as AWS does', async () => {
    const virginia = await startMail({ port: 0, region: 'us-east-1' })
    const { MessageId } = await clientOf(virginia.url).send(
      new SendRawEmailCommand({ RawMessage: { Data: simple() } }),
    )
    expect(MessageId).toMatch(/^0100/)
    expect((await virginia.messages())[0]?.headers).toContainEqual({
      name: 'Message-ID',
      value: `<${MessageId}@email.amazonses.com>`,
    })
    await virginia.close()
  })

  it('sends to Destinations instead of the headers, and takes tags from the header', async () => {
    await sendRaw(lines('X-SES-MESSAGE-TAGS: a=1, b=2', simple().toString()), {
      Destinations: ['rui@cliente.com.br', 'Bia <bia@cliente.com.br>'],
    })
    expect((await mail.messages())[0]).toMatchObject({
      to: ['rui@cliente.com.br', 'bia@cliente.com.br'],
      tags: { a: '1', b: '2' },
    })
  })

  it('takes 10 MB and no more', async () => {
    const head = simple()
    const largest = Buffer.concat([head, Buffer.alloc(10 * 1024 * 1024 - head.length, 'a')])
    await expect(sendRaw(largest)).resolves.toBeDefined()
    await expect(sendRaw(Buffer.concat([largest, Buffer.from('a')]))).rejects.toMatchObject({
      name: 'InvalidParameterValue',
      message: expect.stringContaining('10485760'),
    })
  })

  const many = Array.from({ length: 51 }, (_, index) => `p${index}@cliente.com.br`)
  it.each<{ given: string; raw?: Buffer; more?: Partial<SendRawEmailCommandInput>; says: string }>([
    {
      given: 'no sender',
      raw: lines('To: a@b.com', '', 'x'),
      says: "Missing required header 'From'.",
    },
    {
      given: 'no recipient',
      raw: lines('From: a@b.com', '', 'x'),
      says: "Missing required header 'To'.",
    },
    {
      given: 'a field twice',
      raw: lines('Subject: a', simple().toString()),
      says: "Duplicate header 'Subject'.",
    },
    { given: '51 recipients', more: { Destinations: many }, says: 'Recipient count exceeds 50.' },
    { given: 'no domain', raw: simple('ana'), says: "Missing final '@domain'" },
    { given: 'a bad domain', raw: simple('a@cli_ente.com'), says: 'Domain contains illegal char' },
    { given: 'an IDN domain', raw: simple('a@açaí.com.br'), says: 'Domain contains illegal char' },
    {
      given: 'two dots',
      raw: simple('ana..b@cliente.com'),
      says: 'Local address contains dot-dot',
    },
    { given: 'a bad source', more: { Source: 'nobody' }, says: "Missing final '@domain'" },
    {
      given: 'a bad tag',
      more: { Tags: [{ Name: 'a b', Value: '1' }] },
      says: 'Invalid message tag',
    },
  ])('refuses $given', async ({ raw = simple(), more = {}, says: message }) => {
    const sent = sendRaw(raw, more)
    await expect(sent).rejects.toMatchObject({
      name: 'InvalidParameterValue',
      message: expect.stringContaining(message),
    })
    expect(await mail.messages()).toEqual([])
  })

  it('takes fifty recipients and a plus address', async () => {
    await sendRaw(simple(), { Destinations: many.slice(1) })
    await sendRaw(simple('ana+1@cliente.com.br'))
    expect(await mail.messages()).toHaveLength(2)
  })
})

describe('SendEmail', () => {
  it('composes text and HTML and reaches every kind of recipient', async () => {
    const text = `Olá, ${'çã '.repeat(100)}fim`
    await sendSimple({
      Source: 'Exemplo <a@exemplo.com.br>',
      Destination: {
        ToAddresses: ['ana@cliente.com.br', 'rui@cliente.com.br'],
        CcAddresses: ['bia@cliente.com.br'],
        BccAddresses: ['oculto@cliente.com.br'],
      },
      ReplyToAddresses: ['chat+1@in.exemplo.com.br'],
      Message: {
        Subject: { Data: `Cobrança ${'🧾'.repeat(30)}` },
        Body: { Text: { Data: text }, Html: { Data: '<p>Olá</p>' } },
      },
      Tags: [{ Name: 'tenant', Value: 't1' }],
    })
    const [shown] = await mail.messages()
    expect(shown).toMatchObject({
      from: 'Exemplo <a@exemplo.com.br>',
      to: [
        'ana@cliente.com.br',
        'rui@cliente.com.br',
        'bia@cliente.com.br',
        'oculto@cliente.com.br',
      ],
      subject: `Cobrança ${'🧾'.repeat(30)}`,
      text: expect.stringContaining(text),
      html: expect.stringContaining('<p>Olá</p>'),
      tags: { tenant: 't1' },
    })
    expect(JSON.stringify(shown?.headers)).not.toContain('oculto')
  })

  it.each([
    ['an empty destination', { Destination: {} }],
    [
      'a line break in the subject',
      { Message: { Subject: { Data: 'a\r\nBcc: x@y.com' }, Body: { Text: { Data: '' } } } },
    ],
    ['no body', { Message: { Subject: { Data: 'a' }, Body: {} } }],
    ['a line break in an address', { Destination: { ToAddresses: ['a@b.com\r\nBcc: x@y.com'] } }],
    ['two senders', { Source: 'a@b.com, c@d.com' }],
  ] as const)('refuses %s', async (_case, more) => {
    await expect(sendSimple(more as Partial<SendEmailCommandInput>)).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    })
    expect(await mail.messages()).toEqual([])
  })
})

describe('the account', () => {
  it('tells its quota, counted per recipient, and refuses more than a day allows', async () => {
    await mail.close()
    const quota = { max24HourSend: 3, maxSendRate: 14 }
    mail = await startMail({ port: 0, region: 'sa-east-1', quota })
    client = clientOf(mail.url)
    await sendRaw(simple('ana@cliente.com.br, rui@cliente.com.br'))
    mail.clear()
    expect(await client.send(new GetSendQuotaCommand())).toMatchObject({
      Max24HourSend: 3,
      MaxSendRate: 14,
      SentLast24Hours: 2,
    })
    const tooMany = sendRaw(simple('ana@cliente.com.br, rui@cliente.com.br'))
    await expect(tooMany).rejects.toMatchObject({
      name: 'Throttling',
      message: 'Daily message quota exceeded.',
    })
    await expect(sendRaw(simple())).resolves.toBeDefined()
  })

  it('knows its identities and configuration sets when they are given', async () => {
    await mail.close()
    mail = await startMail({
      port: 0,
      region: 'sa-east-1',
      verifiedIdentities: ['exemplo.com.br', 'um@outro.com.br'],
      configurationSets: ['chat'],
    })
    client = clientOf(mail.url)
    await sendRaw(simple(), { ConfigurationSetName: 'chat' })
    await sendSimple({ Source: 'um@outro.com.br' })
    await expect(sendSimple({ Source: 'dois@outro.com.br' })).rejects.toMatchObject({
      name: 'MessageRejected',
      message: expect.stringContaining('SA-EAST-1: dois@outro.com.br'),
    })
    await expect(sendRaw(simple(), { ConfigurationSetName: 'chta' })).rejects.toMatchObject({
      name: 'ConfigurationSetDoesNotExistException',
    })
  })

  it('answers an action it does not know with InvalidAction', async () => {
    await expect(client.send(new ListIdentitiesCommand({}))).rejects.toMatchObject({
      name: 'InvalidAction',
      $metadata: { httpStatusCode: 400 },
    })
    const none = await fetch(mail.url, { method: 'POST', body: new URLSearchParams({ a: 'b' }) })
    expect(await none.text()).toContain('<Code>MissingAction</Code>')
    const old = new URLSearchParams({ Action: 'SendEmail', Version: '2009-01-01' })
    const answer = await fetch(mail.url, { method: 'POST', body: old })
    expect(await answer.text()).toContain('<Code>InvalidAction</Code>')
  })
})

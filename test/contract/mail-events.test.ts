import { SESClient, SendRawEmailCommand } from '@aws-sdk/client-ses'
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { startFauxqs } from 'fauxqs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SesEvent } from '#infra/local/mail/events.ts'
import { type Mail, type MailOptions, startMail } from '#infra/local/mail/server.ts'

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
const region = 'sa-east-1'

function send(to: Mail, raw: string, configurationSet: string | undefined = 'chat') {
  const client = new SESClient({ endpoint: to.url, region, credentials, maxAttempts: 1 })
  return client.send(
    new SendRawEmailCommand({
      RawMessage: { Data: Buffer.from(raw) },
      ConfigurationSetName: configurationSet,
      Tags: [{ Name: 'attempt_id', Value: '0198c1d2-7b1e' }],
    }),
  )
}

const mailTo = (to: string, body = 'corpo') =>
  [
    'From: =?UTF-8?Q?Cobran=C3=A7a?= <a@exemplo.com.br>',
    `To: ${to}`,
    'Subject: =?UTF-8?Q?Ol=C3=A1?=',
    'Message-ID: <ours@exemplo.com.br>',
    '',
    body,
  ].join('\r\n')

describe('events of a mail', () => {
  let mail: Mail
  let events: SesEvent[]
  let failures = 0

  async function start(more: Partial<MailOptions> = {}) {
    events = []
    failures = 0
    mail = await startMail({
      port: 0,
      region,
      accountId: '111122223333',
      events: {
        delayMs: 0,
        onEvent(event) {
          if (failures > 0) {
            failures -= 1
            throw new Error('no topic today')
          }
          events.push(event)
        },
      },
      ...more,
    })
  }
  beforeEach(() => start())
  afterEach(() => mail.close())

  /** Kinds of the events of a mail, once a later mail's events show that no more will come. */
  async function kindsFor(recipient: string, count: number): Promise<string[]> {
    const { MessageId } = await send(mail, mailTo(recipient))
    await expect.poll(() => events.length).toBeGreaterThanOrEqual(count)
    await send(mail, mailTo('marker@cliente.com.br'))
    await expect.poll(() => events.at(-1)?.mail.destination).toEqual(['marker@cliente.com.br'])
    return events.filter((event) => event.mail.messageId === MessageId).map(summary)
  }

  function summary(event: SesEvent): string {
    const bounce = event.bounce as { bounceType: string; bounceSubType: string } | undefined
    return [event.eventType, bounce?.bounceType, bounce?.bounceSubType].filter(Boolean).join(' ')
  }

  it.each([
    ['ana@cliente.com.br', ['Send', 'Delivery']],
    ['success@simulator.amazonses.com', ['Send', 'Delivery']],
    ['Bounce+42@simulator.amazonses.com', ['Send', 'Bounce Permanent General']],
    ['ooto@simulator.amazonses.com', ['Send', 'Delivery', 'Bounce Transient General']],
    ['complaint@simulator.amazonses.com', ['Send', 'Delivery', 'Complaint']],
    ['suppressionlist@simulator.amazonses.com', ['Send', 'Bounce Permanent Suppressed']],
    ['mailbox-full@simulator.test', ['Send', 'Bounce Transient MailboxFull']],
    ['late-bounce@simulator.test', ['Send', 'Delivery', 'Bounce Permanent NoEmail']],
    ['late-soft-bounce@simulator.test', ['Send', 'Delivery', 'Bounce Transient MailboxFull']],
    ['bounce-then-delivery@simulator.test', ['Send', 'Bounce Transient General', 'Delivery']],
    ['delayed@simulator.test', ['Send', 'DeliveryDelay', 'Delivery']],
    ['opened@simulator.test', ['Send', 'Delivery', 'Open']],
    ['unknown-bounce@simulator.test', ['Send', 'Bounce Permanent InventedTomorrow']],
    ['undetermined-bounce@simulator.test', ['Send', 'Bounce Undetermined Undetermined']],
    ['sent-only@simulator.test', ['Send']],
    ['silence@simulator.test', []],
  ])('%s causes %j', async (recipient, kinds) => {
    expect(await kindsFor(recipient, kinds.length)).toEqual(kinds)
  })

  it('describes the mail as SES does, with what the client wrote', async () => {
    const { MessageId } = await send(mail, mailTo('bounce@simulator.amazonses.com'))
    await expect.poll(() => events.length).toBe(2)
    expect(events[0]).toMatchObject({ eventType: 'Send', send: {} })
    expect(events[1]).toEqual({
      eventType: 'Bounce',
      mail: {
        timestamp: expect.stringMatching(/Z$/),
        source: 'a@exemplo.com.br',
        sourceArn: 'arn:aws:ses:sa-east-1:111122223333:identity/exemplo.com.br',
        sendingAccountId: '111122223333',
        messageId: MessageId,
        destination: ['bounce@simulator.amazonses.com'],
        headersTruncated: false,
        headers: [
          { name: 'From', value: '=?UTF-8?Q?Cobran=C3=A7a?= <a@exemplo.com.br>' },
          { name: 'To', value: 'bounce@simulator.amazonses.com' },
          { name: 'Subject', value: '=?UTF-8?Q?Ol=C3=A1?=' },
          { name: 'Message-ID', value: '<ours@exemplo.com.br>' },
        ],
        commonHeaders: {
          from: ['Cobrança <a@exemplo.com.br>'],
          to: ['bounce@simulator.amazonses.com'],
          messageId: '<ours@exemplo.com.br>',
          subject: 'Olá',
        },
        tags: {
          'ses:configuration-set': ['chat'],
          'ses:source-ip': ['127.0.0.1'],
          'ses:from-domain': ['exemplo.com.br'],
          'ses:caller-identity': ['local'],
          attempt_id: ['0198c1d2-7b1e'],
        },
      },
      bounce: {
        bounceType: 'Permanent',
        bounceSubType: 'General',
        timestamp: expect.stringMatching(/Z$/),
        feedbackId: expect.stringMatching(/-000000$/),
        reportingMTA: expect.stringMatching(/^dns; /),
        remoteMtaIp: expect.any(String),
        bouncedRecipients: [
          {
            emailAddress: 'bounce@simulator.amazonses.com',
            action: 'failed',
            status: '5.1.1',
            diagnosticCode: expect.stringMatching(/^smtp; 550 5\.1\.1/),
          },
        ],
      },
    })
  })

  it('cuts headers at 10 KB and says so', async () => {
    const long = Array.from({ length: 20 }, (_, index) => `X-Long-${index}: ${'a'.repeat(900)}\r\n`)
    await send(mail, long.join('') + mailTo('sent-only@simulator.test'))
    await expect.poll(() => events.length).toBe(1)
    expect(events[0]?.mail.headersTruncated).toBe(true)
    expect(JSON.stringify(events[0]?.mail.headers).length).toBeLessThan(11_000)
  })

  it('tells each recipient on its own', async () => {
    await send(mail, mailTo('ana@cliente.com.br, bounce@simulator.amazonses.com'))
    await expect
      .poll(() => events.map(summary))
      .toEqual(['Send', 'Delivery', 'Bounce Permanent General'])
    expect(events[1]).toMatchObject({ delivery: { recipients: ['ana@cliente.com.br'] } })
    expect(events[2]?.mail.destination).toHaveLength(2)
  })

  it('rejects a virus after accepting it, written out or attached', async () => {
    const eicar = `X5O!P%@AP[4\\PZX54(P^)7CC)7}$${'EICAR-STANDARD-ANTIVIRUS-TEST-FILE'}!$H+H*`
    await send(mail, mailTo('ana@cliente.com.br', eicar))
    await send(mail, mailTo('ana@cliente.com.br', Buffer.from(eicar).toString('base64')))
    await expect.poll(() => events.map(summary)).toEqual(['Reject', 'Reject'])
    expect(events[0]).toMatchObject({ reject: { reason: 'Bad content' } })
  })

  it('publishes nothing for a mail without a configuration set', async () => {
    const client = new SESClient({ endpoint: mail.url, region, credentials })
    const Data = Buffer.from(mailTo('ana@cliente.com.br'))
    await client.send(new SendRawEmailCommand({ RawMessage: { Data } }))
    expect(await kindsFor('sent-only@simulator.test', 1)).toEqual(['Send'])
    expect(
      events.filter(({ mail: { destination } }) => String(destination).includes('ana')),
    ).toEqual([])
  })

  it('goes wrong on demand: none, twice, or the wrong way round', async () => {
    mail.fail({ kind: 'no-events' })
    await send(mail, mailTo('ana@cliente.com.br'))
    mail.fail({ kind: 'reversed-events' })
    expect(await kindsFor('ana@cliente.com.br', 2)).toEqual(['Delivery', 'Send'])
    mail.fail({ kind: 'duplicate-events' })
    const twice = await kindsFor('rui@cliente.com.br', 4)
    expect(twice.toSorted()).toEqual(['Delivery', 'Delivery', 'Send', 'Send'])
  })

  it('tries an event again that could not be published', async () => {
    failures = 2
    await send(mail, mailTo('sent-only@simulator.test'))
    await expect.poll(() => events.map(summary), { timeout: 5000 }).toEqual(['Send'])
  })

  it('drops what was not published when it is closed', async () => {
    await mail.close()
    await start({ events: { delayMs: 60_000, onEvent: (event) => void events.push(event) } })
    await send(mail, mailTo('ana@cliente.com.br'))
    await mail.close()
    expect(events).toEqual([])
  })
})

describe('events through SNS', () => {
  it('reach a queue that is subscribed to the topic', async () => {
    const aws = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
    const endpoint = `http://127.0.0.1:${aws.port}`
    aws.createQueue('events', { region })
    const { topicArn } = aws.createTopic('ses-events', { region })
    aws.subscribe({ topic: 'ses-events', queue: 'events', region })
    const mail = await startMail({
      port: 0,
      region,
      events: { topicArn, snsEndpoint: endpoint, delayMs: 0 },
    })
    const sqs = new SQSClient({ endpoint, region, credentials })
    const read = async () => {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: `${endpoint}/000000000000/events`,
          WaitTimeSeconds: 5,
          MaxNumberOfMessages: 1,
        }),
      )
      return JSON.parse(Messages[0]?.Body ?? '{}')
    }
    const { MessageId } = await send(mail, mailTo('sent-only@simulator.test'))
    const envelope = await read()
    expect(envelope).toMatchObject({
      Type: 'Notification',
      TopicArn: topicArn,
      Subject: 'Amazon SES Email Event Notification',
    })
    expect(JSON.parse(envelope.Message)).toMatchObject({
      eventType: 'Send',
      mail: { messageId: MessageId },
    })
    sqs.destroy()
    await mail.close()
    await aws.stop()
  })
})

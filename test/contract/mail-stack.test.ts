import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { SESClient, SendRawEmailCommand } from '@aws-sdk/client-ses'
import { DeleteMessageCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Closing } from '#infra/local/closing.ts'
import { demoTenant } from '#infra/local/demo-tenants.ts'
import { type Infrastructure, startInfrastructure } from '#infra/local/infrastructure.ts'
import { place, s3Client, sqsClient } from '#infra/local/resources.ts'
import { readReplacements } from '#infra/local/settings.ts'
import type { MailQueueName } from '#infra/topology-mail.ts'
import { bundlesOfRun } from '#test/support/bundles.ts'
import { until } from '#test/support/stack.ts'

const closing = new Closing()
let infrastructure: Infrastructure
let sqs: SQSClient
let ses: SESClient

/** Without compute: what arrives on a queue stays there. */
beforeAll(async () => {
  infrastructure = await startInfrastructure(
    {
      port: 0,
      directory: undefined,
      replacements: readReplacements({}),
      codeDirectory: await bundlesOfRun(),
      webhookUrl: () => undefined,
    },
    closing,
  )
  sqs = sqsClient(infrastructure.plan.sqsUrl)
  ses = new SESClient({
    endpoint: infrastructure.parts.endpoints.ses,
    region: place.region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  })
})
afterAll(async () => {
  sqs?.destroy()
  ses?.destroy()
  await closing.close()
})

const { mail } = demoTenant

function environmentOf(name: string): Readonly<Record<string, string>> {
  return infrastructure.plan.functions.find((planned) => planned.name === name)?.environment ?? {}
}

function queueUrlOf(queueName: MailQueueName): string {
  const source = infrastructure.plan.sources.find((planned) => planned.queueName === queueName)
  if (source === undefined) throw new Error(`nobody consumes ${queueName}`)
  return source.queue.url
}

/** Takes bodies off a queue until there are so many. */
async function bodiesOf(queueName: MailQueueName, count: number): Promise<string[]> {
  const QueueUrl = queueUrlOf(queueName)
  const taken: string[] = []
  return until(
    async () => {
      const request = { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(request))
      for (const { ReceiptHandle, Body = '' } of Messages) {
        taken.push(Body)
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
      }
      return taken
    },
    ({ length }) => length >= count,
  )
}

interface Envelope {
  readonly Type: string
  readonly TopicArn: string
  readonly Subject: string
  readonly Message: string
}

const opened = (body: string) => JSON.parse(body) as Envelope

async function send(to: string): Promise<string> {
  const raw = [
    `From: ${mail.fromName} <${mail.fromAddress}>`,
    `To: ${to}`,
    'Subject: Boleto de novembro',
    '',
    'Segue o boleto.',
  ]
  const { MAIL_CONFIGURATION_SET } = environmentOf('message-send')
  const { MessageId = '' } = await ses.send(
    new SendRawEmailCommand({
      RawMessage: { Data: Buffer.from(raw.join('\r\n')) },
      ConfigurationSetName: MAIL_CONFIGURATION_SET,
      Tags: [{ Name: 'attempt_id', Value: '0198c1d2-7b1e' }],
    }),
  )
  return MessageId
}

describe('a mail sent through the stack', () => {
  it('ends as events on EMAIL_EVENT, each in an envelope of SNS', async () => {
    const messageId = await send('bounce@simulator.amazonses.com')
    const envelopes = (await bodiesOf('EMAIL_EVENT', 2)).map(opened)
    expect(envelopes).toHaveLength(2)
    for (const envelope of envelopes) {
      expect(envelope).toMatchObject({
        Type: 'Notification',
        TopicArn: `arn:aws:sns:${place.region}:${place.accountId}:recado-email-event`,
        Subject: 'Amazon SES Email Event Notification',
        SignatureVersion: expect.stringMatching(/^[12]$/),
      })
    }
    const events = envelopes.map(({ Message }) => JSON.parse(Message))
    expect(events.map(({ eventType }) => eventType).sort()).toEqual(['Bounce', 'Send'])
    for (const event of events) {
      expect(event.mail).toMatchObject({
        messageId,
        source: mail.fromAddress,
        tags: { attempt_id: ['0198c1d2-7b1e'], 'ses:configuration-set': ['recado'] },
      })
    }
    expect(events.find(({ eventType }) => eventType === 'Bounce')?.bounce).toMatchObject({
      bounceType: 'Permanent',
    })
  })

  it('lies in the mailbox, named as SES of the region names it', async () => {
    const messageId = await send('ana@cliente.com.br')
    const [shown] = (await infrastructure.parts.mail?.messages({ to: 'ana@cliente.com.br' })) ?? []
    expect(shown?.headers).toContainEqual({
      name: 'Message-ID',
      value: `<${messageId}@${environmentOf('message-send').MAIL_REGION}.amazonses.com>`,
    })
    expect(await bodiesOf('EMAIL_EVENT', 2)).toHaveLength(2)
  })
})

describe('a mail that somebody writes', () => {
  async function hand(raw: string): Promise<{ sesMessageId: string; recipients: string[] }> {
    const url = `${infrastructure.parts.endpoints.ses}/_mail/inbound`
    const answer = await fetch(url, { method: 'POST', body: raw })
    expect(answer.status).toBe(202)
    return (await answer.json()) as { sesMessageId: string; recipients: string[] }
  }

  it('ends in the bucket that its reader knows, and as a message on INBOUND_MAIL', async () => {
    const address = `chat+0198c1d27b1e@${mail.replyDomain}`
    const raw = `From: ana@cliente.com.br\r\nTo: ${address}\r\nSubject: Re: Boleto\r\n\r\nJá paguei.`
    const { sesMessageId, recipients } = await hand(raw)
    expect(recipients).toEqual([address])

    const bodies = await bodiesOf('INBOUND_MAIL', 1)
    expect(bodies).toHaveLength(1)
    const [envelope] = bodies.map(opened)
    expect(envelope).toMatchObject({
      Type: 'Notification',
      TopicArn: `arn:aws:sns:${place.region}:${place.accountId}:recado-inbound-mail`,
    })
    const { notificationType, receipt } = JSON.parse(envelope?.Message ?? '')
    expect(notificationType).toBe('Received')
    const { INBOUND_MAIL_BUCKET = '' } = environmentOf('inbound-mail')
    expect(receipt.action).toMatchObject({
      type: 'S3',
      bucketName: INBOUND_MAIL_BUCKET,
      objectKeyPrefix: 'inbound',
      objectKey: `inbound/${sesMessageId}`,
    })

    const s3 = s3Client(infrastructure.parts.endpoints.s3)
    const inbox = { Bucket: INBOUND_MAIL_BUCKET }
    const { Contents = [] } = await s3.send(new ListObjectsV2Command(inbox))
    expect(Contents.map(({ Key }) => Key)).toEqual([receipt.action.objectKey])
    const { Body } = await s3.send(
      new GetObjectCommand({ ...inbox, Key: receipt.action.objectKey }),
    )
    expect(await Body?.transformToString()).toMatch(/Já paguei\.$/)
    s3.destroy()
  })

  it('is answered from the mailbox as its recipient would', async () => {
    const messageId = await send('bruno@cliente.com.br')
    const { ses: url } = infrastructure.parts.endpoints
    const answer = await fetch(`${url}/_mail/messages/${messageId}/reply`, {
      method: 'POST',
      body: JSON.stringify({ text: 'Obrigado' }),
    })
    expect(answer.status).toBe(202)
    const [body = ''] = await bodiesOf('INBOUND_MAIL', 1)
    const { mail: received } = JSON.parse(opened(body).Message)
    expect(received.source).toBe('bruno@cliente.com.br')
  })
})

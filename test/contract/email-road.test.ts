import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { SESClient } from '@aws-sdk/client-ses'
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { startFauxqs } from 'fauxqs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Mail, startMail } from '#infra/local/mail/server.ts'
import { readInboundMail } from '#shared/adapters/email/inbound-mail.ts'
import { readSesNotification } from '#shared/adapters/email/ses-events.ts'
import { makeSesProvider } from '#shared/adapters/email/ses-provider.ts'
import type { EmailNotice, ReceivedNotice } from '#shared/domain/email-notice.ts'
import { chatReference, providerMessageIdOf, replyTokenOf } from '#shared/domain/email-thread.ts'
import { attemptId, delivery } from '#test/support/email.ts'

const region = 'sa-east-1'
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
const chatToken = '01j9abcdefghijkl'

/** SES, SNS, SQS and S3 on one machine; what SES tells comes out of the queue. */
describe('the road of a mail', () => {
  let aws: Awaited<ReturnType<typeof startFauxqs>>
  let mail: Mail
  let clients: { ses: SESClient; sqs: SQSClient; s3: S3Client }

  beforeEach(async () => {
    aws = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
    const endpoint = `http://127.0.0.1:${aws.port}`
    aws.createQueue('notices', { region })
    aws.createBucket('inbound-mail')
    const { topicArn } = aws.createTopic('ses', { region })
    aws.subscribe({ topic: 'ses', queue: 'notices', region })
    mail = await startMail({
      port: 0,
      region,
      events: { topicArn, snsEndpoint: endpoint, delayMs: 0 },
      inbound: { bucket: 'inbound-mail', s3Endpoint: endpoint, topicArn, snsEndpoint: endpoint },
    })
    clients = {
      ses: new SESClient({ endpoint: mail.url, region, credentials, maxAttempts: 1 }),
      sqs: new SQSClient({ endpoint, region, credentials }),
      s3: new S3Client({ endpoint, region, credentials, forcePathStyle: true }),
    }
  })
  afterEach(async () => {
    for (const client of Object.values(clients)) client.destroy()
    await mail.close()
    await aws.stop()
  })

  /** Notices in the order of the queue, once there are so many. */
  async function notices(count: number): Promise<EmailNotice[]> {
    const QueueUrl = `http://127.0.0.1:${aws.port}/000000000000/notices`
    const read: EmailNotice[] = []
    for (let polls = 0; read.length < count && polls < 20; polls += 1) {
      const { Messages = [] } = await clients.sqs.send(
        new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 2, MaxNumberOfMessages: 1 }),
      )
      for (const { Body = '', ReceiptHandle } of Messages) {
        read.push(...readSesNotification(Body))
        await clients.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
      }
    }
    return read
  }

  const send = (address: string, more = {}) =>
    makeSesProvider({ client: clients.ses, timeoutMs: 20_000 }).send(
      delivery({ to: { address }, ...more }),
    )

  it.each<[string, object[]]>([
    ['success@simulator.amazonses.com', [{ status: 'SENT' }, { status: 'DELIVERED' }]],
    [
      'bounce@simulator.amazonses.com',
      [
        { status: 'SENT' },
        { status: 'HARD_FAILED', reason: 'hard-bounce', suppress: 'hard-bounce' },
      ],
    ],
    [
      'suppressionlist@simulator.amazonses.com',
      [{ status: 'SENT' }, { status: 'HARD_FAILED', suppress: 'provider-list' }],
    ],
    [
      'ooto@simulator.amazonses.com',
      [{ status: 'SENT' }, { status: 'DELIVERED' }, { status: 'FAILED', reason: 'soft-bounce' }],
    ],
    [
      'complaint@simulator.amazonses.com',
      [{ status: 'SENT' }, { status: 'DELIVERED' }, { kind: 'complaint', suppress: 'complaint' }],
    ],
    ['delayed@simulator.test', [{ status: 'SENT' }, { kind: 'delay' }, { status: 'DELIVERED' }]],
    ['opened@simulator.test', [{ status: 'SENT' }, { status: 'DELIVERED' }, { kind: 'open' }]],
  ])('to %s is told as %j', async (address, told) => {
    const result = await send(address)
    if (result.outcome !== 'accepted') throw new Error(result.outcome)
    const { providerMessageId } = result
    const common = { providerMessageId, attemptId, tenantId: '7', recipient: address }
    expect(await notices(told.length)).toMatchObject(told.map((each) => ({ ...common, ...each })))
  })

  it('an answer comes back to its chat by its address and by both ids', async () => {
    const references = [chatReference(chatToken, 'exemplo.com.br')]
    const result = await send('ana@cliente.com.br', { messageRefs: { references } })
    if (result.outcome !== 'accepted') throw new Error(result.outcome)
    await notices(2)
    const answered = await fetch(`${mail.url}/_mail/messages/${result.providerMessageId}/reply`, {
      method: 'POST',
      body: JSON.stringify({ text: 'Já paguei.' }),
    })
    expect(answered.status).toBe(202)
    const [notice] = await notices(1)
    expect(notice?.kind).toBe('received')
    const { bucket, objectKey, receipt } = notice as ReceivedNotice
    const object = await clients.s3.send(new GetObjectCommand({ Bucket: bucket, Key: objectKey }))
    const raw = (await object.Body?.transformToByteArray()) ?? new Uint8Array()
    const inbound = await readInboundMail(raw, receipt)
    expect(inbound).toMatchObject({
      from: { address: 'ana@cliente.com.br' },
      text: 'Já paguei.',
      verdicts: { spam: 'PASS', virus: 'PASS', spf: 'PASS', dkim: 'PASS', dmarc: 'PASS' },
    })
    expect(inbound.automatic).toBeUndefined()
    expect(inbound.recipients.map(replyTokenOf)).toEqual([chatToken])
    expect(inbound.references[0]).toBe(references[0])
    expect(providerMessageIdOf(inbound.inReplyTo ?? '')).toBe(result.providerMessageId)
  })
})

import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { SESClient, SendRawEmailCommand } from '@aws-sdk/client-ses'
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { startFauxqs } from 'fauxqs'
import PostalMime from 'postal-mime'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { InboundMail } from '#infra/local/mail/inbound.ts'
import { type Mail, startMail } from '#infra/local/mail/server.ts'

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
const region = 'sa-east-1'
const raw = [
  'From: Ana <ana@cliente.com.br>',
  'To: Atendimento <chat+01J9@in.exemplo.com.br>, outro@in.exemplo.com.br',
  'Subject: Re: Pedido A-123',
  'Message-ID: <CAF123@mail.cliente.com.br>',
  'Date: Mon, 23 Nov 2026 09:00:00 -0300',
  '',
  'Já paguei.',
  '',
].join('\r\n')

async function hand(mail: Mail, body: string, query = '') {
  const answer = await fetch(`${mail.url}/_mail/inbound${query}`, {
    method: 'POST',
    headers: { 'content-type': 'message/rfc822' },
    body,
  })
  return {
    status: answer.status,
    body: (await answer.json()) as { sesMessageId: string; recipients: string[] },
  }
}

describe('inbound mail given to a callback', () => {
  let mail: Mail
  let taken: InboundMail[]
  beforeEach(async () => {
    taken = []
    const onInbound = (inbound: InboundMail) => void taken.push(inbound)
    mail = await startMail({ port: 0, region, inbound: { onInbound } })
  })
  afterEach(() => mail.close())

  it('has its recipients from the headers and an id of SES', async () => {
    const { status, body } = await hand(mail, raw)
    expect(status).toBe(202)
    expect(taken).toEqual([
      {
        raw: expect.any(Buffer),
        recipients: ['chat+01J9@in.exemplo.com.br', 'outro@in.exemplo.com.br'],
        sesMessageId: body.sesMessageId,
        verdicts: {
          spam: 'PASS',
          virus: 'PASS',
          spf: 'PASS',
          dkim: 'PASS',
          dmarc: 'PASS',
          dmarcPolicy: 'none',
        },
      },
    ])
    expect(body).toEqual({
      sesMessageId: expect.stringMatching(/^[a-z0-9]{40}$/),
      recipients: taken[0]?.recipients,
    })
    const stored = taken[0]?.raw.toString() ?? ''
    expect(stored).toMatch(/^Return-Path: <ana@cliente\.com\.br>\r\n/)
    expect(stored).toContain('X-SES-Spam-Verdict: PASS\r\n')
    expect(stored.endsWith(raw)).toBe(true)
  })

  it('takes the envelope and the verdicts from the query', async () => {
    await hand(mail, raw, '?recipient=a@in.exemplo.com.br&recipient=b@in.exemplo.com.br&spam=FAIL')
    expect(taken[0]).toMatchObject({
      recipients: ['a@in.exemplo.com.br', 'b@in.exemplo.com.br'],
      verdicts: { spam: 'FAIL', virus: 'PASS' },
    })
    expect(taken[0]?.raw.toString()).toContain('X-SES-Spam-Verdict: FAIL\r\n')
  })

  it('refuses a mail that names nobody, and a verdict that does not exist', async () => {
    expect((await hand(mail, 'Subject: x\r\n\r\ny')).status).toBe(400)
    expect((await hand(mail, raw, '?spam=MAYBE')).status).toBe(400)
    expect(taken).toEqual([])
  })

  it('lets a person answer a mail as its recipient would', async () => {
    const ses = new SESClient({ endpoint: mail.url, region, credentials })
    const Data = Buffer.from(
      [
        'From: a@exemplo.com.br',
        'To: ana@cliente.com.br',
        'Reply-To: chat+01J9@in.exemplo.com.br',
        'Subject: =?UTF-8?Q?Cobran=C3=A7a?=',
        'References: <chat.01J9@exemplo.com.br>',
        '',
        'oi',
      ].join('\r\n'),
    )
    const { MessageId } = await ses.send(new SendRawEmailCommand({ RawMessage: { Data } }))
    const answer = (body: unknown) =>
      fetch(`${mail.url}/_mail/messages/${MessageId}/reply`, {
        method: 'POST',
        body: JSON.stringify(body),
      })
    expect((await answer({ text: 'Já paguei, obrigada 🙂' })).status).toBe(202)
    expect(taken[0]?.recipients).toEqual(['chat+01J9@in.exemplo.com.br'])
    const email = await PostalMime.parse(taken[0]?.raw ?? '')
    const wireId = `<${MessageId}@sa-east-1.amazonses.com>`
    expect(email).toMatchObject({
      from: { address: 'ana@cliente.com.br' },
      subject: 'Re: Cobrança',
      inReplyTo: wireId,
      references: `<chat.01J9@exemplo.com.br> ${wireId}`,
      text: expect.stringContaining('Já paguei, obrigada 🙂'),
    })
    expect((await answer({ text: '' })).status).toBe(400)
    expect((await answer({ text: 'x', from: 'a@b.com\r\nBcc: c@d.com' })).status).toBe(400)
  })
})

describe('attachments of the mailbox', () => {
  it('are given as downloads, never as pages', async () => {
    const mail = await startMail({ port: 0, region })
    const ses = new SESClient({ endpoint: mail.url, region, credentials })
    const Data = Buffer.from(
      [
        'From: a@exemplo.com.br',
        'To: ana@cliente.com.br',
        'Content-Type: multipart/mixed; boundary=x',
        '',
        '--x',
        'Content-Type: text/html',
        'Content-Disposition: attachment; filename="página.html"',
        '',
        '<b>a</b>',
        '--x--',
      ].join('\r\n'),
    )
    const { MessageId } = await ses.send(new SendRawEmailCommand({ RawMessage: { Data } }))
    const base = `${mail.url}/_mail/messages/${MessageId}/attachments`
    const answer = await fetch(`${base}/0`)
    expect(answer.headers.get('content-type')).toBe('application/octet-stream')
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename\*=UTF-8''p/)
    expect((await answer.text()).trim()).toBe('<b>a</b>')
    expect((await fetch(`${base}/1`)).status).toBe(404)
    await mail.close()
  })
})

describe('inbound mail with nothing to take it', () => {
  it('is refused', async () => {
    const mail = await startMail({ port: 0, region })
    expect((await hand(mail, raw)).status).toBe(409)
    await mail.close()
  })
})

describe('inbound mail through S3 and SNS', () => {
  it('is stored, and its notification says where', async () => {
    const aws = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
    const endpoint = `http://127.0.0.1:${aws.port}`
    aws.createBucket('inbound-mail')
    aws.createQueue('inbound', { region })
    const { topicArn } = aws.createTopic('inbound', { region })
    aws.subscribe({
      topic: 'inbound',
      queue: 'inbound',
      region,
      attributes: { RawMessageDelivery: 'true' },
    })
    const mail = await startMail({
      port: 0,
      region,
      inbound: {
        bucket: 'inbound-mail',
        keyPrefix: 'in',
        s3Endpoint: endpoint,
        topicArn,
        snsEndpoint: endpoint,
      },
    })
    const { body } = await hand(mail, raw, '?dmarc=FAIL&dmarcPolicy=reject')
    const sqs = new SQSClient({ endpoint, region, credentials })
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: `${endpoint}/000000000000/inbound`,
        WaitTimeSeconds: 5,
      }),
    )
    const notification = JSON.parse(Messages[0]?.Body ?? '{}')
    expect(notification).toMatchObject({
      notificationType: 'Received',
      mail: {
        source: 'ana@cliente.com.br',
        messageId: body.sesMessageId,
        destination: ['chat+01J9@in.exemplo.com.br', 'outro@in.exemplo.com.br'],
        headersTruncated: false,
        commonHeaders: {
          returnPath: 'ana@cliente.com.br',
          from: ['Ana <ana@cliente.com.br>'],
          date: 'Mon, 23 Nov 2026 09:00:00 -0300',
          to: ['Atendimento <chat+01J9@in.exemplo.com.br>', 'outro@in.exemplo.com.br'],
          messageId: '<CAF123@mail.cliente.com.br>',
          subject: 'Re: Pedido A-123',
        },
      },
      receipt: {
        recipients: ['chat+01J9@in.exemplo.com.br', 'outro@in.exemplo.com.br'],
        spamVerdict: { status: 'PASS' },
        dmarcVerdict: { status: 'FAIL' },
        dmarcPolicy: 'reject',
        action: {
          type: 'S3',
          topicArn,
          bucketName: 'inbound-mail',
          objectKeyPrefix: 'in',
          objectKey: `in/${body.sesMessageId}`,
        },
      },
    })
    const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true })
    const { Bucket, Key } = { Bucket: 'inbound-mail', Key: notification.receipt.action.objectKey }
    const object = await s3.send(new GetObjectCommand({ Bucket, Key }))
    expect(await object.Body?.transformToString()).toMatch(/Já paguei\.\r\n$/)
    sqs.destroy()
    s3.destroy()
    await mail.close()
    await aws.stop()
  })
})

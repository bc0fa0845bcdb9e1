import { randomInt } from 'node:crypto'
import * as z from 'zod'
import { addressesOf } from './addresses.ts'
import { makeBucketWriter, makeTopicPublisher } from './aws-sinks.ts'
import { commonHeaders, describeHeaders } from './events.ts'
import { headerOf, splitMime, withHeaders } from './mime.ts'

const status = z.enum(['PASS', 'FAIL', 'GRAY', 'PROCESSING_FAILED'])

/** What SES thinks of a mail; it drops none for it. */
export const verdictsShape = z.object({
  spam: status.default('PASS'),
  virus: status.default('PASS'),
  spf: status.default('PASS'),
  dkim: status.default('PASS'),
  dmarc: status.default('PASS'),
  /** Told only when DMARC fails. */
  dmarcPolicy: z.enum(['none', 'quarantine', 'reject']).default('none'),
})
export type Verdicts = z.infer<typeof verdictsShape>

/** A mail that reached a receipt rule. */
export interface InboundMail {
  /** As stored: with the fields SES puts before it. */
  readonly raw: Buffer
  /** Envelope. */
  readonly recipients: readonly string[]
  /** SES's id, not the sender's Message-ID; the name of the object in S3. */
  readonly sesMessageId: string
  readonly verdicts: Verdicts
}

type OnInbound = (mail: InboundMail) => void | Promise<void>

export interface InboundOptions {
  /** Takes mails instead of the bucket. */
  readonly onInbound?: OnInbound
  readonly bucket?: string
  /** Without a slash at its end. */
  readonly keyPrefix?: string
  readonly s3Endpoint?: string
  /** Gets the `Received` notification. */
  readonly topicArn?: string
  readonly snsEndpoint?: string
}

export interface InboundSink {
  readonly take: OnInbound
  close(): void
}

/** Undefined when nothing is configured to take mails. */
export function makeInboundSink(options: InboundOptions, region: string): InboundSink | undefined {
  if (options.onInbound !== undefined) return { take: options.onInbound, close: () => undefined }
  const { bucket, s3Endpoint, topicArn, snsEndpoint } = options
  if (bucket === undefined || s3Endpoint === undefined) return undefined
  const objects = makeBucketWriter({ endpoint: s3Endpoint, region }, bucket)
  const topic =
    topicArn === undefined || snsEndpoint === undefined
      ? undefined
      : makeTopicPublisher({ endpoint: snsEndpoint, region }, topicArn)
  return {
    async take(mail) {
      const objectKey = [options.keyPrefix, mail.sesMessageId].filter(Boolean).join('/')
      await objects.put(objectKey, mail.raw)
      await topic?.publish(
        'Amazon SES Email Receipt Notification',
        receivedNotification(mail, {
          type: 'S3',
          topicArn,
          bucketName: bucket,
          objectKeyPrefix: options.keyPrefix ?? '',
          objectKey,
        }),
      )
    },
    close() {
      objects.close()
      topic?.close()
    },
  }
}

/**
 * Makes of a raw message what a receipt rule would see. Recipients default to the addresses in
 * To and Cc; there may be none.
 */
export function receiveMail(
  raw: Buffer,
  envelope: { recipients: readonly string[]; verdicts: Verdicts },
): InboundMail {
  const message = splitMime(raw)
  const named = ['To', 'Cc'].map((name) => headerOf(message.fields, name) ?? '')
  const recipients = envelope.recipients.length > 0 ? envelope.recipients : named
  const sesMessageId = newSesMessageId()
  const from = headerOf(message.fields, 'Return-Path') ?? headerOf(message.fields, 'From') ?? ''
  const sender = addressesOf(from)[0] ?? ''
  const { spam, virus } = envelope.verdicts
  return {
    sesMessageId,
    recipients: recipients.flatMap(addressesOf),
    verdicts: envelope.verdicts,
    raw: withHeaders(message, (name) => name === 'return-path', [
      { name: 'Return-Path', value: `<${sender}>` },
      {
        name: 'Received',
        value: `from localhost by inbound-smtp.local with SMTP id ${sesMessageId}`,
      },
      { name: 'X-SES-Spam-Verdict', value: spam },
      { name: 'X-SES-Virus-Verdict', value: virus },
    ]),
  }
}

function receivedNotification(mail: InboundMail, action: Readonly<Record<string, unknown>>) {
  const { fields } = splitMime(mail.raw)
  const timestamp = new Date().toISOString()
  const { spam, virus, spf, dkim, dmarc, dmarcPolicy } = mail.verdicts
  return {
    notificationType: 'Received',
    mail: {
      timestamp,
      source: addressesOf(headerOf(fields, 'Return-Path') ?? '')[0] ?? '',
      messageId: mail.sesMessageId,
      destination: mail.recipients,
      ...describeHeaders(fields),
      commonHeaders: commonHeaders(fields),
    },
    receipt: {
      timestamp,
      processingTimeMillis: 574,
      recipients: mail.recipients,
      spamVerdict: { status: spam },
      virusVerdict: { status: virus },
      spfVerdict: { status: spf },
      dkimVerdict: { status: dkim },
      dmarcVerdict: { status: dmarc },
      ...(dmarc === 'FAIL' ? { dmarcPolicy } : {}),
      action,
    },
  }
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'

function newSesMessageId(): string {
  return Array.from({ length: 40 }, () => alphabet[randomInt(alphabet.length)]).join('')
}

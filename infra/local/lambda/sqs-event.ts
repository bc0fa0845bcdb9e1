import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs'
import type { InvokeResult } from './invocation.ts'

/** A record of the event that Lambda gives to the consumer of a queue. */
export interface SqsRecord {
  readonly messageId: string
  readonly receiptHandle: string
  readonly body: string
  readonly attributes: Readonly<Record<string, string>>
  readonly messageAttributes: Readonly<Record<string, unknown>>
  readonly md5OfBody: string
  readonly md5OfMessageAttributes?: string
  readonly eventSource: 'aws:sqs'
  readonly eventSourceARN: string
  readonly awsRegion: string
}

/** Translates a received message; the region is the one of the queue's ARN. */
export function toRecord(message: Message, queueArn: string): SqsRecord {
  const attributes = Object.entries(message.MessageAttributes ?? {})
  const md5 = message.MD5OfMessageAttributes
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attributes: { ...message.Attributes },
    messageAttributes: Object.fromEntries(
      attributes.map(([name, value]) => [name, toAttribute(value)]),
    ),
    md5OfBody: message.MD5OfBody ?? '',
    ...(md5 === undefined ? {} : { md5OfMessageAttributes: md5 }),
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: queueArn.split(':')[3] ?? '',
  }
}

function toAttribute(value: MessageAttributeValue) {
  const { StringValue, BinaryValue, DataType } = value
  return {
    ...(StringValue === undefined ? {} : { stringValue: StringValue }),
    ...(BinaryValue === undefined
      ? {}
      : { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
    stringListValues: [],
    binaryListValues: [],
    dataType: DataType,
  }
}

/**
 * Splits records so that each event stays under Lambda's 6 MB: a receive may bring ten messages of
 * 1 MiB.
 */
export function splitBySize(records: readonly SqsRecord[], maxBytes: number): SqsRecord[][] {
  const batches: SqsRecord[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const record of records) {
    const size = Buffer.byteLength(JSON.stringify(record)) + 1
    if (bytes + size > maxBytes) {
      batches.push([])
      bytes = 0
    }
    batches.at(-1)?.push(record)
    bytes += size
  }
  return batches
}

/**
 * The records that may be deleted after an invocation, by Lambda's rules for partial responses:
 * a failure, an answer of another shape, or an identifier that is empty, null or unknown keeps
 * the whole batch; null, `{}` and an empty or null list free all of it.
 */
export function processed(
  records: readonly SqsRecord[],
  result: InvokeResult,
  reportBatchItemFailures: boolean,
): readonly SqsRecord[] {
  if (result.outcome === 'failed') return []
  if (!reportBatchItemFailures || result.payload === null) return records
  const failed = failedIdentifiers(result.payload)
  if (failed === undefined) return []
  const known = new Set(records.map(({ messageId }) => messageId))
  if ([...failed].some((identifier) => !known.has(identifier))) return []
  return records.filter(({ messageId }) => !failed.has(messageId))
}

/** Undefined when the payload is not a batch response. */
function failedIdentifiers(payload: unknown): Set<string> | undefined {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return undefined
  const failures: unknown = 'batchItemFailures' in payload ? payload.batchItemFailures : null
  if (failures === null) return new Set()
  if (!Array.isArray(failures)) return undefined
  const identifiers = failures.map(
    (item) => (item as Record<string, unknown> | null)?.itemIdentifier,
  )
  const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
  return identifiers.every(isText) ? new Set(identifiers) : undefined
}

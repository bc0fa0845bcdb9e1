import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/**
 * What befalls sends to a queue: `down` answers 503, `refused` accepts the batch and refuses every
 * entry, `half` every second one (`half-once` for one batch),
 * `lost` answers well and forgets.
 */
type QueueFault = 'none' | 'down' | 'refused' | 'half' | 'half-once' | 'lost'

export interface QueueProxy {
  readonly url: string
  /** From now on, for queues whose address has this text in it. */
  set(fault: QueueFault, queue?: string): void
  /** Batches that came in for sending, since the start. */
  readonly batches: { readonly queueUrl: string; readonly entries: readonly Entry[] }[]
  close(): Promise<void>
}

interface Entry {
  readonly Id: string
  readonly MessageBody: string
  readonly MessageGroupId?: string
  readonly DelaySeconds?: number
}

/** A proxy before an SQS endpoint (JSON protocol) that can let sends go wrong. */
export async function startQueueProxy(target: string): Promise<QueueProxy> {
  let fault: QueueFault = 'none'
  let only = ''
  const batches: QueueProxy['batches'] = []
  const faultFor = (queueUrl: string) => {
    const current = queueUrl.includes(only) ? fault : 'none'
    if (current === 'half-once') fault = 'none'
    return current
  }
  const server = createServer(async (incoming, response) => {
    const exchange = { incoming, body: await buffer(incoming), response }
    if (incoming.headers['x-amz-target'] !== 'AmazonSQS.SendMessageBatch') {
      return forward(target, exchange)
    }
    const batch = JSON.parse(exchange.body.toString()) as Batch
    batches.push({ queueUrl: batch.QueueUrl, entries: batch.Entries })
    const current = faultFor(batch.QueueUrl)
    if (current === 'none') return forward(target, exchange)
    if (current === 'down') return answer(response, 503, { __type: 'ServiceUnavailable' })
    await refuse(target, { batch, fault: current, response })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    set: (next, queue = '') => {
      fault = next
      only = queue
    },
    batches,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

interface Batch {
  readonly QueueUrl: string
  readonly Entries: readonly Entry[]
}

/** Answers 200 as SQS does, with some entries refused or none of them kept. */
async function refuse(
  target: string,
  { batch, fault, response }: { batch: Batch; fault: QueueFault; response: ServerResponse },
): Promise<void> {
  const isRefused = (_: Entry, index: number) =>
    fault === 'refused' || (fault !== 'lost' && index % 2 === 0)
  const kept = batch.Entries.filter((entry, index) => !isRefused(entry, index))
  if (fault !== 'lost' && kept.length > 0) await resend(target, { ...batch, Entries: kept })
  answer(response, 200, {
    Successful: kept.map(({ Id, MessageBody }) => ({
      Id,
      MessageId: Id,
      MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
    })),
    Failed: batch.Entries.filter(isRefused).map(({ Id }) => ({
      Id,
      Code: 'InternalError',
      SenderFault: false,
    })),
  })
}

interface Exchange {
  readonly incoming: IncomingMessage
  readonly body: Buffer
  readonly response: ServerResponse
}

function forward(target: string, { incoming, body, response }: Exchange): void {
  const onward = request(
    new URL(incoming.url ?? '/', target),
    { method: incoming.method, headers: incoming.headers },
    (received) => {
      response.writeHead(received.statusCode ?? 502, received.headers)
      received.pipe(response)
    },
  )
  onward.on('error', () => response.destroy())
  response.on('close', () => onward.destroy())
  onward.end(body)
}

async function resend(target: string, batch: Batch): Promise<void> {
  await fetch(target, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AmazonSQS.SendMessageBatch',
    },
    body: JSON.stringify(batch),
  })
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' })
  response.end(JSON.stringify(body))
}

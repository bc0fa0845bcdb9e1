import {
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import type { ChunkQueue, ChunkReader } from '../../ports/chunk-queue.ts'
import type { ObjectStore } from '../../ports/object-store.ts'
import type { Randomness } from '../../ports/randomness.ts'
import type { TransitSealer } from '../../ports/sealer.ts'

interface Parts {
  readonly client: SQSClient
  readonly queueUrl: string
  readonly transit: TransitSealer
  readonly objects: ObjectStore
  readonly randomness: Randomness
}

/** A sealed chunk over this goes through S3 and the queue carries its key. */
const inlineBytes = 200 * 1024
/** SQS: 1 MiB and ten entries a batch (facts: quotas-messages, 2025). */
const batchBytes = 1024 * 1024
const batchEntries = 10
const sendAttempts = 3
const place = 'WEBHOOK_EVENT'

/** Webhook chunks over SQS, sealed; a chunk is `{sealed}` or, when large, `{object}` in S3. */
export function makeSqsChunkQueue(parts: Parts): ChunkQueue {
  return {
    put: async (chunks) => {
      const bodies = await Promise.all(chunks.map((chunk) => packed(parts, chunk)))
      await Promise.all(groupBySize(bodies).map((group) => sendAll(parts, group)))
    },
  }
}

export function makeChunkReader({
  transit,
  objects,
}: Pick<Parts, 'transit' | 'objects'>): ChunkReader {
  return {
    open: async (body) => {
      const { sealed, object } = JSON.parse(body) as { sealed?: string; object?: string }
      const envelope = sealed ?? (object === undefined ? undefined : await objects.get(object))
      if (envelope === undefined) throw new Error('a queue body that is no chunk')
      return transit.open(place, envelope)
    },
  }
}

async function packed({ transit, objects, randomness }: Parts, chunk: string): Promise<string> {
  const sealed = await transit.seal(place, chunk)
  if (sealed.length <= inlineBytes) return JSON.stringify({ sealed })
  const object = `chunks/${randomness.uuid()}`
  await objects.put(object, sealed)
  return JSON.stringify({ object })
}

function groupBySize(bodies: readonly string[]): readonly (readonly string[])[] {
  const groups: string[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const body of bodies) {
    const group = groups.at(-1)
    if (group === undefined || group.length === batchEntries || bytes + body.length > batchBytes) {
      groups.push([body])
      bytes = body.length
    } else {
      group.push(body)
      bytes += body.length
    }
  }
  return groups
}

/** SQS answers 200 with `Failed` entries that nobody retries for us. */
async function sendAll({ client, queueUrl }: Parts, bodies: readonly string[]): Promise<void> {
  let waiting: SendMessageBatchRequestEntry[] = bodies.map((MessageBody, index) => ({
    Id: String(index),
    MessageBody,
  }))
  for (let attempt = 0; attempt < sendAttempts && waiting.length > 0; attempt += 1) {
    const { Failed } = await client.send(
      new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: waiting }),
    )
    const failed = new Set(Failed?.map(({ Id }) => Id))
    waiting = waiting.filter(({ Id }) => failed.has(Id))
  }
  if (waiting.length > 0) throw new Error(`${waiting.length} webhook chunks were not queued`)
}

import { packChunks } from '../domain/chunks.ts'
import type { ChunkQueue } from '../ports/chunk-queue.ts'

/** 200 KB once sealed and in base64. */
const limits = { maxItems: 250, maxBytes: 150_000 }

/** Puts the items of a verified webhook body on the queue; answered only when they are durable. */
export function makeReceiveWebhook(
  queue: ChunkQueue,
  split: (body: unknown) => readonly unknown[],
) {
  return async (body: unknown): Promise<{ items: number }> => {
    const items = split(body)
    if (items.length > 0) await queue.put(packChunks(items, limits))
    return { items: items.length }
  }
}

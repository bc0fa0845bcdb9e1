import type { BusinessEvent } from '../domain/business-event.ts'
import type { Caller, RequestKey } from '../domain/caller.ts'
import { packChunks } from '../domain/chunks.ts'
import { Refusal } from '../domain/errors.ts'
import type { BusinessEventStore } from '../ports/business-event-store.ts'
import type { ChunkQueue } from '../ports/chunk-queue.ts'

/** 200 KB once sealed and in base64. */
const limits = { maxItems: 250, maxBytes: 150_000 }

export interface ReceiveEvents extends Caller {
  readonly request: RequestKey
  /** `told` is what goes onto the queue, as it was told. */
  readonly events: readonly { readonly event: BusinessEvent; readonly told: unknown }[]
}

/**
 * Puts a client's events on the queue; answered only when they are durable. Throws Refusal
 * `events-not-taken` when the queue takes none: nothing is lost, the client repeats.
 */
export function makeReceiveBusinessEvents(events: BusinessEventStore, queue: ChunkQueue) {
  return async ({ events: given, ...command }: ReceiveEvents): Promise<readonly string[]> => {
    const answer = await events.receive(command)
    if (answer.outcome === 'refused') throw new Refusal(answer.code, answer.retryAfterSeconds)
    const { tenantId } = command
    try {
      await queue.put(
        packChunks(
          given.map(({ told }) => ({ tenantId, event: told })),
          limits,
        ),
      )
    } catch {
      throw new Refusal('events-not-taken', 5)
    }
    return given.map(({ event }) => event.eventId)
  }
}

import {
  type EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge'
import type { EventEnvelope } from '../../domain/tenant-event.ts'
import type { EventBus } from '../../ports/event-deliveries.ts'

const source = 'recado'
const putAttempts = 3

/**
 * The bus over EventBridge: source `recado`, the event's type as detail type, and the envelope with
 * its tenant as detail. At most ten a call; those that were not taken are put again at once, twice.
 */
export function makeEventBridgeBus(client: EventBridgeClient, busName: string): EventBus {
  return {
    publish: async (tenantId, envelopes) => {
      let waiting = envelopes
      for (let attempt = 0; attempt < putAttempts && waiting.length > 0; attempt += 1) {
        const { Entries = [] } = await client.send(
          new PutEventsCommand({
            Entries: waiting.map((envelope) => entryOf(busName, tenantId, envelope)),
          }),
        )
        // The service answers 200 with entries that it did not take, in the order of ours.
        waiting = waiting.filter((_, index) => Entries[index]?.EventId === undefined)
      }
      return waiting.map(({ id }) => id)
    },
  }
}

function entryOf(
  busName: string,
  tenantId: string,
  envelope: EventEnvelope,
): PutEventsRequestEntry {
  return {
    EventBusName: busName,
    Source: source,
    DetailType: envelope.type,
    Time: new Date(envelope.createdAt),
    Detail: JSON.stringify({ tenantId, ...envelope }),
  }
}

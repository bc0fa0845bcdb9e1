import type { EmittedEvent } from './ledgers.ts'
import type { Luck } from './luck.ts'
import { type Process, type Surroundings, spawn } from './process.ts'

export interface WebhookHabits {
  /** How many more copies of each event are sent. */
  readonly copies: () => number
  /** Events are sent together when they happen within this time. */
  readonly gatherMs: number
}

/** Meta's side of the webhook: sends until it is answered 2xx, in any order, also more than once. */
export interface WebhookSender {
  emit(event: EmittedEvent): void
  /** Deliveries under way. */
  readonly outstanding: () => number
}

const functionTimeoutSeconds = 15
const mostTogether = 40

export function makeWebhookSender(
  around: Surroundings,
  parts: {
    readonly habits: WebhookHabits
    readonly wabaOf: (phoneNumberId: string) => string
    readonly receive: (process: Process, body: unknown) => Promise<unknown>
  },
): WebhookSender {
  const { simulation, luck } = around
  const gathered: EmittedEvent[] = []
  let outstanding = 0

  function deliver(events: readonly EmittedEvent[], tries: number): void {
    spawn(around, {
      name: `webhook(${events.map(nameOf)})`,
      timeoutSeconds: functionTimeoutSeconds,
      work: (process) => parts.receive(process, bodyOf(events, parts.wabaOf)),
      onEnd: ({ outcome }) => {
        if (outcome === 'done') {
          outstanding -= 1
          for (const event of events) event.takenAt ??= simulation.clock.now()
        } else {
          const waitMs = Math.min(60_000, 1000 * 2 ** tries) + luck.upTo(500)
          simulation.after(waitMs, () => deliver(events, tries + 1))
        }
      },
    })
  }

  function flush(): void {
    const events = shuffled(luck, gathered.splice(0, mostTogether))
    if (events.length === 0) return
    if (gathered.length > 0) flush()
    outstanding += 1
    deliver(events, 0)
    for (let copy = parts.habits.copies(); copy > 0; copy -= 1) {
      outstanding += 1
      simulation.after(luck.upTo(30_000), () => deliver(shuffled(luck, events), 0))
    }
  }

  return {
    outstanding: () => outstanding + gathered.length,
    emit(event) {
      gathered.push(event)
      if (gathered.length === 1) simulation.after(parts.habits.gatherMs, flush)
    },
  }
}

function nameOf(event: EmittedEvent): string {
  return event.kind === 'status' ? `${event.providerMessageId}:${event.status}` : 'inbound'
}

function shuffled<T>(luck: Luck, items: readonly T[]): readonly T[] {
  return items
    .map((item) => ({ item, place: luck.fraction() }))
    .sort((one, other) => one.place - other.place)
    .map(({ item }) => item)
}

/** In Meta's form, one entry for each of our numbers. */
function bodyOf(events: readonly EmittedEvent[], wabaOf: (phoneNumberId: string) => string) {
  const byNumber = Map.groupBy(events, ({ phoneNumberId }) => phoneNumberId)
  return {
    object: 'whatsapp_business_account',
    entry: [...byNumber].map(([phoneNumberId, ofNumber]) => ({
      id: wabaOf(phoneNumberId),
      changes: [{ field: 'messages', value: changeOf(phoneNumberId, ofNumber) }],
    })),
  }
}

function changeOf(phoneNumberId: string, events: readonly EmittedEvent[]) {
  const statuses = events.filter((event) => event.kind === 'status')
  const messages = events.filter((event) => event.kind === 'inbound')
  return {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: '551130000000', phone_number_id: phoneNumberId },
    ...(messages.length > 0 && {
      contacts: messages.map(({ from }) => ({ profile: { name: 'Bia' }, wa_id: from })),
      messages: messages.map(({ providerMessageId, from, at }) => ({
        id: providerMessageId,
        from,
        timestamp: seconds(at),
        type: 'text',
        text: { body: 'Oi' },
      })),
    }),
    ...(statuses.length > 0 && {
      statuses: statuses.map(({ providerMessageId, attemptId, status, at }) => ({
        id: providerMessageId,
        status: status.toLowerCase(),
        timestamp: seconds(at),
        recipient_id: '5511900000000',
        biz_opaque_callback_data: attemptId,
        ...(status === 'FAILED' && { errors: [{ code: 131026, title: 'undeliverable' }] }),
      })),
    }),
  }
}

function seconds(ms: number): string {
  return String(Math.floor(ms / 1000))
}

import { splitWebhook } from '#shared/adapters/whatsapp/webhook-items.ts'
import type { MessageStatus } from '#shared/domain/message.ts'
import type { AcceptMessage } from '#shared/ports/message-store.ts'
import type { Accepted } from './simulation/clients.ts'
import type { Process } from './simulation/process.ts'
import type { Rows, StatusChange } from './simulation/rows.ts'
import type { BuildSystem } from './simulation/run.ts'
import type { BuiltSystem, Ground, Party, System } from './simulation/system.ts'

interface PlainMessage {
  readonly messageId: string
  readonly chatId: string
  readonly sequence: number
  readonly acceptedAt: number
  readonly command: AcceptMessage
  status: MessageStatus
  providerMessageId: string | undefined
}

interface PlainDatabase {
  readonly messages: Map<string, PlainMessage>
  readonly byKey: Map<string, PlainMessage>
  readonly byProviderId: Map<string, PlainMessage>
  readonly calls: Map<string, string>
  readonly history: StatusChange[]
}

/**
 * The standing control: save the row, then put it on the queue; the processor sends, then updates;
 * retries by receive count, then the DLQ; a report overwrites the status. The harness must see it
 * lose, double and go backwards, or it sees nothing.
 */
export const buildPlainSystem: BuildSystem = async (ground, setting): Promise<BuiltSystem> => {
  const db: PlainDatabase = {
    messages: new Map(),
    byKey: new Map(),
    byProviderId: new Map(),
    calls: new Map(),
    history: [],
  }
  const party: Party = {
    tenantId: '1',
    clientId: '1',
    senderId: '1',
    phoneNumberId: '100000001',
    wabaId: '200000001',
    chats: Array.from({ length: setting.chats }, (_, index) => ({
      chatId: String(index + 1),
      personId: String(index + 1),
      phone: `+55119${80_000_000 + index}`,
    })),
  }
  return {
    parties: [party],
    system: plainSystem(ground, db, party),
    rows: async () => rowsOf(ground, db),
    isSettled: async () => db.messages.values().every(({ status }) => status !== 'QUEUED'),
    close: async () => undefined,
  }
}

function show(ground: Ground, db: PlainDatabase, [message, to]: [PlainMessage, MessageStatus]) {
  const { messageId, status: from } = message
  message.status = to
  if (from !== to) db.history.push({ messageId, from, to, at: ground.simulation.clock.now() })
}

function plainSystem(ground: Ground, db: PlainDatabase, party: Party): System {
  const queue = (name: string) => ({
    name,
    batchSize: 1,
    maxConcurrency: 20,
    maxReceiveCount: 5,
    timeoutSeconds: 30,
  })
  const nothing = async () => undefined
  return {
    queues: {
      MESSAGE_SEND: queue('MESSAGE_SEND'),
      MESSAGE_STATUS_CHECK: queue('MESSAGE_STATUS_CHECK'),
      WEBHOOK_EVENT: queue('WEBHOOK_EVENT'),
    },
    doors: { post: (process, command) => post(ground, db, [process, command]), cancel: nothing },
    consume: {
      MESSAGE_SEND: async (process, bodies) => {
        for (const body of bodies) await sendOne(ground, db, { process, party, messageId: body })
        return []
      },
      MESSAGE_STATUS_CHECK: async () => [],
      WEBHOOK_EVENT: async () => [],
    },
    receiveWebhook: (process, body) =>
      process.call('update', async () => {
        for (const { payload } of splitWebhook(body)) {
          const { id, status } = payload as { id: string; status?: string }
          const message = db.byProviderId.get(id)
          if (status === undefined || message === undefined) continue
          show(ground, db, [message, status.toUpperCase() as MessageStatus])
        }
      }),
    relay: nothing,
    recordDeadLetter: nothing,
  }
}

async function post(
  ground: Ground,
  db: PlainDatabase,
  [process, command]: [Process, AcceptMessage],
): Promise<Accepted> {
  const message = await process.call('save', async () => save(ground, db, command))
  await process.call('enqueue', async () => ground.enqueue('MESSAGE_SEND', message.messageId, 0))
  return {
    messageId: message.messageId,
    acceptedAt: new Date(message.acceptedAt).toISOString(),
  }
}

function save(ground: Ground, db: PlainDatabase, command: AcceptMessage): PlainMessage {
  const known = db.byKey.get(command.request.key)
  if (known !== undefined) return known
  const message: PlainMessage = {
    messageId: String(db.messages.size + 1),
    chatId: command.chatId,
    sequence: db.messages.size + 1,
    acceptedAt: ground.simulation.clock.now(),
    command,
    status: 'QUEUED',
    providerMessageId: undefined,
  }
  db.messages.set(message.messageId, message)
  db.byKey.set(command.request.key, message)
  return message
}

async function sendOne(
  ground: Ground,
  db: PlainDatabase,
  { process, party, messageId }: { process: Process; party: Party; messageId: string },
): Promise<void> {
  const message = await process.call('read', async () => db.messages.get(messageId))
  if (message === undefined || message.status !== 'QUEUED') return
  const attemptId = ground.luck.uuid()
  db.calls.set(attemptId, messageId)
  const request = {
    attemptId,
    sender: { phoneNumberId: party.phoneNumberId, secretName: 'secret' },
    recipient: { phone: party.chats.find((chat) => chat.chatId === message.chatId)?.phone ?? '' },
    content: message.command.content,
  }
  const placedAt = ground.simulation.clock.now()
  const { result } = await process.call(
    'provider',
    async () => ground.provider.send(request, placedAt),
    { repeatable: false, answerMs: ({ answerMs }) => answerMs },
  )
  if (result.outcome !== 'accepted') throw new Error(`not sent: ${result.outcome}`)
  await process.call('update', async () => {
    message.providerMessageId = result.providerMessageId
    db.byProviderId.set(result.providerMessageId, message)
    show(ground, db, [message, 'SENT'])
  })
}

function rowsOf({ simulation }: Ground, db: PlainDatabase): Rows {
  return {
    now: simulation.clock.now(),
    messages: [...db.messages.values()].map((message) => ({
      ...message,
      direction: 'OUTBOUND',
      reason: undefined,
      deliveryPolicy: message.command.deliveryPolicy ?? 'at-least-once',
      possibleDuplicate: false,
      outOfOrder: false,
      createdAt: message.acceptedAt,
      expiresAt: undefined,
      reportTtlSeconds: 0,
    })),
    attempts: [...db.calls].map(([attemptId, messageId], index) => ({
      attemptId,
      messageId,
      number: index,
      outcome: 'ACCEPTED',
      providerMessageId: db.messages.get(messageId)?.providerMessageId,
      claimedAt: 0,
      resolvedAt: undefined,
    })),
    tasks: [],
    reports: [],
    chats: [],
    failures: [],
    statusHistory: db.history,
    attemptHistory: [],
  }
}

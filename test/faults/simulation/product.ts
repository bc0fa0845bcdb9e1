import { authorsOfItem } from '#shared/adapters/whatsapp/webhook-authors.ts'
import { translateItem } from '#shared/adapters/whatsapp/webhook-events.ts'
import { splitWebhook } from '#shared/adapters/whatsapp/webhook-items.ts'
import { wakeUpBody } from '#shared/contracts/wake-up.ts'
import type { Durations } from '#shared/domain/durations.ts'
import type { Alerts } from '#shared/ports/alerts.ts'
import type { Clock } from '#shared/ports/clock.ts'
import type { Directory } from '#shared/ports/directory.ts'
import type { EventStore } from '#shared/ports/event-store.ts'
import type { HistoryProbe } from '#shared/ports/history-probe.ts'
import type { MessageProvider } from '#shared/ports/message-provider.ts'
import type { MessageStore } from '#shared/ports/message-store.ts'
import type { TaskQueue } from '#shared/ports/task-queue.ts'
import type { TaskStore } from '#shared/ports/task-store.ts'
import { makeApplyWebhook } from '#shared/use-cases/apply-webhook.ts'
import { makeCancelMessage } from '#shared/use-cases/cancel-message.ts'
import { makeCheckStatuses } from '#shared/use-cases/check-statuses.ts'
import { makePostMessage } from '#shared/use-cases/post-message.ts'
import { makeReceiveWebhook } from '#shared/use-cases/receive-webhook.ts'
import { makeRecordFailures } from '#shared/use-cases/record-failures.ts'
import { makeRelayTasks } from '#shared/use-cases/relay-tasks.ts'
import { makeSendMessages } from '#shared/use-cases/send-messages.ts'
import { withoutFiles } from '#test/support/media.ts'
import { LinkFailure, type Process } from './process.ts'
import { type ProviderAnswer, timeoutMs } from './provider.ts'
import type { Consume, QueueShape } from './queue.ts'
import type { Ground, QueueName, System } from './system.ts'
import { makeUpkeep, type Upkeep, type UpkeepParts, type UpkeepQueueName } from './upkeep.ts'

interface Stores {
  readonly messages: MessageStore
  readonly tasks: TaskStore
  readonly events: EventStore
}

export interface ProductParts {
  readonly stores: Stores
  readonly directory: Directory
  readonly history: HistoryProbe
  readonly waits: Durations
  /** The functions' own clock; the database has its own. */
  readonly clock: Clock
  readonly upkeep?: UpkeepParts
}

/** As the topology and the stack have them. */
const sendQueues = {
  MESSAGE_SEND: shape('MESSAGE_SEND', 10, 20, 5),
  MESSAGE_STATUS_CHECK: shape('MESSAGE_STATUS_CHECK', 10, 5, 5),
  WEBHOOK_EVENT: shape('WEBHOOK_EVENT', 4, 10, 10),
}

const upkeepQueues: Readonly<Record<UpkeepQueueName, QueueShape>> = {
  PERSON_ERASURE: { ...shape('PERSON_ERASURE', 1, 2, 5), timeoutSeconds: 120 },
  PERSON_EXPORT: { ...shape('PERSON_EXPORT', 1, 2, 5), timeoutSeconds: 180 },
  CHAT_CLEANUP: { ...shape('CHAT_CLEANUP', 1, 2, 5), timeoutSeconds: 300 },
}

function shape(
  name: QueueName,
  batchSize: number,
  ...[maxConcurrency, maxReceiveCount]: [number, number]
): QueueShape {
  return { name, batchSize, maxConcurrency, maxReceiveCount, timeoutSeconds: 60 }
}

/** The real use cases; every call of a port may be the last of its process. */
export function makeProduct(ground: Ground, parts: ProductParts): System {
  const { waits, clock, directory } = parts
  const randomness = ground.luck.fork('product')
  const alerts = countingAlerts(ground)
  const translate = (item: unknown) =>
    translateItem(item, { now: new Date(clock.now()), uuid: () => randomness.uuid() })
  const upkeep =
    parts.upkeep &&
    makeUpkeep(parts.upkeep, { queueOf: (process) => queueOf(process, ground), randomness })
  return {
    upkeep,
    queues: { ...sendQueues, ...(upkeep && upkeepQueues) },
    doors: {
      post: (process, command) =>
        makePostMessage(messagesOf(process, parts), queueOf(process, ground), alerts)(command),
      cancel: (process, message) =>
        makeCancelMessage(messagesOf(process, parts), queueOf(process, ground))(message),
    },
    receiveWebhook: (process, body) =>
      makeReceiveWebhook(
        { put: (chunks) => putChunks(process, ground, chunks) },
        splitWebhook,
      )(body),
    consume: {
      ...(upkeep && upkeepConsumers(upkeep)),
      MESSAGE_SEND: wakeUps((process) =>
        makeSendMessages({
          ...withoutFiles,
          messages: messagesOf(process, parts),
          queue: queueOf(process, ground),
          provider: providerOf(process, ground),
          clock,
          randomness,
          waits,
          alerts,
        }),
      ),
      MESSAGE_STATUS_CHECK: wakeUps((process) =>
        makeCheckStatuses({
          tasks: tasksOf(process, parts),
          queue: queueOf(process, ground),
          events: eventsOf(process, parts),
          history: {
            look: (probe) => process.call('history', () => parts.history.look(probe)),
          },
          backlog: {
            size: () => process.call('backlog', async () => ground.waitingIn('WEBHOOK_EVENT')),
          },
        }),
      ),
      WEBHOOK_EVENT: reading(
        (body) => JSON.parse(body) as readonly unknown[],
        (process) => {
          const apply = makeApplyWebhook({
            events: eventsOf(process, parts),
            directory,
            queue: queueOf(process, ground),
            alerts,
            translate,
            authorsOf: authorsOfItem,
          })
          return (chunks) => apply(chunks.flat())
        },
      ),
    },
    relay: (process) => makeRelayTasks(tasksOf(process, parts), queueOf(process, ground))(),
    recordDeadLetter: (process, { queue, queueMessageId, body }) =>
      makeRecordFailures({
        tasks: tasksOf(process, parts),
        transit: openTransit,
        chunks: { open: openChunk },
        alerts,
      })([{ queue, queueMessageId, body, wakeUp: readWakeUp(body) }]),
  }
}

function upkeepConsumers(upkeep: Upkeep): Readonly<Record<UpkeepQueueName, Consume>> {
  return {
    PERSON_ERASURE: wakeUps(upkeep.run('PERSON_ERASURE')),
    PERSON_EXPORT: wakeUps(upkeep.run('PERSON_EXPORT')),
    CHAT_CLEANUP: wakeUps(upkeep.run('CHAT_CLEANUP')),
  }
}

async function openChunk(body: string): Promise<string> {
  if (!Array.isArray(JSON.parse(body))) throw new Error('a queue body that is no chunk')
  return body
}

const openTransit = {
  seal: async (_: string, text: string) => text,
  open: async (_: string, text: string) => text,
}

function countingAlerts({ ledgers }: Ground): Alerts {
  return { raise: (name) => ledgers.alerts.set(name, (ledgers.alerts.get(name) ?? 0) + 1) }
}

const inStore = { kind: 'store' } as const

function messagesOf(process: Process, { stores: { messages } }: ProductParts): MessageStore {
  return {
    accept: (command) => process.call('accept', () => messages.accept(command), inStore),
    claim: (request) => process.call('claim', () => messages.claim(request), inStore),
    settle: (sends) => process.call('settle', () => messages.settle(sends), inStore),
    cancel: (message) => process.call('cancel', () => messages.cancel(message), inStore),
  }
}

function tasksOf(process: Process, { stores: { tasks } }: ProductParts): TaskStore {
  return {
    checkStatuses: (checks) => process.call('check', () => tasks.checkStatuses(checks), inStore),
    relay: (limit) => process.call('relay', () => tasks.relay(limit), inStore),
    disableProbe: (sender) => process.call('disable', () => tasks.disableProbe(sender), inStore),
    recordFailures: (failures) =>
      process.call('record', () => tasks.recordFailures(failures), inStore),
    waiting: (filter) => tasks.waiting(filter),
  }
}

function eventsOf(process: Process, { stores: { events } }: ProductParts): EventStore {
  return { apply: (batch) => process.call('apply', () => events.apply(batch), inStore) }
}

const isSimulated = (type: string): type is QueueName =>
  Object.hasOwn(sendQueues, type) || Object.hasOwn(upkeepQueues, type)

/** Never throws, like the one over SQS. */
function queueOf(process: Process, ground: Ground): TaskQueue {
  return {
    wake: async (wakes) => {
      if (wakes.length === 0) return { failed: 0 }
      const send = async () => {
        const taken = wakes.filter(() => !ground.losesWake())
        for (const { type, tenantId, taskId, inSeconds } of taken) {
          if (!isSimulated(type)) throw new Error(`nobody works ${type} here`)
          ground.enqueue(type, JSON.stringify({ tenantId, taskId }), Math.min(900, inSeconds))
        }
        return { failed: wakes.length - taken.length }
      }
      return process.call('wake', send).catch((error: unknown) => {
        if (error instanceof LinkFailure) return { failed: wakes.length }
        throw error
      })
    },
  }
}

async function putChunks(process: Process, ground: Ground, chunks: readonly string[]) {
  await process.call('put', async () => {
    for (const chunk of chunks) {
      if (ground.losesChunk()) throw new LinkFailure('put')
      ground.enqueue('WEBHOOK_EVENT', chunk, 0)
    }
  })
}

const noAnswer: ProviderAnswer = {
  result: { outcome: 'unknown', detail: 'timeout' },
  answerMs: 0,
}

function providerOf(process: Process, { provider, simulation }: Ground): MessageProvider {
  return {
    send: async (request) => {
      const placedAt = simulation.clock.now()
      const send = async () => provider.send(request, placedAt)
      const { result } = await process.call('provider', send, {
        repeatable: false,
        answerMs: ({ answerMs }) => answerMs,
        timeout: {
          milliseconds: timeoutMs,
          answer: () => noAnswer,
        },
      })
      return result
    },
  }
}

type Refs = readonly { readonly tenantId: string; readonly taskId: string }[]

function wakeUps(make: (process: Process) => (refs: Refs) => Promise<unknown>): Consume {
  return reading((body) => wakeUpBody.parse(JSON.parse(body)), make)
}

function readWakeUp(body: string): { tenantId: string } | undefined {
  try {
    return wakeUpBody.safeParse(JSON.parse(body)).data
  } catch {
    return undefined
  }
}

/** What cannot be read fails alone. */
function reading<T>(
  read: (body: string) => T,
  make: (process: Process) => (values: readonly T[]) => Promise<unknown>,
): Consume {
  return async (process, bodies) => {
    const unreadable: number[] = []
    const values = bodies.flatMap((body, place) => {
      try {
        return [read(body)]
      } catch {
        unreadable.push(place)
        return []
      }
    })
    if (values.length > 0) await make(process)(values)
    return unreadable
  }
}

import { noFate } from './fate.ts'
import { type End, type Process, type Surroundings, spawn } from './process.ts'

/** An SQS queue with the poller of its function. */
export interface Queue {
  send(body: string, delaySeconds: number): void
  /** Messages that are neither done nor dead. */
  readonly size: () => number
  readonly deadLetters: DeadLetter[]
}

export interface DeadLetter {
  readonly queue: string
  readonly queueMessageId: string
  readonly body: string
  /** How its receives ended. */
  readonly ends: readonly string[]
}

export interface QueueShape {
  readonly name: string
  readonly batchSize: number
  readonly maxConcurrency: number
  readonly maxReceiveCount: number
  readonly timeoutSeconds: number
}

/** Handles a batch; answers the places of the bodies that failed alone. */
export type Consume = (process: Process, bodies: readonly string[]) => Promise<readonly number[]>

interface QueueMessage {
  readonly id: string
  readonly body: string
  readonly ends: string[]
  isDone: boolean
}

interface QueueOptions {
  readonly shape: QueueShape
  readonly consume: Consume
  /** How likely a message is delivered twice; the queue is a standard one. */
  readonly duplicates: () => number
  /** A batch with a message that failed so often meets no more faults. */
  readonly mercyAfter: number
  readonly onDead: (letter: DeadLetter) => void
}

/** Lambda's advice for SQS sources, as the stack sets it. */
const visibilityFactor = 6

/** A wake-up by what it says, a chunk by its id. */
function nameOf({ id, body }: QueueMessage): string {
  return body.length < 60 ? body : id
}

export function makeQueue(around: Surroundings, options: QueueOptions): Queue {
  const { simulation, luck } = around
  const { shape } = options
  const ready: QueueMessage[] = []
  const deadLetters: DeadLetter[] = []
  let waiting = 0
  let running = 0
  let issued = 0
  let isPolling = false

  function arrive(message: QueueMessage): void {
    ready.push(message)
    if (luck.chance(options.duplicates())) comeBack(message, luck.between(0, 5000))
    poll()
  }

  function push(message: QueueMessage): void {
    ready.push(message)
    poll()
  }

  function poll(): void {
    if (isPolling) return
    isPolling = true
    simulation.after(luck.between(1, 40), () => {
      isPolling = false
      while (running < shape.maxConcurrency && ready.length > 0) receive()
    })
  }

  function receive(): void {
    const batch = ready.splice(0, shape.batchSize).filter(({ isDone }) => !isDone)
    if (batch.length === 0) return
    running += 1
    const receivedAt = simulation.clock.now()
    const isSpared = batch.some(({ ends }) => ends.length >= options.mercyAfter)
    spawn(isSpared ? { ...around, fate: noFate } : around, {
      name: `${shape.name}[${batch.map(nameOf)}]`,
      timeoutSeconds: shape.timeoutSeconds,
      work: (process) =>
        options.consume(
          process,
          batch.map(({ body }) => body),
        ),
      onEnd: (end) => {
        running -= 1
        if (ready.length > 0) poll()
        const visibleAt = receivedAt + visibilityFactor * shape.timeoutSeconds * 1000
        giveBack(batch, end, visibleAt - simulation.clock.now())
      },
    })
  }

  function giveBack(
    batch: readonly QueueMessage[],
    end: End<readonly number[]>,
    invisibleMs: number,
  ): void {
    batch.forEach((message, place) => {
      const hasFailed = end.outcome !== 'done' || end.value.includes(place)
      if (message.isDone) return
      if (hasFailed) comeBackOrDie(message, end.outcome, invisibleMs)
      else finish(message)
    })
  }

  function comeBackOrDie(message: QueueMessage, outcome: string, invisibleMs: number): void {
    message.ends.push(outcome === 'done' ? 'unreadable' : outcome)
    if (message.ends.length < shape.maxReceiveCount) comeBack(message, invisibleMs)
    else die(message)
  }

  function comeBack(message: QueueMessage, afterMs: number): void {
    simulation.after(afterMs, () => {
      if (!message.isDone) push(message)
    })
  }

  function die(message: QueueMessage): void {
    finish(message)
    const { id, body, ends } = message
    const letter = { queue: shape.name, queueMessageId: id, body, ends }
    deadLetters.push(letter)
    options.onDead(letter)
  }

  function finish(message: QueueMessage): void {
    message.isDone = true
    waiting -= 1
  }

  return {
    deadLetters,
    size: () => waiting,
    send(body, delaySeconds) {
      issued += 1
      waiting += 1
      const message = { id: `${shape.name}-${issued}`, body, ends: [], isDone: false }
      simulation.after(delaySeconds * 1000 + luck.between(1, 30), () => arrive(message))
    },
  }
}

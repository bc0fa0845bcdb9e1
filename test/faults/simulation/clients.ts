import { Refusal } from '#shared/domain/errors.ts'
import type { AcceptMessage, CancelMessage } from '#shared/ports/message-store.ts'
import type { Ledgers, PostAnswer, PostEntry } from './ledgers.ts'
import { type End, type Process, type Surroundings, spawn } from './process.ts'

/** Programs that post, and post again under the same key when they got no answer. */
export interface Clients {
  post(command: AcceptMessage): void
  /** Requests that still wait for their answer. */
  readonly outstanding: () => number
}

export interface Doors {
  post(process: Process, command: AcceptMessage): Promise<Accepted>
  cancel(process: Process, message: CancelMessage): Promise<void>
}

export interface Accepted {
  readonly messageId: string
  readonly acceptedAt: string
}

export interface ClientHabits {
  readonly doubleShare: number
  readonly otherBodyShare: number
  readonly cancelShare: number
}

const functionTimeoutSeconds = 15

export function makeClients(
  around: Surroundings,
  { doors, habits, ledgers }: { doors: Doors; habits: ClientHabits; ledgers: Ledgers },
): Clients {
  const { simulation, luck } = around
  let outstanding = 0

  function later(milliseconds: number, run: () => void): void {
    outstanding += 1
    simulation.after(milliseconds, () => {
      outstanding -= 1
      run()
    })
  }

  function ask(
    command: AcceptMessage,
    entry: PostEntry,
    { tries, isOtherBody }: { tries: number; isOtherBody: boolean },
  ): void {
    outstanding += 1
    spawn(around, {
      name: `post(${command.request.key})`,
      timeoutSeconds: functionTimeoutSeconds,
      work: (process) => doors.post(process, command),
      onEnd: (end) => {
        outstanding -= 1
        const answer = answerOf(end, simulation.clock.now(), isOtherBody)
        entry.answers.push(answer)
        if (answer.outcome === 'lost' || answer.code === 'rate-limited') {
          const waitMs = Math.min(30_000, 500 * 2 ** tries) + luck.upTo(1000)
          later(waitMs, () => ask(command, entry, { tries: tries + 1, isOtherBody }))
        } else if (answer.messageId !== undefined && tries >= 0) {
          goOn(command, entry, answer.messageId)
        }
      },
    })
  }

  /** What some do once they know the message. */
  function goOn(command: AcceptMessage, entry: PostEntry, messageId: string): void {
    if (luck.chance(habits.otherBodyShare)) {
      const request = { ...command.request, body: `${command.request.body}?` }
      ask({ ...command, request }, entry, { tries: 0, isOtherBody: true })
    }
    if (luck.chance(habits.cancelShare)) {
      const { tenantId, clientId, chatId } = command
      later(luck.upTo(20_000), () => cancel(entry, { tenantId, clientId, chatId, messageId }))
    }
  }

  function cancel(entry: PostEntry, message: CancelMessage): void {
    outstanding += 1
    spawn(around, {
      name: `cancel(${message.messageId})`,
      timeoutSeconds: functionTimeoutSeconds,
      work: (process) => doors.cancel(process, message),
      onEnd: (end) => {
        outstanding -= 1
        if (end.outcome === 'done') entry.cancelledAt ??= simulation.clock.now()
        else if (!isRefused(end)) later(1000, () => cancel(entry, message))
      },
    })
  }

  return {
    outstanding: () => outstanding,
    post(command) {
      const { request, tenantId, chatId, sendAt } = command
      const entry: PostEntry = {
        key: request.key,
        tenantId,
        chatId,
        postedAt: simulation.clock.now(),
        isAtMostOnce: command.deliveryPolicy === 'at-most-once',
        sendAt: sendAt === undefined ? undefined : Date.parse(sendAt),
        answers: [],
        cancelledAt: undefined,
      }
      ledgers.posts.push(entry)
      ask(command, entry, { tries: 0, isOtherBody: false })
      if (luck.chance(habits.doubleShare)) {
        ask(command, entry, { tries: -20, isOtherBody: false })
      }
    },
  }
}

function isRefused(end: End<unknown>): boolean {
  return end.outcome === 'failed' && end.error instanceof Refusal
}

function answerOf(end: End<Accepted>, at: number, isOtherBody: boolean): PostAnswer {
  const none = { at, messageId: undefined, acceptedAt: undefined, code: undefined, isOtherBody }
  if (end.outcome === 'done') return { ...none, outcome: 'accepted', ...end.value }
  if (end.outcome === 'failed' && end.error instanceof Refusal) {
    return { ...none, outcome: 'refused', code: end.error.code }
  }
  return { ...none, outcome: 'lost' }
}

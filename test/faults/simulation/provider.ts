import type { ReportedStatus } from '#shared/domain/channel-event.ts'
import type { DeliveryResult } from '#shared/domain/delivery.ts'
import type { DeliveryRequest } from '#shared/ports/message-provider.ts'
import type { EmittedEvent, Ledgers } from './ledgers.ts'
import type { Luck } from './luck.ts'
import type { Simulation } from './scheduler.ts'

/**
 * What the provider does with a call. `accept-lost`: taken, the answer never arrives; `lost`: not
 * taken, and no answer either.
 */
export type Behaviour =
  | 'accept'
  | 'accept-held'
  | 'accept-lost'
  | 'lost'
  | 'reject'
  | 'throttle'
  | 'throttle-pair'
  | 'unavailable'
  | 'broken'

/** The reports on a message that the provider took, with the seconds after which it sends them. */
export type ReportPlan = readonly {
  readonly status: ReportedStatus
  readonly afterSeconds: number
}[]

export interface ProviderHabits {
  behave(request: DeliveryRequest, at: number): Behaviour
  reports(request: DeliveryRequest, at: number): ReportPlan
}

export interface ProviderAnswer {
  readonly result: DeliveryResult
  readonly answerMs: number
}

export interface Provider {
  /** Reports that are still to come. */
  readonly outstanding: () => number
  /** The answer and how long it takes. */
  send(request: DeliveryRequest, placedAt: number): ProviderAnswer
}

/** How long the product waits for an answer. */
export const timeoutMs = 20_000

/** The other side: answers, keeps the ledger of what it meant, and reports. */
export function makeProvider(parts: {
  readonly simulation: Simulation
  readonly luck: Luck
  readonly ledgers: Ledgers
  readonly habits: ProviderHabits
  readonly emit: (event: EmittedEvent) => void
}): Provider {
  const { simulation, luck, ledgers, habits } = parts
  let issued = 0
  let planned = 0

  function report(request: DeliveryRequest, providerMessageId: string): void {
    for (const { status, afterSeconds } of habits.reports(request, simulation.clock.now())) {
      planned += 1
      simulation.after(afterSeconds * 1000, () => {
        planned -= 1
        parts.emit({
          kind: 'status',
          providerMessageId,
          attemptId: request.attemptId,
          phoneNumberId: request.sender.phoneNumberId,
          status,
          at: simulation.clock.now(),
          takenAt: undefined,
        })
      })
    }
  }

  return {
    outstanding: () => planned,
    send(request, placedAt) {
      const at = simulation.clock.now()
      const behaviour = habits.behave(request, at)
      const isAccepted = behaviour.startsWith('accept')
      issued += 1
      const providerMessageId = `wamid.${issued}.${luck.uuid().slice(0, 8)}`
      const { result, answerMs } = answerOf(behaviour, providerMessageId, luck)
      ledgers.calls.push({
        attemptId: request.attemptId,
        phoneNumberId: request.sender.phoneNumberId,
        to: 'phone' in request.recipient ? request.recipient.phone : request.recipient.userId,
        placedAt,
        at,
        answeredAt: at + answerMs,
        isAccepted,
        answer: behaviour,
        providerMessageId: isAccepted ? providerMessageId : undefined,
      })
      simulation.trace(() => `provider ${behaviour} ${request.attemptId} ${providerMessageId}`)
      if (isAccepted) report(request, providerMessageId)
      return { result, answerMs }
    },
  }
}

function answerOf(
  behaviour: Behaviour,
  providerMessageId: string,
  luck: Luck,
): { result: DeliveryResult; answerMs: number } {
  const answerMs = luck.chance(0.01) ? luck.between(1000, timeoutMs - 1) : luck.between(80, 400)
  switch (behaviour) {
    case 'accept':
    case 'accept-held': {
      const held = behaviour === 'accept-held'
      return { result: { outcome: 'accepted', providerMessageId, held }, answerMs }
    }
    case 'accept-lost':
    case 'lost':
      return lostAnswer(luck)
    case 'reject':
      return {
        result: { outcome: 'rejected', reason: 'recipient-unreachable', code: 131026 },
        answerMs,
      }
    case 'throttle':
      return {
        result: { outcome: 'throttled', scope: 'sender', retryAfterSeconds: 2, code: 130429 },
        answerMs,
      }
    case 'throttle-pair':
      return { result: { outcome: 'throttled', scope: 'pair', code: 131056 }, answerMs }
    case 'unavailable':
      return {
        result: { outcome: 'unavailable', scope: 'provider', reason: 'provider-unavailable' },
        answerMs,
      }
    case 'broken':
      return {
        result: { outcome: 'unavailable', scope: 'sender', reason: 'sender-token', code: 190 },
        answerMs,
      }
  }
}

function lostAnswer(luck: Luck): { result: DeliveryResult; answerMs: number } {
  const isTimeout = luck.chance(0.5)
  return {
    result: { outcome: 'unknown', detail: isTimeout ? 'timeout' : 'connection-lost' },
    answerMs: isTimeout ? timeoutMs : luck.between(50, 5000),
  }
}

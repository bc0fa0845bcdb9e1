import * as z from 'zod'
import { behaviourNames, type Plan, planOf } from './behaviours.ts'
import type { Clock } from './clock.ts'
import { isoTime } from './clock.ts'
import type { Random } from './random.ts'

const webhookKinds = [
  'webhook-outage',
  'webhook-duplicate',
  'webhook-shuffle',
  'webhook-bad-signature',
] as const

export const faultSchema = z.strictObject({
  /** A behaviour for sends, `latency` beside any other, or something done to webhooks. */
  kind: z.enum([...behaviourNames, 'latency', ...webhookKinds]),
  /** How many calls or webhook POSTs it touches; without it, all of them. */
  count: z.number().int().min(1).optional(),
  /** Share of the calls it touches. */
  probability: z.number().min(0).max(1).default(1),
  /** How long it stays armed. */
  seconds: z.number().min(0).max(86_400).optional(),
  /** Meta's error code of `error`, `outage` and the `failed` kinds. */
  code: z.number().int().min(0).max(9_999_999).optional(),
  /** HTTP status of an error answer, when not the documented one. */
  httpStatus: z.number().int().min(400).max(599).optional(),
  transient: z.boolean().optional(),
  /** How late, for `latency`, `slow`, `late` and `held`. */
  delayMs: z.number().int().min(0).max(3_600_000).optional(),
  /** Only sends to this recipient, in any way of writing it. */
  to: z.string().optional(),
  phoneNumberId: z.string().optional(),
})

export type FaultRequest = z.input<typeof faultSchema>
export type WebhookFaultKind = (typeof webhookKinds)[number]

/** An armed fault, as `GET /_sim/faults` shows it. */
export type Fault = z.output<typeof faultSchema> & {
  readonly faultId: string
  readonly expiresAt: string | undefined
  /** How often it struck. */
  readonly hits: number
}

interface Armed {
  readonly faultId: string
  readonly request: z.output<typeof faultSchema>
  readonly expiresAtMs: number
  hits: number
}

interface Call {
  readonly to: string
  readonly phoneNumberId: string
}

const digitsOf = (text: string) => text.replace(/[\s()+-]/g, '')

/** Faults in the order they were armed; the first that fits a call strikes it. */
export class Faults {
  readonly #clock: Clock
  readonly #random: Random
  #armed: Armed[] = []
  #issued = 0

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  /** Arms a fault. Throws a ZodError when it is not one. */
  arm(request: FaultRequest): Fault {
    const parsed = faultSchema.parse(request)
    this.#issued += 1
    const expiresAtMs =
      parsed.seconds === undefined ? Infinity : this.#clock.now() + parsed.seconds * 1000
    const armed = { faultId: `fault-${this.#issued}`, request: parsed, expiresAtMs, hits: 0 }
    this.#armed.push(armed)
    return shown(armed)
  }

  clear(): void {
    this.#armed = []
  }

  list(): Fault[] {
    this.#dropExpired()
    return this.#armed.map(shown)
  }

  /** The fate that an armed fault gives to this call, if one strikes. */
  planFor(call: Call): Plan | undefined {
    const fault = this.#strike((request) => isSendKind(request.kind) && fits(request, call))
    if (!fault || !isSendKind(fault.kind)) return undefined
    const { kind, code, httpStatus, transient, delayMs } = fault
    return planOf(kind, { code, httpStatus, transient, delayMs })
  }

  /** Extra milliseconds before the answer. */
  latencyFor(call: Call): number {
    const fault = this.#strike((request) => request.kind === 'latency' && fits(request, call))
    return fault ? (fault.delayMs ?? 1000) : 0
  }

  webhook(kind: WebhookFaultKind): boolean {
    return this.#strike((request) => request.kind === kind) !== undefined
  }

  /** Milliseconds until webhooks flow again; Infinity when only clearing ends the outage. */
  webhookOutageMs(): number {
    this.#dropExpired()
    const ends = this.#armed
      .filter(({ request }) => request.kind === 'webhook-outage')
      .map(({ expiresAtMs }) => expiresAtMs - this.#clock.now())
    return Math.max(0, ...ends)
  }

  #strike(matches: (request: Armed['request']) => boolean): Armed['request'] | undefined {
    this.#dropExpired()
    const armed = this.#armed.find(({ request }) => matches(request) && this.#chance(request))
    if (!armed) return undefined
    armed.hits += 1
    return armed.request
  }

  #chance({ probability }: { probability: number }): boolean {
    return probability === 1 || this.#random.next() < probability
  }

  #dropExpired(): void {
    const now = this.#clock.now()
    this.#armed = this.#armed.filter(
      ({ request, hits, expiresAtMs }) => expiresAtMs > now && hits < (request.count ?? Infinity),
    )
  }
}

function isSendKind(kind: Fault['kind']): kind is (typeof behaviourNames)[number] {
  return (behaviourNames as readonly string[]).includes(kind)
}

function fits(request: Armed['request'], call: Call): boolean {
  const sameRecipient = request.to === undefined || digitsOf(request.to) === digitsOf(call.to)
  return sameRecipient && (request.phoneNumberId ?? call.phoneNumberId) === call.phoneNumberId
}

function shown({ faultId, request, expiresAtMs, hits }: Armed): Fault {
  const expiresAt = Number.isFinite(expiresAtMs) ? isoTime(expiresAtMs) : undefined
  return { ...request, faultId, expiresAt, hits }
}

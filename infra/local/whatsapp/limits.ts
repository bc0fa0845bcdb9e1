import type { Clock } from './clock.ts'

const pairIntervalMs = 6000
const pairBurst = 45
const windowMs = 24 * 3600 * 1000

/**
 * One message per interval, with a burst borrowed from the future (generic cell rate).
 * Pair limit: 1 per 6 s, at most 45 at once; throughput: messages per second of a number.
 * Source: WhatsApp Cloud API, "Throughput" and "Pair rate limits".
 */
export class RateLimits {
  readonly #clock: Clock
  readonly #nextFreeAt = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  takesPair(phoneNumberId: string, recipient: string): boolean {
    return this.#takes(`${phoneNumberId}:${recipient}`, pairIntervalMs, pairBurst)
  }

  takesThroughput(phoneNumberId: string, perSecond: number): boolean {
    return this.#takes(phoneNumberId, 1000 / perSecond, perSecond)
  }

  clear(): void {
    this.#nextFreeAt.clear()
  }

  #takes(key: string, intervalMs: number, burst: number): boolean {
    const now = this.#clock.now()
    const freeAt = Math.max(this.#nextFreeAt.get(key) ?? now, now)
    if (freeAt - now > (burst - 1) * intervalMs) return false
    this.#nextFreeAt.set(key, freeAt + intervalMs)
    return true
  }
}

/** Whether 24 hours have passed since the person last wrote. */
export function isWindowOpen(lastInboundAtMs: number | undefined, now: number): boolean {
  return lastInboundAtMs !== undefined && now - lastInboundAtMs < windowMs
}

/** Time as the simulator sees it; tests may pass one that they move by hand. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Runs `run` once after `delayMs`; the answer cancels it. */
  after(delayMs: number, run: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
}

/** Every pending timer of one simulator, so that closing it leaves none behind. */
export class Timers {
  readonly #clock: Clock
  readonly #pending = new Map<() => void, () => void>()
  #closed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  after(delayMs: number, run: () => void): void {
    if (this.#closed) return
    const fire = () => {
      this.#pending.delete(fire)
      run()
    }
    this.#pending.set(fire, this.#clock.after(delayMs, fire))
  }

  /** Settles after `delayMs`, or never once the simulator is closed. */
  wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.after(delayMs, resolve))
  }

  close(): void {
    this.#closed = true
    for (const cancel of this.#pending.values()) cancel()
    this.#pending.clear()
  }
}

/** Unix seconds as Meta writes them: a string. */
export function unixSeconds(milliseconds: number): string {
  return String(Math.floor(milliseconds / 1000))
}

export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}

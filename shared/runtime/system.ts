import { randomUUID } from 'node:crypto'

/** The machine's own clock, for the clock port. */
export const systemClock = { now: () => Date.now() }

/** The machine's own randomness, for the randomness port. */
export const systemRandomness = { uuid: () => randomUUID(), fraction: () => Math.random() }

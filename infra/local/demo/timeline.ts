import { setTimeout as pause } from 'node:timers/promises'

/** The step of the story that failed or did not come in time; the message names it. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed'
}

/** What a step tells on the timeline, and what it gives to the next ones. */
interface StepResult<T> {
  readonly value: T
  /** The result in a few words, beside the title. */
  readonly result: string
  /** Lines below it. */
  readonly details?: readonly string[]
}

export interface Step<T> {
  readonly title: string
  /** Default 10. */
  readonly limitSeconds?: number
  /** Ends early when the limit is over, so that nothing goes on behind the story. */
  readonly work: (limit: AbortSignal) => Promise<StepResult<T>>
}

const defaultLimitSeconds = 10
/** Of a step that waits for functions which nobody has called before. */
export const coldLimitSeconds = 30
/** After its limit a step may still say what it was waiting for. */
const lastWordsMs = 500
const titleWidth = 42
const indent = ' '.repeat(12)

/** Plays steps one after another and prints each with its time since the start and its duration. */
export class Timeline {
  readonly #print: (line: string) => void
  readonly #startedAtMs = performance.now()
  #played = 0

  constructor(print: (line: string) => void) {
    this.#print = print
  }

  get played(): number {
    return this.#played
  }

  /** A heading between steps. */
  chapter(title: string): void {
    this.#print(`\n${title}`)
  }

  /** A sentence between steps, such as why some are left out. */
  note(text: string): void {
    this.#print(`${indent}${text}`)
  }

  /** Answers the step's value. Throws StepFailed when it throws or its limit is over. */
  async play<T>({ title, limitSeconds = defaultLimitSeconds, work }: Step<T>): Promise<T> {
    const startedAtMs = performance.now()
    const limit = AbortSignal.timeout(limitSeconds * 1000)
    const over = Promise.withResolvers<never>()
    limit.addEventListener('abort', () => {
      setTimeout(() => over.reject(new Error('nothing was heard')), lastWordsMs).unref()
    })
    try {
      const { value, result, details = [] } = await Promise.race([work(limit), over.promise])
      const took = performance.now() - startedAtMs
      const at = (startedAtMs - this.#startedAtMs) / 1000
      this.#played += 1
      this.#print(
        `${at.toFixed(2).padStart(7)} s   ${title.padEnd(titleWidth)} ${result}  (${took.toFixed(0)} ms)`,
      )
      for (const line of details) this.#print(`${indent}${line}`)
      return value
    } catch (error) {
      const why = (error instanceof Error ? error.message : String(error)).replace(/\.$/, '')
      throw limit.aborted
        ? new StepFailed(`"${title}" did not come within ${limitSeconds} s: ${why}.`)
        : new StepFailed(`"${title}" failed: ${why}.`)
    }
  }
}

const pollMs = 20

/**
 * Looks again and again until what it sees is enough. Throws with the last sight in words once
 * the limit is over.
 */
export async function until<T>(
  limit: AbortSignal,
  look: () => Promise<T>,
  {
    isEnough,
    say,
    everyMs = pollMs,
  }: { isEnough: (seen: T) => boolean; say: (seen: T) => string; everyMs?: number },
): Promise<T> {
  for (let seen = await look(); ; seen = await look()) {
    if (isEnough(seen)) return seen
    if (limit.aborted) throw new Error(say(seen))
    await pause(everyMs)
  }
}

import type { Fate, Verdict } from './fate.ts'
import type { Luck } from './luck.ts'
import type { Simulation, StepKind } from './scheduler.ts'

/** A process of the product, e.g. one invocation of a function: it may die at every call. */
export interface Process {
  /** Calls something outside; never answers once the process is dead. Throws LinkFailure. */
  call<T>(point: string, execute: () => Promise<T>, options?: CallOptions<T>): Promise<T>
}

interface CallOptions<T> {
  readonly kind?: StepKind
  /** False where no SDK calls again, e.g. a POST to a provider. */
  readonly repeatable?: boolean
  /** How long the answer takes; default a few milliseconds. */
  readonly answerMs?: (answer: T) => number
  /** What the caller takes for an answer when none came in this time. */
  readonly timeout?: { readonly milliseconds: number; readonly answer: () => T }
}

/** The SDK gave up; nobody knows whether it was done. */
export class LinkFailure extends Error {
  constructor(point: string) {
    super(`no answer: ${point}`)
    this.name = 'LinkFailure'
  }
}

export type End<T> =
  | { readonly outcome: 'done'; readonly value: T }
  | { readonly outcome: 'failed'; readonly error: unknown }
  | { readonly outcome: 'died' }

export interface Surroundings {
  readonly simulation: Simulation
  readonly fate: Fate
  readonly luck: Luck
}

interface Work<T> {
  readonly name: string
  readonly timeoutSeconds: number
  readonly work: (process: Process) => Promise<T>
  readonly onEnd: (end: End<T>) => void
}

/** Starts a process: it ends done, failed (it threw), or dead (a crash, or its time was over). */
export function spawn<T>(around: Surroundings, { name, timeoutSeconds, work, onEnd }: Work<T>) {
  const { simulation } = around
  let isAlive = true
  const end = (how: End<T>) => {
    if (!isAlive) return
    isAlive = false
    simulation.trace(
      () => `${name} ${how.outcome}${how.outcome === 'failed' ? ` ${how.error}` : ''}`,
    )
    onEnd(how)
  }
  const life = { name, isAlive: () => isAlive, die: () => end({ outcome: 'died' }) }
  simulation.after(timeoutSeconds * 1000, life.die)
  work({ call: (point, execute, options = {}) => place(around, life, { point, execute, options }) })
    .then((value) => end({ outcome: 'done', value }))
    .catch((error: unknown) => end({ outcome: 'failed', error }))
}

interface Life {
  readonly name: string
  isAlive(): boolean
  die(): void
}

interface Call<T> {
  readonly point: string
  readonly execute: () => Promise<T>
  readonly options: CallOptions<T>
}

function place<T>(around: Surroundings, life: Life, call: Call<T>): Promise<T> {
  const { simulation, fate } = around
  const { point, options } = call
  return new Promise<T>((resolve, reject) => {
    if (!life.isAlive()) return
    const verdict = fate.judge(point, options.repeatable ?? true)
    simulation.trace(() => `${life.name} ${point}${verdict === 'well' ? '' : ` ${verdict}!`}`)
    if (verdict === 'before') {
      life.die()
      return
    }
    const whileAlive = (act: () => void) => () => {
      if (life.isAlive()) act()
    }
    const giveUp = whileAlive(() => reject(new LinkFailure(point)))
    if (options.timeout !== undefined) {
      const { milliseconds, answer } = options.timeout
      simulation.after(
        milliseconds,
        whileAlive(() => resolve(answer())),
      )
    }
    if (verdict === 'refused') {
      simulation.after(around.luck.between(1, 15), giveUp)
      return
    }
    const answered = (settled: PromiseSettledResult<T>) => {
      if (verdict === 'after') life.die()
      else if (verdict === 'lost') giveUp()
      else whileAlive(() => settle(settled, resolve, reject))()
    }
    travel(around, call, { verdict, answered, whileAlive })
  })
}

function settle<T>(
  settled: PromiseSettledResult<T>,
  resolve: (value: T) => void,
  reject: (reason: unknown) => void,
): void {
  if (settled.status === 'fulfilled') resolve(settled.value)
  else reject(settled.reason)
}

/** To the other side and back; with a repeated call twice. */
function travel<T>(
  { simulation, luck }: Surroundings,
  { execute, options }: Call<T>,
  way: {
    readonly verdict: Verdict
    readonly answered: (settled: PromiseSettledResult<T>) => void
    readonly whileAlive: (act: () => void) => () => void
  },
): void {
  const kind = options.kind ?? 'step'
  const arrive = async (then: (settled: PromiseSettledResult<T>) => void) => {
    const [settled] = await Promise.allSettled([execute()])
    if (settled.status === 'fulfilled' && options.answerMs !== undefined) {
      simulation.after(options.answerMs(settled.value), () => then(settled))
    } else {
      then(settled)
    }
  }
  const again = way.whileAlive(() =>
    simulation.after(luck.between(50, 3000), () => arrive(way.answered), kind),
  )
  const travelMs = way.verdict === 'late' ? luck.between(1000, 40_000) : luck.between(1, 15)
  simulation.after(travelMs, () => arrive(way.verdict === 'repeat' ? again : way.answered), kind)
}

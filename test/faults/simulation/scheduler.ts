import { setImmediate as drained } from 'node:timers/promises'
import type { Clock } from '#shared/ports/clock.ts'
import { makeHeap } from '../memory/heap.ts'

/** `store`: reaches the database; such steps may run side by side, as those of real processes do. */
export type StepKind = 'step' | 'store'

interface Step {
  readonly at: number
  readonly kind: StepKind
  readonly run: () => void | Promise<void>
}

/** Virtual time: steps run one after another in the order of their times, in no time of ours. */
export interface Simulation {
  readonly clock: Clock
  after(milliseconds: number, run: Step['run'], kind?: StepKind): void
  /** Until this time, or until nothing is planned any more. */
  runUntil(at: number): Promise<void>
  /** Notes what happened; free of charge unless somebody traces. */
  trace(line: () => string): void
}

export interface SimulationOptions {
  readonly startAt: number
  /** Steps that reach the store at once; they lie within 5 ms of each other. Default 1. */
  readonly parallel?: number
  /** Tells the store the time before a step that reaches it. */
  readonly onTime?: (now: number) => Promise<void>
  readonly onTrace?: (at: number, line: string) => void
}

const sideBySideMs = 5

export function makeSimulation(options: SimulationOptions): Simulation {
  const { startAt, parallel = 1, onTime, onTrace } = options
  const steps = makeHeap<Step>()
  let now = startAt

  function nextStoreStep(limit: number): Step | undefined {
    const at = steps.nextKey()
    if (at === undefined || at > limit) return undefined
    const step = steps.pop()
    if (step?.kind === 'store') return step
    if (step !== undefined) steps.push(step.at, step)
    return undefined
  }

  function group(first: Step): readonly Step[] {
    const found = [first]
    while (found.length < parallel) {
      const next = nextStoreStep(first.at + sideBySideMs)
      if (next === undefined) break
      found.push(next)
    }
    return found
  }

  async function runStep(step: Step): Promise<void> {
    now = step.at
    if (step.kind === 'step') {
      await step.run()
    } else {
      if (onTime !== undefined) await onTime(now)
      await (parallel === 1 ? step.run() : Promise.all(group(step).map((each) => each.run())))
    }
    // What the step has set free runs to its next wait.
    await drained()
  }

  return {
    clock: { now: () => now },
    after(milliseconds, run, kind = 'step') {
      const at = now + Math.max(0, milliseconds)
      steps.push(at, { at, kind, run })
    },
    async runUntil(at) {
      for (;;) {
        const nextAt = steps.nextKey()
        if (nextAt === undefined || nextAt > at) break
        const step = steps.pop()
        if (step !== undefined) await runStep(step)
      }
      now = Math.max(now, at)
    },
    trace(line) {
      onTrace?.(now, line())
    },
  }
}

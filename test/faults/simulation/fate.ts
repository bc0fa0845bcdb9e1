import type { Luck } from './luck.ts'

/**
 * What becomes of a call. `before`: the process dies, nothing was executed. `after`: it was
 * executed, the answer is lost with the process. `repeat`: the answer is lost and the SDK calls
 * again. `refused` and `lost`: the SDK gives up; not executed, or executed. `late`: the call hangs
 * on its way and is executed late.
 */
export type Verdict = 'well' | 'before' | 'after' | 'repeat' | 'refused' | 'lost' | 'late'

export interface Fate {
  judge(point: string, repeatable: boolean): Verdict
}

/** Tells how often what was done. */
export interface Toll {
  points: number
  crashes: number
  repeats: number
  errors: number
}

export function emptyToll(): Toll {
  return { points: 0, crashes: 0, repeats: 0, errors: 0 }
}

function count(toll: Toll, verdict: Verdict): Verdict {
  toll.points += 1
  if (verdict === 'before' || verdict === 'after') toll.crashes += 1
  else if (verdict === 'repeat') toll.repeats += 1
  else if (verdict !== 'well') toll.errors += 1
  return verdict
}

/** What happens at the crash points of these numbers; all else goes well. */
export type Plan = ReadonlyMap<number, Verdict>

export interface PlannedFate extends Fate {
  /** The points met so far: their names, and whether an SDK repeats the call. */
  readonly met: readonly { readonly point: string; readonly repeatable: boolean }[]
}

/** Follows a plan; a repeat where nobody repeats is none. */
export function plannedFate(plan: Plan, toll: Toll): PlannedFate {
  const met: { point: string; repeatable: boolean }[] = []
  return {
    met,
    judge(point, repeatable) {
      const verdict = plan.get(met.length) ?? 'well'
      met.push({ point, repeatable })
      return count(toll, verdict === 'repeat' && !repeatable ? 'well' : verdict)
    },
  }
}

export interface FaultRates {
  readonly crash: number
  readonly repeat: number
  readonly error: number
  readonly late: number
}

/** Nothing happens any more. */
export const noFate: Fate = { judge: () => 'well' }

export interface RandomFate extends Fate {
  /** No more faults. */
  calm(): void
}

export function randomFate(luck: Luck, rates: FaultRates, toll: Toll): RandomFate {
  let isCalm = false
  return {
    calm() {
      isCalm = true
    },
    judge(_, repeatable) {
      return count(toll, isCalm ? 'well' : draw(luck, rates, repeatable))
    },
  }
}

function draw(luck: Luck, rates: FaultRates, repeatable: boolean): Verdict {
  const { crash, repeat, error, late } = rates
  const drawn = luck.fraction()
  if (drawn < crash) return drawn < crash / 2 ? 'before' : 'after'
  if (drawn > 1 - late) return 'late'
  if (!repeatable) return 'well'
  if (drawn < crash + repeat) return 'repeat'
  if (drawn < crash + repeat + error) return drawn < crash + repeat + error / 2 ? 'refused' : 'lost'
  return 'well'
}

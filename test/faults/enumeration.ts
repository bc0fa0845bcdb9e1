import { judge } from './invariants.ts'
import { lives, sqlLives, verdictsAt, writePlan } from './lives.ts'
import type { Failure } from './report.ts'
import type { Plan, Verdict } from './simulation/fate.ts'
import { type BuildSystem, type Evidence, type RunOptions, run } from './simulation/run.ts'

export interface Enumerated {
  readonly singles: number
  readonly pairs: number
  readonly crashes: number
  readonly failures: readonly Failure[]
}

export interface EnumerationOptions {
  readonly build: BuildSystem
  readonly pairs: boolean
  /** Of the first points this worker's share: every `shares`th from `share` on. */
  readonly share?: number
  readonly shares?: number
  /** For each run anew. */
  readonly runOptions?: () => RunOptions
}

/** Runs a life with a fault at each of its crash points, and at each ordered pair of them. */
export async function enumerate(name: string, options: EnumerationOptions): Promise<Enumerated> {
  const setting = lives[name] ?? sqlLives[name]
  if (setting === undefined) throw new Error(`there is no life "${name}"`)
  const known = setting
  const { build, pairs, share = 0, shares = 1 } = options
  const tally = { singles: 0, pairs: 0, crashes: 0, failures: [] as Failure[] }

  async function live(plan: Plan): Promise<Evidence> {
    const evidence = await run({ ...known, plan }, build, options.runOptions?.())
    tally.crashes += evidence.toll.crashes
    const violations = judge(evidence)
    if (violations.length > 0) {
      tally.failures.push({ replay: `--life "${name}" --plan ${writePlan(plan)}`, violations })
    }
    return evidence
  }

  const plain = await live(new Map())
  for (const [first, verdict] of faults(plain, -1)) {
    if (first % shares !== share) continue
    const once = await live(new Map([[first, verdict]]))
    tally.singles += 1
    if (!pairs) continue
    for (const [second, other] of faults(once, first)) {
      await live(
        new Map([
          [first, verdict],
          [second, other],
        ]),
      )
      tally.pairs += 1
    }
  }
  return tally
}

/** Every fault at every point after this one. */
function faults({ met }: Evidence, after: number): readonly (readonly [number, Verdict])[] {
  return met.flatMap((point, index) =>
    index > after ? verdictsAt(point).map((verdict) => [index, verdict] as const) : [],
  )
}

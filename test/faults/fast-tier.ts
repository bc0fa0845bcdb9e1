import { addFigures, type Figures, noFigures } from './campaign.ts'
import { controlFigures } from './control-figures.ts'
import type { Done, Job } from './jobs.ts'
import { lives } from './lives.ts'
import type { OutageFigures } from './outage.ts'
import { workAll } from './pool.ts'
import { describeFailures, type Failure } from './report.ts'

interface TierOptions {
  readonly lives: number
  readonly livesPerRun: number
  readonly outageLives: number
  readonly threads: number
  readonly firstSeed: number
}

export const wholeFastTier: TierOptions = {
  lives: 220_000,
  livesPerRun: 1000,
  outageLives: 20_000,
  threads: 2,
  firstSeed: 1,
}

export interface TierReport {
  readonly text: string
  readonly isGood: boolean
}

const controlLives = 1000

interface Totals {
  figures: Figures
  singles: number
  pairs: number
  plannedCrashes: number
  outage: OutageFigures | undefined
  control: ReadonlyMap<string, number>
  readonly failures: Failure[]
}

/** The real use cases on the stores in memory, in virtual time, on all given threads. */
export async function runFastTier(options: TierOptions): Promise<TierReport> {
  const startedAt = performance.now()
  const totals: Totals = {
    figures: noFigures,
    singles: 0,
    pairs: 0,
    plannedCrashes: 0,
    outage: undefined,
    control: new Map(),
    failures: [],
  }
  await workAll(jobsOf(options), options.threads, (done) => add(totals, done))
  totals.control = await controlFigures(controlLives)
  return reportOf(totals, options, (performance.now() - startedAt) / 1000)
}

function jobsOf({ lives: wanted, livesPerRun, outageLives, firstSeed }: TierOptions): Job[] {
  const runs = Math.ceil(wanted / livesPerRun)
  const shares = 4
  return [
    { kind: 'outage', lives: outageLives },
    ...Object.keys(lives).flatMap((life) =>
      Array.from(
        { length: shares },
        (_, share): Job => ({ kind: 'enumerate', life, share, shares }),
      ),
    ),
    ...Array.from(
      { length: runs },
      (_, run): Job => ({ kind: 'campaign', seed: firstSeed + run, lives: livesPerRun }),
    ),
  ]
}

function add(totals: Totals, done: Done): void {
  switch (done.kind) {
    case 'campaign':
      totals.figures = addFigures(totals.figures, done.outcome.figures)
      totals.failures.push(...done.outcome.failures)
      break
    case 'enumerate':
      totals.singles += done.enumerated.singles
      totals.pairs += done.enumerated.pairs
      totals.plannedCrashes += done.enumerated.crashes
      totals.failures.push(...done.enumerated.failures)
      break
    case 'outage':
      totals.outage = done.outage
      totals.failures.push(...done.outage.failures)
      break
  }
}

function reportOf(totals: Totals, options: TierOptions, seconds: number): TierReport {
  const { figures, outage, failures } = totals
  const wrong = [...shortcomings(totals), ...failures.map(({ replay }) => replay)]
  const lines = [
    `fast tier: ${figures.lives} message lives, ${figures.inbound} inbound, seeds from ${options.firstSeed}`,
    `  crash points met ${figures.points}; crashes ${figures.crashes}, repeated calls ${figures.repeats}, failed and late calls ${figures.errors}`,
    `  provider calls ${figures.calls}, abandoned attempts ${figures.abandoned}`,
    `  single faults ${totals.singles} (all), ordered pairs ${totals.pairs} (all), crashes in them ${totals.plannedCrashes}`,
    `  duplicates: reports arrive ${figures.duplicates.arrive}, late ${figures.duplicates.late}, cut off ${figures.duplicates.cut}, mixed ${figures.duplicates.mixed}; under at-most-once ${figures.duplicatesUnderAtMostOnce}`,
    '  the stores in memory know of no erasure, copy or cleanup: those are lives of the SQL tier',
    `  quiet at most ${figures.slowestQuietSeconds} virtual seconds after the faults`,
    ...(outage === undefined ? [] : outageLines(outage)),
    `  control, the plain design with ${controlLives} lives: ${[...totals.control].map(([rule, times]) => `${rule} broken ${times} times`).join(', ')}`,
    `  violations ${failures.reduce((sum, { violations }) => sum + violations.length, 0)}; ${seconds.toFixed(0)} s on ${options.threads} threads`,
    ...shortcomings(totals).map((text) => `  NOT MET: ${text}`),
    ...(failures.length > 0 ? [describeFailures(failures)] : []),
  ]
  return { text: lines.join('\n'), isGood: wrong.length === 0 }
}

function outageLines(outage: OutageFigures): readonly string[] {
  const drained = outage.drainedPerSecond.toFixed(1)
  return [
    `  outage of 10 minutes, ${outage.waiting} waiting: dead letters ${outage.deadLetters}, at most ${outage.mostCallsIn5Seconds} call in 5 s while open`,
    `    then drained at ${drained}/s of ${outage.allowedPerSecond}/s, at most ${outage.mostPerSecond}/s over 10 s; pair limit broken ${outage.pairLimitBroken} times`,
  ]
}

/** What the tier promises beyond the rules. */
function shortcomings({ figures, outage, control }: Totals): readonly string[] {
  const { duplicates } = figures
  const promises: readonly (readonly [string, boolean])[] = [
    ['no duplicate while reports arrive', duplicates.arrive === 0],
    ['no duplicate under at-most-once', figures.duplicatesUnderAtMostOnce === 0],
    ['no dead letter in the outage', outage === undefined || outage.deadLetters === 0],
    ['at most one probe in 5 s', outage === undefined || outage.mostCallsIn5Seconds <= 1],
    [
      'drained at 90 % of the rate',
      outage === undefined || outage.drainedPerSecond >= 0.9 * outage.allowedPerSecond,
    ],
    ['the control is seen to fail', [...control.values()].every((times) => times > 0)],
    ['pair limit kept', outage === undefined || outage.pairLimitBroken === 0],
  ]
  return promises.filter(([, isKept]) => !isKept).map(([text]) => text)
}

import { addFigures, campaign, type Figures, noFigures, settingOf, withUpkeep } from './campaign.ts'
import { enumerate } from './enumeration.ts'
import type { TierReport } from './fast-tier.ts'
import { lives, sqlLives } from './lives.ts'
import { describeFailures, type Failure } from './report.ts'
import { sqlSystem } from './sql/system.ts'
import { makeTemplates, type Server, type VirtualDatabase } from './sql/template.ts'

export interface SqlTierOptions {
  readonly lives: number
  readonly livesPerRun: number
  readonly firstSeed: number
  /** Lives of the enumeration; default all. */
  readonly enumerated?: readonly string[]
}

export const wholeSqlTier: SqlTierOptions = { lives: 5200, livesPerRun: 650, firstSeed: 1 }

/** Calls that reach the database at once: locks meet there as those of processes do. */
const parallel = 4
const dayMs = 86_400_000

/** The same runs on the SQL functions, in PostgreSQL, over the Data API. */
export async function runSqlTier(server: Server, options: SqlTierOptions): Promise<TierReport> {
  const startedAt = performance.now()
  const templates = await makeTemplates(server)
  try {
    const shared = await templates.open()
    const single = await enumerateAll(
      shared,
      options.enumerated ?? Object.keys({ ...lives, ...sqlLives }),
    )
    await shared.close()
    const failures = [...single.failures]
    let figures = noFigures
    for (let run = 0; run * options.livesPerRun < options.lives; run += 1) {
      const setting = withUpkeep(settingOf(options.firstSeed + run, options.livesPerRun))
      const database = await templates.open()
      const outcome = await campaign(setting, sqlSystem(database), {
        tier: 'sql',
        parallel,
        onTime: database.setTime,
      })
      await database.close()
      figures = addFigures(figures, outcome.figures)
      failures.push(...outcome.failures)
    }
    const seconds = (performance.now() - startedAt) / 1000
    return reportOf({ ...single, figures, failures, seconds })
  } finally {
    await templates.close()
  }
}

/** All single faults of the lives, one after another in one database, each a day later. */
async function enumerateAll(database: VirtualDatabase, names: readonly string[]) {
  const tally = { singles: 0, crashes: 0, failures: [] as Failure[] }
  let startAt = Date.UTC(2026, 0, 5, 9)
  for (const name of names) {
    const { singles, crashes, failures } = await enumerate(name, {
      build: sqlSystem(database),
      pairs: false,
      runOptions: () => {
        startAt += dayMs
        return { startAt, onTime: database.setTime }
      },
    })
    tally.singles += singles
    tally.crashes += crashes
    tally.failures.push(...failures)
  }
  return tally
}

function reportOf(totals: {
  readonly singles: number
  readonly crashes: number
  readonly figures: Figures
  readonly failures: readonly Failure[]
  readonly seconds: number
}): TierReport {
  const { figures, failures, singles, seconds } = totals
  const { duplicates } = figures
  const isGood =
    failures.length === 0 && duplicates.arrive === 0 && figures.duplicatesUnderAtMostOnce === 0
  const lines = [
    `SQL tier: ${figures.lives} message lives, ${figures.inbound} inbound`,
    `  crash points met ${figures.points}; crashes ${figures.crashes}, repeated calls ${figures.repeats}, failed and late calls ${figures.errors}`,
    `  persons erased ${figures.erased}, chats closed and archived by cleanups ${figures.cleaned}`,
    `  single faults ${singles} (all), crashes in them ${totals.crashes}`,
    `  duplicates: reports arrive ${duplicates.arrive}, late ${duplicates.late}, cut off ${duplicates.cut}, mixed ${duplicates.mixed}; abandoned attempts ${figures.abandoned}; under at-most-once ${figures.duplicatesUnderAtMostOnce}`,
    `  violations ${failures.reduce((sum, { violations }) => sum + violations.length, 0)}; ${seconds.toFixed(0)} s`,
    ...(failures.length > 0 ? [describeFailures(failures)] : []),
  ]
  return { text: lines.join('\n'), isGood }
}

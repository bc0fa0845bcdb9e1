import { duplicatesOf } from './invariants/sending.ts'
import { type Case, judge, open } from './invariants.ts'
import type { Failure } from './report.ts'
import { makeLuck } from './simulation/luck.ts'
import { type BuildSystem, type Evidence, type RunOptions, run } from './simulation/run.ts'
import { plainSetting, type ReportHabit, type Setting } from './simulation/setting.ts'

const habits: readonly ReportHabit[] = ['arrive', 'cut', 'late', 'mixed']

/** The setting of a seed: a mix of everything, drawn by the seed itself. */
export function settingOf(seed: number, lives: number): Setting {
  const luck = makeLuck(seed, 'setting')
  const crash = luck.pick([0.02, 0.06, 0.1])
  const hasOutage = luck.chance(0.3)
  return {
    ...plainSetting,
    seed,
    lives,
    chats: Math.max(2, Math.ceil(lives / luck.pick([1, 3, 10]))),
    tenants: 2,
    spanSeconds: 3600,
    inbound: Math.ceil(lives / 3),
    reports: habits[seed % habits.length] ?? 'mixed',
    atMostOnceShare: 0.3,
    plannedShare: 0.1,
    shortLivedShare: 0.1,
    faults: { crash, repeat: 0.03, error: 0.02, late: 0.005 },
    queueFaults: luck.pick([0.01, 0.05, 0.3, 1]),
    behaviours: {
      accept: 80,
      'accept-held': 1,
      'accept-lost': 4,
      lost: 3,
      reject: 3,
      throttle: 3,
      'throttle-pair': 2,
      unavailable: 3,
      broken: 0.05,
    },
    outage: hasOutage ? { from: 600, to: 600 + luck.between(60, 900) } : undefined,
    skewSeconds: luck.pick([0, 600, -600]),
    poison: luck.upTo(5),
  }
}

/** The same with what only PostgreSQL knows of: erasures, copies and cleanups among the rest. */
export function withUpkeep(setting: Setting): Setting {
  const few = Math.ceil(setting.chats / 8)
  return {
    ...setting,
    upkeep: {
      ...{ erasures: few, exports: few, cleanups: 6, afterSeconds: 0 },
      idleDays: [0, 31, 0, 0, 400, 0],
    },
  }
}

/** What a run adds to the figures. */
export interface Figures {
  readonly lives: number
  readonly inbound: number
  readonly crashes: number
  readonly repeats: number
  readonly errors: number
  readonly points: number
  readonly calls: number
  readonly abandoned: number
  readonly erased: number
  readonly cleaned: number
  readonly slowestQuietSeconds: number
  readonly duplicates: Readonly<Record<ReportHabit, number>>
  readonly duplicatesUnderAtMostOnce: number
}

export const noFigures: Figures = {
  lives: 0,
  inbound: 0,
  crashes: 0,
  repeats: 0,
  errors: 0,
  points: 0,
  calls: 0,
  abandoned: 0,
  erased: 0,
  cleaned: 0,
  slowestQuietSeconds: 0,
  duplicates: { arrive: 0, cut: 0, late: 0, mixed: 0 },
  duplicatesUnderAtMostOnce: 0,
}

export function addFigures(one: Figures, other: Figures): Figures {
  const sum = (name: keyof Figures) => Number(one[name]) + Number(other[name])
  return {
    lives: sum('lives'),
    inbound: sum('inbound'),
    crashes: sum('crashes'),
    repeats: sum('repeats'),
    errors: sum('errors'),
    points: sum('points'),
    calls: sum('calls'),
    abandoned: sum('abandoned'),
    erased: sum('erased'),
    cleaned: sum('cleaned'),
    slowestQuietSeconds: Math.max(one.slowestQuietSeconds, other.slowestQuietSeconds),
    duplicatesUnderAtMostOnce: sum('duplicatesUnderAtMostOnce'),
    duplicates: {
      arrive: one.duplicates.arrive + other.duplicates.arrive,
      cut: one.duplicates.cut + other.duplicates.cut,
      late: one.duplicates.late + other.duplicates.late,
      mixed: one.duplicates.mixed + other.duplicates.mixed,
    },
  }
}

export interface Outcome {
  readonly figures: Figures
  readonly failures: readonly Failure[]
}

/** Runs one setting and holds it against the rules. */
export async function campaign(
  setting: Setting,
  build: BuildSystem,
  { tier, ...options }: RunOptions & { readonly tier: string },
): Promise<Outcome> {
  const evidence = await run(setting, build, options)
  const violations = judge(evidence)
  const replay = `--tier ${tier} --seed ${setting.seed} --lives ${setting.lives}`
  return {
    figures: figuresOf(evidence),
    failures: violations.length > 0 ? [{ replay, violations }] : [],
  }
}

/** Chats that cleanups closed or archived. */
function cleanedIn({ rows, erasedPersons }: Evidence & Pick<Case, 'erasedPersons'>): number {
  return (rows.upkeep?.chatChanges ?? []).filter(
    ({ personId, at }) => erasedPersons.get(personId) !== at,
  ).length
}

function figuresOf(evidence: Evidence): Figures {
  const { setting, ledgers, toll } = evidence
  const found = open(evidence)
  const duplicates = duplicatesOf(found)
  const twice = [...duplicates.values()].reduce((sum, more) => sum + more, 0)
  const underAtMostOnce = [...duplicates.keys()].filter(
    (id) => found.messagesById.get(id)?.deliveryPolicy === 'at-most-once',
  )
  return {
    ...toll,
    lives: ledgers.posts.length,
    inbound: ledgers.events.filter(({ kind }) => kind === 'inbound').length,
    calls: ledgers.calls.length,
    abandoned: found.abandonedAttempts.size,
    erased: found.erasedPersons.size,
    cleaned: cleanedIn(found),
    slowestQuietSeconds: evidence.quietAfterSeconds ?? Number.POSITIVE_INFINITY,
    duplicates: { ...noFigures.duplicates, [setting.reports]: twice },
    duplicatesUnderAtMostOnce: underAtMostOnce.length,
  }
}

import type { FaultRates, Plan } from './fate.ts'
import type { Behaviour, ReportPlan } from './provider.ts'

/** One run; together with the code it decides everything that happens. */
export interface Setting {
  readonly seed: number
  readonly lives: number
  readonly chats: number
  /** Tenants, each with its own sender; the chats are shared out among them. */
  readonly tenants: number
  /** Posts and people's messages are spread over this time. */
  readonly spanSeconds: number
  readonly inbound: number
  readonly reports: ReportHabit
  readonly atMostOnceShare: number
  readonly plannedShare: number
  readonly shortLivedShare: number
  readonly faults: FaultRates
  /** How likely SQS refuses a wake-up or delivers a message twice; chunks it refuses less. */
  readonly queueFaults: number
  /** Weights of what the provider does. */
  readonly behaviours: Readonly<Partial<Record<Behaviour, number>>>
  /** From and to, in seconds from the start. */
  readonly outage: { readonly from: number; readonly to: number } | undefined
  /** The functions' clocks against the database's. */
  readonly skewSeconds: number
  /** Bodies that no code can read. */
  readonly poison: number
  readonly senderRatePerSecond: number
  /** What only PostgreSQL knows of: erasures, copies and cleanups. */
  readonly upkeep?: UpkeepSetting
  /** Replaces chance: what happens at which crash point. */
  readonly plan?: Plan
  /** Replaces chance: what the provider does with its first calls; afterwards it accepts. */
  readonly script?: Script
}

interface UpkeepSetting {
  readonly erasures: number
  readonly exports: number
  readonly cleanups: number
  /** Nobody asks for any of it earlier. */
  readonly afterSeconds: number
  /** For how long nothing has happened in chats, by turns; more than 90: they are closed. */
  readonly idleDays: readonly number[]
}

interface Script {
  readonly behaviours: readonly Behaviour[]
  readonly reports: ReportPlan
}

export type ReportHabit = 'arrive' | 'late' | 'cut' | 'mixed'

export const plainSetting: Setting = {
  seed: 1,
  lives: 1,
  chats: 1,
  tenants: 1,
  spanSeconds: 1,
  inbound: 0,
  reports: 'arrive',
  atMostOnceShare: 0,
  plannedShare: 0,
  shortLivedShare: 0,
  faults: { crash: 0, repeat: 0, error: 0, late: 0 },
  queueFaults: 0,
  behaviours: { accept: 1 },
  outage: undefined,
  skewSeconds: 0,
  poison: 0,
  senderRatePerSecond: 80,
}

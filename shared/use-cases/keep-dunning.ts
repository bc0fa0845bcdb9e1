import type { Caller } from '../domain/caller.ts'
import type { Channel } from '../domain/channel.ts'
import type { Calendar } from '../domain/dunning/calendar.ts'
import type { StepPlan } from '../domain/dunning/plan-step.ts'
import { passingRefusals } from '../domain/dunning/policy.ts'
import { instantOf, localTime } from '../domain/dunning/zoned-time.ts'
import { Refusal } from '../domain/errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { BookedStep, DryDebt, DunningDesk, PolicyVersion } from '../ports/dunning-desk.ts'
import type { DunningRules, StepDecision } from '../ports/dunning-store.ts'
import { makeDecideStep, urgency } from './decide-steps.ts'

/** One step of a dry run. */
export interface DryStep {
  readonly installmentId: string
  readonly step: string
  readonly plan: StepPlan
  /** Of one that goes. */
  readonly channel: Channel | undefined
  readonly refused: Readonly<Record<string, string>>
}

interface Parts {
  readonly desk: DunningDesk
  readonly clock: Clock
  readonly calendar: Calendar
}

/** The ladder as programs see it. */
export function makeKeepDunning({ desk, clock, calendar }: Parts) {
  return {
    policy: (caller: Caller): Promise<PolicyVersion> => desk.policy(caller),
    /** Throws Refusal `version-mismatch`. */
    putPolicy: async (
      caller: Caller,
      wanted: Parameters<DunningDesk['putPolicy']>[1],
    ): Promise<PolicyVersion> => {
      const stored = await desk.putPolicy(caller, wanted)
      if (stored === undefined) throw new Refusal('version-mismatch')
      return stored
    },
    dryRun: async (caller: Caller, wanted: Parameters<DunningDesk['dryRun']>[1]) => {
      const { rules, debts, nextCursor } = await desk.dryRun(caller, wanted)
      const decide = makeDecideStep({ clock: { now: () => momentOf(rules, clock) }, calendar })
      const tally = new Map<string, number>()
      const items = debts
        .flatMap((dry) =>
          dry.debt.steps.map((step) => ({ dry, decision: decide(rules, dry.debt, step) })),
        )
        .toSorted((one, other) => urgency(one.decision) - urgency(other.decision))
        .map(({ dry, decision }) => dryStep(rules, dry, { decision, tally }))
      return { items, nextCursor }
    },
    /** Throws Refusal `installment-not-found`. */
    steps: async (caller: Caller, installmentId: string): Promise<readonly BookedStep[]> => {
      const steps = await desk.steps(caller, installmentId)
      if (steps === undefined) throw new Refusal('installment-not-found')
      return steps
    },
  }
}

/** Of another day than today it is its first moment. */
function momentOf({ day, company }: DunningRules, clock: Clock): number {
  const now = clock.now()
  return localTime(now, company.timeZone).day === day
    ? now
    : instantOf({ day, minutes: 0 }, company.timeZone)
}

interface DryLook {
  readonly decision: StepDecision
  /** Messages by person so far. */
  readonly tally: Map<string, number>
}

function dryStep(rules: DunningRules, dry: DryDebt, look: DryLook): DryStep {
  const { plan, message, step } = look.decision
  const { installmentId, person } = dry.debt
  const known = dry.refusals[step] ?? {}
  const shown = { installmentId, step, plan, channel: undefined, refused: {} }
  if (plan.outcome !== 'go' || message === undefined || person === undefined) return shown
  const sent = look.tally.get(person.personId) ?? dry.sentThatDay
  if (sent >= rules.policy.maxPerPersonPerDay) {
    return { ...shown, plan: notToday(plan, 'person-day-limit') }
  }
  const channel = message.channels.find((one) => known[one] === undefined)
  const tried = message.channels.slice(0, channel && message.channels.indexOf(channel))
  const refused = Object.fromEntries(tried.map((one) => [one, known[one] ?? '']))
  if (channel === undefined) {
    const reasons = Object.values(refused)
    const [reason = 'no-channel'] = reasons
    return reasons.some((one) => passingRefusals.includes(one))
      ? { ...shown, refused, plan: notToday(plan, reason) }
      : { ...shown, refused, plan: { outcome: 'skip', reason, checks: plan.checks } }
  }
  look.tally.set(person.personId, sent + 1)
  return { ...shown, channel, refused }
}

function notToday(plan: Extract<StepPlan, { outcome: 'go' }>, why: string): StepPlan {
  const { checks, nextDay } = plan
  return nextDay === undefined
    ? { outcome: 'skip', reason: why, checks }
    : { outcome: 'later', day: nextDay, why, checks }
}

import type { CalendarDay } from './calendar-day.ts'
import type { DunningStep } from './policy.ts'
import { closedWhy, lastDay, nextOpenDay, type Setting, stepDay, windowOn } from './step-days.ts'
import { instantOf, minutesOf } from './zoned-time.ts'

/** What is asked of one step of one installment. Ids, dates and codes only. */
export interface StepFacts {
  readonly status: 'OPEN' | 'PAID' | 'CANCELLED' | 'RENEGOTIATED'
  readonly dueOn: CalendarDay
  readonly balanceCents: number
  /** Undefined while the movement is not known yet. */
  readonly movementStatus: 'OPEN' | 'CANCELLED' | undefined
  /** When the movement was made known, on the company's calendar. */
  readonly createdOn: CalendarDay | undefined
}

/** One thing that was looked at, and what was found: codes, days and counts. */
export interface Check {
  readonly check: string
  readonly found: string | number
}

/** Times are milliseconds since 1970. */
type Verdict =
  | {
      readonly outcome: 'go'
      readonly sendAt: number
      readonly expiresAt: number
      /** Where it goes on when it cannot go today; undefined: today or never. */
      readonly nextDay: CalendarDay | undefined
    }
  | { readonly outcome: 'later'; readonly day: CalendarDay; readonly why: string }
  | { readonly outcome: 'skip'; readonly reason: string }

/** What is to happen to a step on a day, and what was looked at. */
export type StepPlan = Verdict & { readonly checks: readonly Check[] }

/** The day that is planned, on the clocks where the person lives, and what time it is. */
export interface PlannedDay extends Setting {
  readonly day: CalendarDay
  /** In milliseconds since 1970. */
  readonly now: number
}

interface Look extends PlannedDay {
  readonly see: (check: string, found: string | number) => void
}

/**
 * Whether a step of an installment goes on a day. A message has its window's end as its own, so that
 * whatever holds it up, it never goes at night.
 */
export function planStep(facts: StepFacts, step: DunningStep, setting: PlannedDay): StepPlan {
  const checks: Check[] = []
  const see: Look['see'] = (check, found) => {
    checks.push({ check, found })
  }
  return { ...verdict(facts, step, { ...setting, see }), checks }
}

function verdict(facts: StepFacts, step: DunningStep, look: Look): Verdict {
  const { day, see } = look
  const settled = settledWhy(facts, see)
  if (settled !== undefined) return skip(settled)
  const anchor = step.anchor === 'due' ? facts.dueOn : facts.createdOn
  if (anchor === undefined) {
    return facts.dueOn < day ? skip('movement-missing') : later(day, 'movement-missing')
  }
  const planned = stepDay(step, anchor, look)
  const last = lastDay(step, planned)
  see('step-day', planned)
  see('last-day', last)
  if (planned > day) return later(planned, 'not-yet')
  if (day > last) return skip(facts.movementStatus === undefined ? 'movement-missing' : 'step-over')
  const why = outdated(facts, step, look)
  if (why !== undefined) return skip(why)
  // It may be told at any moment: the step is looked at again on the same day.
  if (facts.movementStatus === undefined) return later(day, 'movement-missing')
  return onDay(step, last, look)
}

/** Whether the day is open, and its hours. */
function onDay(step: DunningStep, last: CalendarDay, look: Look): Verdict {
  const { day, now, see, person } = look
  const closed = closedWhy(day, look)
  const window = windowOn(day, look)
  see('day', closed ?? 'open')
  if (closed !== undefined || window === undefined) {
    return step.onClosedDay === 'skip' ? skip('closed-day') : onward('closed-day', last, look)
  }
  see('window', `${window.from}-${window.to} ${person.timeZone}`)
  const opens = instantOf({ day, minutes: minutesOf(window.from) }, person.timeZone)
  const closes = instantOf({ day, minutes: minutesOf(window.to) }, person.timeZone)
  if (now >= closes) return onward('window-over', last, look)
  return {
    outcome: 'go',
    sendAt: Math.max(opens, now),
    expiresAt: closes,
    nextDay: nextOpenDay(day, last, look),
  }
}

/** Why nothing is owed. */
function settledWhy(facts: StepFacts, see: Look['see']): string | undefined {
  see('status', facts.status)
  if (facts.status !== 'OPEN') return `installment-${facts.status.toLowerCase()}`
  see('balance-cents', facts.balanceCents)
  if (facts.balanceCents === 0) return 'nothing-to-pay'
  see('movement', facts.movementStatus ?? 'missing')
  return facts.movementStatus === 'CANCELLED' ? 'movement-cancelled' : undefined
}

/** What a step says must still be true on the day on which it is said. */
function outdated({ dueOn }: StepFacts, step: DunningStep, look: Look): string | undefined {
  const isAhead = step.anchor === 'created' || step.days <= 0
  if (isAhead && dueOn < look.day) return 'due-date-passed'
  if (step.anchor === 'created') return undefined
  const isOvertaken = look.policy.steps.some(
    (other) =>
      other.anchor === 'due' && other.days > step.days && stepDay(other, dueOn, look) <= look.day,
  )
  return isOvertaken ? 'overtaken' : undefined
}

/** On to the next open day that the step has, if it has one. */
function onward(why: string, last: CalendarDay, look: Look): Verdict {
  const next = nextOpenDay(look.day, last, look)
  return next === undefined ? skip(why) : later(next, why)
}

function skip(reason: string): Verdict {
  return { outcome: 'skip', reason }
}

function later(day: CalendarDay, why: string): Verdict {
  return { outcome: 'later', day, why }
}

import type { Calendar, Place } from './calendar.ts'
import { addDays, type CalendarDay } from './calendar-day.ts'
import type { DunningPolicy, DunningStep, TimeSpan } from './policy.ts'

/** What the days of a step depend on. */
export interface Setting {
  readonly policy: DunningPolicy
  readonly calendar: Calendar
  readonly person: {
    /** Known better than by a phone, or by its area code. */
    readonly state: string | undefined
    readonly timeZone: string
  }
  readonly company: Place
}

/** No step's day moves further than this: the longest run of closed days is far shorter. */
export const mostShiftDays = 7

/**
 * The day of a step: so many days from its anchor, and to the next or the last open day when that one
 * is closed. Of late steps the tolerance is counted too.
 */
export function stepDay(step: DunningStep, anchor: CalendarDay, setting: Setting): CalendarDay {
  const isLate = step.anchor === 'due' && step.days > 0
  const nominal = addDays(anchor, step.days + (isLate ? setting.policy.toleranceDays : 0))
  if (step.onClosedDay === 'skip') return nominal
  const direction = step.onClosedDay === 'earlier' ? -1 : 1
  for (let shift = 0; shift <= mostShiftDays; shift += 1) {
    const day = addDays(nominal, shift * direction)
    if (closedWhy(day, setting) === undefined) return day
  }
  return nominal
}

/** The last day on which a step may go, given its first. */
export function lastDay(step: DunningStep, planned: CalendarDay): CalendarDay {
  return addDays(planned, step.ttlDays)
}

/** The first open day after `day`, not later than `last`. */
export function nextOpenDay(
  day: CalendarDay,
  last: CalendarDay,
  setting: Setting,
): CalendarDay | undefined {
  for (let next = addDays(day, 1); next <= last; next = addDays(next, 1)) {
    if (closedWhy(next, setting) === undefined) return next
  }
  return undefined
}

/** Why nothing goes on a day to this person, as a code; undefined: it is open. */
export function closedWhy(day: CalendarDay, setting: Setting): string | undefined {
  const { policy, calendar, person, company } = setting
  if (policy.closedDays.some((closed) => day === closed || day.slice(5) === closed)) {
    return 'closed-by-company'
  }
  const kind = strictest(
    calendar.kindOf(day, { state: person.state }),
    calendar.kindOf(day, company),
  )
  if (policy.businessDaysOnly && kind !== 'weekday') return kind
  return windowOfKind(kind, setting) === undefined ? kind : undefined
}

/** The hours of an open day; undefined when it has none. */
export function windowOn(day: CalendarDay, setting: Setting): TimeSpan | undefined {
  const { calendar, person, company } = setting
  return windowOfKind(
    strictest(calendar.kindOf(day, { state: person.state }), calendar.kindOf(day, company)),
    setting,
  )
}

type DayKind = ReturnType<Calendar['kindOf']>

function strictest(left: DayKind, right: DayKind): DayKind {
  return left === 'holiday' || right === 'holiday' ? 'holiday' : left
}

function windowOfKind(kind: DayKind, { policy, person }: Setting): TimeSpan | undefined {
  const { stateWindows, sendWindow } = policy
  const window =
    person.state !== undefined && Object.hasOwn(stateWindows, person.state)
      ? (stateWindows[person.state] ?? sendWindow)
      : sendWindow
  return window[kind === 'holiday' ? 'sunday' : kind] ?? undefined
}

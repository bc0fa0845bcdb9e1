/** A day of the calendar, `YYYY-MM-DD`; days compare as texts do. */
export type CalendarDay = string

const dayMs = 86_400_000

/** Undefined what is no day of the calendar, such as `2026-02-30`. */
export function parseDay(text: string): CalendarDay | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined
  const ms = Date.parse(`${text}T00:00:00Z`)
  return Number.isNaN(ms) || dayOf(ms) !== text ? undefined : text
}

/** `days` may be negative. */
export function addDays(day: CalendarDay, days: number): CalendarDay {
  return dayOf(utcMs(day) + days * dayMs)
}

/** 0 is Sunday. */
export function weekdayOf(day: CalendarDay): number {
  return new Date(utcMs(day)).getUTCDay()
}

/** The day's first moment as if its zone were UTC, in milliseconds since 1970. */
export function utcMs(day: CalendarDay): number {
  return Date.parse(`${day}T00:00:00Z`)
}

function dayOf(ms: number): CalendarDay {
  return new Date(ms).toISOString().slice(0, 10)
}

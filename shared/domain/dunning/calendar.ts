import { brazilianHolidays, holidayYears } from './brazilian-holidays.ts'
import { type CalendarDay, weekdayOf } from './calendar-day.ts'

/** Whose holidays count; a city is named as the calendars name it, e.g. `São Paulo`. */
export interface Place {
  readonly state?: string | undefined
  readonly city?: string | undefined
}

export type DayKind = 'weekday' | 'saturday' | 'sunday' | 'holiday'

/** What a day is for a place. */
export interface Calendar {
  /** A holiday that is a Sunday is a Sunday. */
  kindOf(day: CalendarDay, place: Place): DayKind
  /** Holidays beyond `year` are not known: only Saturdays and Sundays are. */
  readonly years: { readonly first: number; readonly last: number }
}

/** National, state and city holidays of Brazil, those of banks too. */
export const brazilianCalendar: Calendar = {
  years: holidayYears,
  kindOf: (day, place) => {
    const weekday = weekdayOf(day)
    if (weekday === 0) return 'sunday'
    if (placesOf(place).some((name) => holidaysOf(name).has(day))) return 'holiday'
    return weekday === 6 ? 'saturday' : 'weekday'
  },
}

function placesOf({ state, city }: Place): readonly string[] {
  if (state === undefined) return ['BR']
  return city === undefined ? ['BR', state] : ['BR', state, `${state}/${city}`]
}

const known = new Map<string, ReadonlySet<string>>()

function holidaysOf(name: string): ReadonlySet<string> {
  let days = known.get(name)
  if (days === undefined) {
    const text = Object.hasOwn(brazilianHolidays, name) ? (brazilianHolidays[name] ?? '') : ''
    days = new Set(text.split(' ').flatMap(eachYear))
    known.set(name, days)
  }
  return days
}

/** `MM-DD` is a day of each year. */
function eachYear(text: string): readonly CalendarDay[] {
  if (text.length !== 5) return [text]
  const { first, last } = holidayYears
  return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}-${text}`)
}

import { type CalendarDay, utcMs } from './calendar-day.ts'

/** A moment as the clocks of a zone show it. */
export interface LocalTime {
  readonly day: CalendarDay
  /** Since the day's midnight, 0 to 1439. */
  readonly minutes: number
}

const minuteMs = 60_000
const dayMs = 86_400_000
const formats = new Map<string, Intl.DateTimeFormat>()

/** False for a name that is no IANA zone. */
export function isTimeZone(zone: string): boolean {
  try {
    return /^[A-Za-z]/.test(zone) && formatOf(zone) !== undefined
  } catch {
    return false
  }
}

/** `at` in milliseconds since 1970. Throws RangeError for a zone that is none. */
export function localTime(at: number, zone: string): LocalTime {
  const shown = new Date(at + offsetMs(at, zone)).toISOString()
  return {
    day: shown.slice(0, 10),
    minutes: Number(shown.slice(11, 13)) * 60 + Number(shown.slice(14, 16)),
  }
}

/**
 * When the clocks of a zone show this, in milliseconds since 1970. What they skip in spring is as much
 * later; of what they show twice in autumn it is the second time. PostgreSQL's `at time zone` says the
 * same, and a test compares.
 */
export function instantOf({ day, minutes }: LocalTime, zone: string): number {
  const shown = utcMs(day) + minutes * minuteMs
  const before = shown - offsetMs(shown - dayMs, zone)
  const after = shown - offsetMs(shown + dayMs, zone)
  return after + offsetMs(after, zone) === shown ? after : before
}

/** `HH:MM`, 00:00 to 24:00, as minutes since midnight. */
export function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))
}

/** What the zone's clocks are ahead of UTC. */
function offsetMs(at: number, zone: string): number {
  const parts: Record<string, number> = {}
  for (const { type, value } of formatOf(zone).formatToParts(at)) parts[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000
}

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
    formats.set(zone, format)
  }
  return format
}

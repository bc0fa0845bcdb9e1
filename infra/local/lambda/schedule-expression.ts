import { Cron } from 'croner'

/** When a schedule fires. */
export type Rhythm =
  | { readonly kind: 'rate'; readonly everyMilliseconds: number }
  /** `next` gives the first time after the given one; undefined when there is none. */
  | { readonly kind: 'calendar'; readonly next: (after: Date) => Date | undefined }

const unitMilliseconds: Readonly<Record<string, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
}

/**
 * Reads an expression of EventBridge Scheduler: `rate(5 minutes)`, `at(2026-12-01T09:00:00)` or
 * `cron(minutes hours day-of-month month day-of-week year)`, the last two in the time zone.
 * Throws for anything else.
 */
export function parseScheduleExpression(expression: string, timezone: string): Rhythm {
  const [, kind, body = ''] = /^(rate|at|cron)\(([^()]*)\)$/.exec(expression) ?? []
  if (kind === 'rate') return parseRate(body, expression)
  if (kind === 'at') return parseAt(body, timezone)
  if (kind === 'cron') return parseCron(body, timezone)
  throw new Error(`${expression} is not rate(…), at(…) or cron(…)`)
}

function parseRate(body: string, expression: string): Rhythm {
  const [, count = '', unit = ''] = /^([1-9]\d*) (minute|hour|day)s?$/.exec(body) ?? []
  const milliseconds = unitMilliseconds[unit]
  if (milliseconds === undefined) throw new Error(`${expression} is not a rate`)
  return { kind: 'rate', everyMilliseconds: Number(count) * milliseconds }
}

function parseAt(body: string, timezone: string): Rhythm {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(body)) {
    throw new Error(`at(${body}) is not at(yyyy-mm-ddThh:mm:ss)`)
  }
  const at = new Cron(body, { timezone, paused: true, allowPast: true }).nextRun()
  if (at === null) throw new Error(`at(${body}) is no time in ${timezone}`)
  return { kind: 'calendar', next: (after) => (at > after ? at : undefined) }
}

/**
 * AWS counts weekdays from 1 (Sunday), wants `?` in one of the two day fields and allows `5/15`
 * for `5-59/15`, which croner does not.
 */
function parseCron(body: string, timezone: string): Rhythm {
  const fields = body.split(' ')
  const [minutes = '', hours = '', day = '', month = '', weekday = '', year = ''] = fields
  if (fields.length !== 6 || (day === '?') === (weekday === '?')) {
    throw new Error(`cron(${body}) needs six fields, with ? as day of month or as day of week`)
  }
  // croner takes 8 for a Sunday.
  if (/(^|[,-])([089]|\d\d)/.test(weekday)) throw new Error(`cron(${body}): weekdays are 1 to 7`)
  const pattern = [
    '0',
    withoutOpenSteps(minutes, 59),
    withoutOpenSteps(hours, 23),
    withoutOpenSteps(day, 31),
    withoutOpenSteps(month, 12),
    weekday === 'L' ? '7' : withoutOpenSteps(weekday, 7),
    withoutOpenSteps(year, 2199),
  ].join(' ')
  const cron = new Cron(pattern, {
    alternativeWeekdays: true,
    mode: '7-part',
    paused: true,
    timezone,
  })
  cron.nextRun() // reads the time zone, which the constructor does not
  return { kind: 'calendar', next: (after) => cron.nextRun(after) ?? undefined }
}

function withoutOpenSteps(field: string, last: number): string {
  return field.replace(/(^|,)(\d+)\//g, (_, before: string, start: string) => {
    return `${before}${start}-${last}/`
  })
}

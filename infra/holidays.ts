import { writeFile } from 'node:fs/promises'
import Holidays from 'date-holidays'

/** `npm run holidays`: writes the table of Brazilian holidays from the package `date-holidays`. */

const firstYear = 2024
const lastYear = 2045
const file = new URL('../shared/domain/dunning/brazilian-holidays.ts', import.meta.url)
const years = Array.from({ length: lastYear - firstYear + 1 }, (_, index) => firstYear + index)

/** The text of the file; the same for the same version of the package. */
export function holidayTable(): string {
  const brazil = new Holidays('BR')
  const national = daysOf(brazil)
  const rows = Object.keys(brazil.getStates('BR') ?? {})
    .sort()
    .flatMap((state) => {
      const calendar = new Holidays('BR', state)
      return [
        row(state, compact(daysOf(calendar), national)),
        ...Object.entries(calendar.getRegions('BR', state) ?? {}).map(([region, city]) =>
          row(`${state}/${city}`, compact(daysOf(new Holidays('BR', state, region)), national)),
        ),
      ]
    })
  return [
    '// Written by `npm run holidays` from the package date-holidays (ISC and CC-BY-3.0); a test',
    '// compares. Days of each year, and days of one year; public holidays and those of banks.',
    '',
    `export const holidayYears = { first: ${firstYear}, last: ${lastYear} } as const`,
    '',
    '/** By `BR`, state, and `state/city`; what the state has is in the row of its cities too. */',
    'export const brazilianHolidays: Readonly<Record<string, string>> = {',
    row('BR', compact(national, new Set())),
    ...rows,
    '}',
    '',
  ].join('\n')
}

function row(place: string, text: string): string {
  const key = /^[A-Z]+$/.test(place) ? place : `'${place}'`
  return `  ${key}: '${text}',`
}

function daysOf(calendar: Holidays): ReadonlySet<string> {
  return new Set(
    years
      .flatMap((year) => calendar.getHolidays(year) ?? [])
      .filter(({ type }) => type === 'public' || type === 'bank')
      .map(({ date }) => date.slice(0, 10)),
  )
}

/** Without what is in `known` already. Sundays of a moving feast say nothing. */
function compact(days: ReadonlySet<string>, known: ReadonlySet<string>): string {
  const isEach = (set: ReadonlySet<string>) => (day: string) =>
    years.every((year) => set.has(`${year}-${day}`))
  const monthDays = [...new Set([...days].map((day) => day.slice(5)))].sort()
  const each = monthDays.filter(isEach(days))
  const single = [...days]
    .filter((day) => !each.includes(day.slice(5)) && !known.has(day))
    .filter((day) => new Date(day).getUTCDay() !== 0)
    .sort()
  return [...each.filter((day) => !isEach(known)(day)), ...single].join(' ')
}

if (import.meta.main) await writeFile(file, holidayTable())

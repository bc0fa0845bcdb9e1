import { readFile } from 'node:fs/promises'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { holidayTable } from '#infra/holidays.ts'
import { stateOfPhone, states, zoneOfState } from '#shared/domain/dunning/brazilian-states.ts'
import { brazilianCalendar, type DayKind, type Place } from '#shared/domain/dunning/calendar.ts'
import { addDays, parseDay, weekdayOf } from '#shared/domain/dunning/calendar-day.ts'
import { instantOf, isTimeZone, localTime, minutesOf } from '#shared/domain/dunning/zoned-time.ts'

describe('days', () => {
  it.each([
    ['2026-02-28', 1, '2026-03-01'],
    ['2028-02-28', 1, '2028-02-29'],
    ['2026-01-01', -1, '2025-12-31'],
    ['2026-06-15', 365, '2027-06-15'],
  ])('%s and %i days is %s', (day, days, expected) => {
    expect(addDays(day, days)).toBe(expected)
  })

  it.each(['2026-02-30', '2026-13-01', '26-01-01', '2026-1-1', 'today', '2026-01-01T00:00'])(
    '%s is no day',
    (text) => {
      expect(parseDay(text)).toBeUndefined()
    },
  )

  it('knows the day of the week', () => {
    expect(['2026-11-22', '2026-11-25', '2026-11-28'].map(weekdayOf)).toEqual([0, 3, 6])
  })
})

describe('the calendar', () => {
  const rows: readonly (readonly [string, Place, DayKind])[] = [
    ['2026-11-20', {}, 'holiday'],
    ['2026-11-21', {}, 'saturday'],
    ['2026-11-22', {}, 'sunday'],
    ['2026-11-23', {}, 'weekday'],
    // Carnival's Monday and Tuesday, when banks are closed; Corpus Christi.
    ['2027-02-08', {}, 'holiday'],
    ['2027-02-09', {}, 'holiday'],
    ['2027-02-10', {}, 'weekday'],
    ['2026-06-04', {}, 'holiday'],
    ['2026-07-09', {}, 'weekday'],
    ['2026-07-09', { state: 'SP' }, 'holiday'],
    ['2026-07-09', { state: 'RJ' }, 'weekday'],
    ['2026-01-20', { state: 'RJ' }, 'weekday'],
    ['2026-01-20', { state: 'RJ', city: 'Rio de Janeiro' }, 'holiday'],
    ['2026-04-23', { state: 'RJ', city: 'Rio de Janeiro' }, 'holiday'],
    ['2028-04-23', { state: 'RJ' }, 'sunday'],
    // Nothing is known of such places but the country.
    ['2026-01-20', { state: 'RJ', city: 'Niterói' }, 'weekday'],
    ['2026-09-07', { state: 'ZZ', city: 'constructor' }, 'holiday'],
  ]
  it.each(rows)('%s in %j is a %s', (day, place, kind) => {
    expect(brazilianCalendar.kindOf(day, place)).toBe(kind)
  })

  it('is the table that the package makes', async () => {
    const file = new URL('../../shared/domain/dunning/brazilian-holidays.ts', import.meta.url)
    expect(await readFile(file, 'utf8')).toBe(holidayTable())
  })
})

describe('states', () => {
  it('gives each of the 67 area codes to one of 27 states', () => {
    const codes = Array.from({ length: 100 }, (_, code) => `${code}`.padStart(2, '0')).filter(
      (code) => stateOfPhone(`+55${code}987654321`) !== undefined,
    )
    expect([codes.length, states.length]).toEqual([67, 27])
    expect(states.every((state) => isTimeZone(zoneOfState(state)))).toBe(true)
  })

  it.each([
    ['+5511987654321', 'SP'],
    ['+551132654321', 'SP'],
    ['+5592987654321', 'AM'],
    ['+5568987654321', 'AC'],
    ['+5561987654321', 'DF'],
    ['+5520987654321', undefined],
    ['+14155550100', undefined],
    ['+55119876', undefined],
    ['ana@example.com', undefined],
  ])('%s is of %s', (phone, state) => {
    expect(stateOfPhone(phone)).toBe(state)
  })
})

const zones = [
  'America/Sao_Paulo',
  'America/Manaus',
  'America/Rio_Branco',
  'America/Noronha',
  'America/New_York',
  'Europe/Lisbon',
  'Pacific/Apia',
] as const

describe('clocks of a zone', () => {
  it('shows a moment and finds it again, or the other one that looks the same', () => {
    void fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2037, 0) }),
        (zone, ms) => {
          const at = Math.floor(ms / 60_000) * 60_000
          const shown = localTime(at, zone)
          const found = instantOf(shown, zone)
          expect(localTime(found, zone)).toEqual(shown)
          expect([0, 3_600_000]).toContain(found - at)
        },
      ),
      { numRuns: 2000 },
    )
  })

  const moments: readonly (readonly [string, string, string])[] = [
    ['2026-11-25 08:00', 'America/Sao_Paulo', '2026-11-25T11:00:00.000Z'],
    ['2026-11-25 08:00', 'America/Manaus', '2026-11-25T12:00:00.000Z'],
    ['2026-11-25 08:00', 'America/Rio_Branco', '2026-11-25T13:00:00.000Z'],
    ['2026-11-25 08:00', 'America/Noronha', '2026-11-25T10:00:00.000Z'],
    ['2026-11-25 24:00', 'America/Noronha', '2026-11-26T02:00:00.000Z'],
    // Summer time of 2018: from midnight of November 4 the clocks showed one.
    ['2018-11-03 23:59', 'America/Sao_Paulo', '2018-11-04T02:59:00.000Z'],
    ['2018-11-04 00:30', 'America/Sao_Paulo', '2018-11-04T03:30:00.000Z'],
    ['2018-11-04 01:00', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z'],
    // Its end: the last hour of February 16 was shown twice, the second time counts.
    ['2019-02-16 22:59', 'America/Sao_Paulo', '2019-02-17T00:59:00.000Z'],
    ['2019-02-16 23:30', 'America/Sao_Paulo', '2019-02-17T02:30:00.000Z'],
    ['2019-02-17 00:00', 'America/Sao_Paulo', '2019-02-17T03:00:00.000Z'],
    // Acre moved from -5 to -4 in 2008, and back in 2013.
    ['2008-06-23 12:00', 'America/Rio_Branco', '2008-06-23T17:00:00.000Z'],
    ['2008-06-25 12:00', 'America/Rio_Branco', '2008-06-25T16:00:00.000Z'],
    ['2013-11-11 12:00', 'America/Rio_Branco', '2013-11-11T17:00:00.000Z'],
  ]
  it.each(moments)('%s in %s is %s', (shown, zone, expected) => {
    const [day = '', time = ''] = shown.split(' ')
    const at = instantOf({ day, minutes: minutesOf(time) }, zone)
    expect(new Date(at).toISOString()).toBe(expected)
  })

  it.each(['', '+03:00', 'America/Atlantis', 'BRT!'])('%s is no zone', (zone) => {
    expect(isTimeZone(zone)).toBe(false)
  })
})

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { brazilianCalendar } from '#shared/domain/dunning/calendar.ts'
import { addDays } from '#shared/domain/dunning/calendar-day.ts'
import { type PlannedDay, planStep, type StepFacts } from '#shared/domain/dunning/plan-step.ts'
import {
  type DunningPolicy,
  type DunningStep,
  defaultPolicy,
} from '#shared/domain/dunning/policy.ts'
import { instantOf, localTime, minutesOf } from '#shared/domain/dunning/zoned-time.ts'

const zone = 'America/Sao_Paulo'

/** An installment due on Wednesday, 2026-11-25. */
const open: StepFacts = {
  status: 'OPEN',
  dueOn: '2026-11-25',
  balanceCents: 10_000,
  movementStatus: 'OPEN',
  createdOn: '2026-11-02',
}

function setting(
  moment: string,
  {
    day,
    policy,
    ...person
  }: Partial<PlannedDay['person'] & Pick<PlannedDay, 'day'>> & {
    policy?: Partial<DunningPolicy>
  } = {},
): PlannedDay {
  const [date = '', time = ''] = moment.split(' ')
  return {
    policy: { ...defaultPolicy, ...policy },
    calendar: brazilianCalendar,
    person: { state: 'SP', timeZone: zone, ...person },
    company: {},
    day: day ?? date,
    now: instantOf({ day: date, minutes: minutesOf(time) }, zone),
  }
}

function step(name: string): DunningStep {
  const found = defaultPolicy.steps.find((one) => one.name === name)
  if (found === undefined) throw new Error(`no step ${name}`)
  return found
}

const at = (ms: number) => new Date(ms).toISOString().slice(0, 16)

describe('a step of the ladder', () => {
  const goes: readonly (readonly [string, string, string])[] = [
    ['due-today', '2026-11-25 00:10', '2026-11-25T11:00 to 2026-11-25T23:00'],
    ['due-today', '2026-11-25 14:30', '2026-11-25T17:30 to 2026-11-25T23:00'],
    ['due-today', '2026-11-25 19:59', '2026-11-25T22:59 to 2026-11-25T23:00'],
    // Three days before is a Sunday: the last open day before it is Friday, Black Awareness Day: Thursday.
    ['reminder', '2026-11-19 09:00', '2026-11-19T12:00 to 2026-11-19T23:00'],
    ['first-notice', '2026-11-27 06:00', '2026-11-27T11:00 to 2026-11-27T23:00'],
    ['second-notice', '2026-12-03 06:00', '2026-12-03T11:00 to 2026-12-03T23:00'],
    ['final-notice', '2026-12-11 06:00', '2026-12-11T11:00 to 2026-12-11T23:00'],
    // All Souls' Day is closed.
    ['new-invoice', '2026-11-03 06:00', '2026-11-03T11:00 to 2026-11-03T23:00'],
  ]
  it.each(goes)('%s at %s goes from %s', (name, moment, times) => {
    const plan = planStep(open, step(name), setting(moment))
    if (plan.outcome !== 'go') throw new Error(`${plan.outcome}: ${JSON.stringify(plan)}`)
    expect(`${at(plan.sendAt)} to ${at(plan.expiresAt)}`).toBe(times)
  })

  const waits: readonly (readonly [string, string, string])[] = [
    ['due-today', '2026-11-24 09:00', 'later 2026-11-25 not-yet'],
    ['due-today', '2026-11-25 20:00', 'skip window-over'],
    ['due-today', '2026-11-26 08:00', 'skip step-over'],
    ['first-notice', '2026-11-26 09:00', 'later 2026-11-27 not-yet'],
    ['first-notice', '2026-11-27 20:00', 'later 2026-11-30 window-over'],
    ['first-notice', '2026-11-28 09:00', 'later 2026-11-30 closed-day'],
    ['first-notice', '2026-12-01 09:00', 'skip step-over'],
    ['second-notice', '2026-12-11 09:00', 'skip step-over'],
    ['reminder', '2026-11-18 09:00', 'later 2026-11-19 not-yet'],
    ['reminder', '2026-11-20 09:00', 'skip closed-day'],
    ['new-invoice', '2026-11-02 09:00', 'later 2026-11-03 not-yet'],
    ['new-invoice', '2026-11-03 21:00', 'later 2026-11-04 window-over'],
    ['new-invoice', '2026-11-09 09:00', 'skip step-over'],
  ]
  it.each(waits)('%s at %s: %s', (name, moment, expected) => {
    const plan = planStep(open, step(name), setting(moment))
    expect(shown(plan)).toBe(expected)
  })

  const facts: readonly (readonly [Partial<StepFacts>, string])[] = [
    [{ status: 'PAID' }, 'skip installment-paid'],
    [{ status: 'CANCELLED' }, 'skip installment-cancelled'],
    [{ status: 'RENEGOTIATED' }, 'skip installment-renegotiated'],
    [{ balanceCents: 0 }, 'skip nothing-to-pay'],
    [{ movementStatus: 'CANCELLED' }, 'skip movement-cancelled'],
    [{ movementStatus: undefined }, 'later 2026-11-27 movement-missing'],
    [{ dueOn: '2026-11-26' }, 'later 2026-11-30 not-yet'],
  ]
  it.each(facts)('the first notice of %j: %s', (changes, expected) => {
    const plan = planStep(
      { ...open, ...changes },
      step('first-notice'),
      setting('2026-11-27 09:00'),
    )
    expect(shown(plan)).toBe(expected)
  })

  it('a debt that is told after its due date is not announced as a new one', () => {
    const late = { ...open, createdOn: '2026-11-26' }
    expect(shown(planStep(late, step('new-invoice'), setting('2026-11-26 09:00')))).toBe(
      'skip due-date-passed',
    )
  })

  it('a step whose successor has its day is left out', () => {
    const patient = { ...step('first-notice'), ttlDays: 30 }
    expect(shown(planStep(open, patient, setting('2026-12-03 09:00')))).toBe('skip overtaken')
  })

  it('due today on a closed day is not said on another one', () => {
    const sunday = { ...open, dueOn: '2026-11-22' }
    expect(shown(planStep(sunday, step('due-today'), setting('2026-11-22 09:00')))).toBe(
      'skip closed-day',
    )
  })

  it('goes by the clocks, holidays and hours of where the person lives', () => {
    const acre = setting('2026-11-27 06:00', { state: 'AC', timeZone: 'America/Rio_Branco' })
    expect(planStep(open, step('first-notice'), acre)).toMatchObject({
      sendAt: Date.UTC(2026, 10, 27, 13),
      expiresAt: Date.UTC(2026, 10, 28, 1),
    })
    const revolution = { ...open, dueOn: '2026-07-09' }
    expect(shown(planStep(revolution, step('due-today'), setting('2026-07-09 09:00')))).toBe(
      'skip closed-day',
    )
    const rio = setting('2026-07-09 09:00', {
      state: 'RJ',
      policy: {
        stateWindows: {
          RJ: { weekday: { from: '10:00', to: '18:00' }, saturday: null, sunday: null },
        },
      },
    })
    expect(planStep(revolution, step('due-today'), rio)).toMatchObject({
      sendAt: Date.UTC(2026, 6, 9, 13),
      expiresAt: Date.UTC(2026, 6, 9, 21),
    })
  })

  it('heeds days that the company closes itself, and Saturdays where it opens them', () => {
    const closed = setting('2026-11-25 09:00', { policy: { closedDays: ['11-25'] } })
    expect(shown(planStep(open, step('due-today'), closed))).toBe('skip closed-day')
    const saturday = { ...open, dueOn: '2026-11-28' }
    const opened = setting('2026-11-28 09:00', { policy: { businessDaysOnly: false } })
    expect(planStep(saturday, step('due-today'), opened)).toMatchObject({
      sendAt: Date.UTC(2026, 10, 28, 12),
      expiresAt: Date.UTC(2026, 10, 28, 17),
    })
  })

  it('says what was looked at', () => {
    const plan = planStep(open, step('first-notice'), setting('2026-11-27 09:00'))
    expect(plan.checks).toEqual([
      { check: 'status', found: 'OPEN' },
      { check: 'balance-cents', found: 10_000 },
      { check: 'movement', found: 'OPEN' },
      { check: 'step-day', found: '2026-11-27' },
      { check: 'last-day', found: '2026-11-30' },
      { check: 'day', found: 'open' },
      { check: 'window', found: '08:00-20:00 America/Sao_Paulo' },
    ])
  })

  const tries = fc.record({
    step: fc.constantFrom(...defaultPolicy.steps),
    dueOn: fc.integer({ min: 0, max: 700 }).map((days) => addDays('2026-01-01', days)),
    offset: fc.integer({ min: -20, max: 40 }),
    minutes: fc.integer({ min: 0, max: 1439 }),
    timeZone: fc.constantFrom('America/Sao_Paulo', 'America/Rio_Branco', 'America/Noronha'),
  })

  it('never goes outside of its hours, before its day or after its time, and always ends', () => {
    const property = fc.property(tries, (one) => {
      const end = walk(one)
      if (end.plan.outcome !== 'go') return
      const [sends, ends] = [end.plan.sendAt, end.plan.expiresAt].map((ms) =>
        localTime(ms, one.timeZone),
      )
      expect([sends?.day, ends]).toEqual([end.day, { day: end.day, minutes: 20 * 60 }])
      expect(sends?.minutes).toBeGreaterThanOrEqual(8 * 60)
      expect(sends?.minutes).toBeLessThan(20 * 60)
      expect(brazilianCalendar.kindOf(end.day, { state: 'SP' })).toBe('weekday')
      expect(one.step.name === 'due-today' && end.day !== one.dueOn).toBe(false)
    })
    void fc.assert(property, { numRuns: 2000 })
  })
})

/** Plans a step day after day, as its plan says, until it goes or is left out. */
function walk(one: {
  readonly step: DunningStep
  readonly dueOn: string
  readonly offset: number
  readonly minutes: number
  readonly timeZone: string
}) {
  const { step: wanted, dueOn, minutes, timeZone } = one
  const facts = { ...open, dueOn, createdOn: addDays(dueOn, -20) }
  let day = addDays(wanted.anchor === 'due' ? dueOn : facts.createdOn, one.offset)
  for (let looks = 0; looks < 40; looks += 1) {
    const now = instantOf({ day, minutes }, timeZone)
    const plan = planStep(facts, wanted, { ...setting(`${day} 00:00`, { timeZone }), now })
    if (plan.outcome !== 'later') return { plan, day }
    expect(plan.day > day).toBe(true)
    day = plan.day
  }
  throw new Error('it never ends')
}

function shown(plan: ReturnType<typeof planStep>): string {
  if (plan.outcome === 'skip') return `skip ${plan.reason}`
  return plan.outcome === 'later' ? `later ${plan.day} ${plan.why}` : 'go'
}

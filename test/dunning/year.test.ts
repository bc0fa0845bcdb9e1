import { describe, expect, it } from 'vitest'
import { defaultPolicy } from '#shared/domain/dunning/policy.ts'
import { memoryLadder } from './memory/system.ts'
import type { LadderSystem } from './system.ts'
import { company, playYear } from './year.ts'

const setting = { seed: 7, installments: 500, startOn: '2026-02-01', days: 90 }

/** A cut of `npm run year`. */
describe('a simulated quarter of a ladder', () => {
  it('sends every step once or says why not, and comes out the same from its seed', async () => {
    const [first, second] = [
      await playYear(setting, memoryLadder(company)),
      await playYear(setting, memoryLadder(company)),
    ]
    expect(first.broken).toEqual([])
    expect(second.digest).toBe(first.digest)
    const other = await playYear({ ...setting, seed: 8 }, memoryLadder(company))
    expect(other.digest).not.toBe(first.digest)
    expect(Object.keys(first.ends)).toEqual(
      expect.arrayContaining([
        'SENT WHATSAPP',
        'SENT EMAIL',
        'SKIPPED installment-paid',
        'SKIPPED closed-day',
        'SKIPPED contact-missing',
        'SKIPPED person-day-limit',
      ]),
    )
  })

  const spoiled: readonly (readonly [string, (system: LadderSystem) => LadderSystem, RegExp])[] = [
    [
      'writes at night',
      (system) => {
        const span = { from: '00:00', to: '24:00' }
        const sendWindow = { weekday: span, saturday: span, sunday: span }
        const policy = { ...defaultPolicy, enabled: true, sendWindow, businessDaysOnly: false }
        return { ...system, setPolicy: () => system.setPolicy(policy) }
      },
      /outside of the hours/,
    ],
    [
      'never hears of payments',
      (system) => ({
        ...system,
        apply: (events) => system.apply(events.filter(({ type }) => type !== 'paid')),
      }),
      /sent although paid/,
    ],
    [
      'forgets that it has sent',
      (system) => ({
        ...system,
        claim: async () => {
          const sends = await system.claim()
          return [...sends, ...sends]
        },
      }),
      /taken 2 times/,
    ],
    [
      'plans nothing',
      (system) => ({ ...system, planner: { ...system.planner, plan: async () => [] } }),
      /nothing is known of it/,
    ],
  ]
  it.each(spoiled)('the judge sees a ladder that %s', async (_, spoil, words) => {
    const figures = await playYear(setting, spoil(memoryLadder(company)))
    expect(figures.broken.join('\n')).toMatch(words)
  })
})

import { describe, expect, inject, it } from 'vitest'
import { addFigures, campaign, noFigures, settingOf } from './campaign.ts'
import { enumerate } from './enumeration.ts'
import { lives } from './lives.ts'
import { outage } from './outage.ts'
import { describeFailures } from './report.ts'
import { buildMemorySystem } from './simulation/memory-system.ts'
import { runSqlTier } from './sql-tier.ts'

/** A cut of `npm run faults`: the whole of it is run apart. */
describe('the send protocol under faults', () => {
  it.each(Object.keys(lives))('%s: every single fault', async (name) => {
    const { singles, failures } = await enumerate(name, { build: buildMemorySystem, pairs: false })
    expect(describeFailures(failures)).toBe('')
    expect(singles).toBeGreaterThan(4)
  })

  it.each(['sent and read', 'told to wait, then sent'])('%s: ordered pairs', async (name) => {
    const { pairs, failures } = await enumerate(name, { build: buildMemorySystem, pairs: true })
    expect(describeFailures(failures)).toBe('')
    expect(pairs).toBeGreaterThan(100)
  })

  it('thousands of lives in every kind of weather', async () => {
    let figures = noFigures
    for (let seed = 1; seed <= 12; seed += 1) {
      const outcome = await campaign(settingOf(seed, 250), buildMemorySystem, { tier: 'fast' })
      expect(describeFailures(outcome.failures)).toBe('')
      figures = addFigures(figures, outcome.figures)
    }
    expect(figures.lives).toBe(3000)
    expect(figures.crashes).toBeGreaterThan(1000)
    expect(figures.abandoned).toBeGreaterThan(0)
    expect(figures.duplicates.arrive).toBe(0)
    expect(figures.duplicatesUnderAtMostOnce).toBe(0)
  })

  it('an outage with thousands waiting: no dead letter, one probe, then drained', async () => {
    const figures = await outage(8000, buildMemorySystem)
    expect(describeFailures(figures.failures)).toBe('')
    expect(figures).toMatchObject({ deadLetters: 0, pairLimitBroken: 0, mostCallsIn5Seconds: 1 })
    expect(figures.drainedPerSecond).toBeGreaterThan(0.9 * figures.allowedPerSecond)
  })

  it('the same on PostgreSQL', async () => {
    const report = await runSqlTier(inject('postgres'), {
      lives: 75,
      livesPerRun: 75,
      firstSeed: 3,
      enumerated: ['rejected', 'a person writes'],
    })
    expect(report.isGood, report.text).toBe(true)
    expect(report.text).toMatch(/persons erased [1-9]/)
  }, 120_000)
})

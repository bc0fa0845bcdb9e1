import { describe, expect, it } from 'vitest'
import { settingOf } from './campaign.ts'
import { buildPlainSystem } from './control.ts'
import { controlFigures, controlRules } from './control-figures.ts'
import { judge } from './invariants.ts'
import { run } from './simulation/run.ts'

describe('the plain design behind the same harness', () => {
  it('loses messages, doubles them and lets statuses go backwards', async () => {
    const broken = await controlFigures(600)
    for (const rule of controlRules) expect(broken.get(rule)).toBeGreaterThan(0)
  })

  it('loses nothing and goes nowhere backwards when nothing happens', async () => {
    const calm = { crash: 0, repeat: 0, error: 0, late: 0 }
    const setting = {
      ...settingOf(4, 200),
      faults: calm,
      queueFaults: 0,
      behaviours: { accept: 1 },
      outage: undefined,
      reports: 'cut' as const,
    }
    const broken = judge(await run(setting, buildPlainSystem)).map(({ rule }) => rule)
    for (const rule of ['I1', 'I7']) expect(broken).not.toContain(rule)
  })
})

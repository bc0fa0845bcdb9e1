import { settingOf } from './campaign.ts'
import { buildPlainSystem } from './control.ts'
import { judge } from './invariants.ts'
import { run } from './simulation/run.ts'

/** What the plain design must break, or the harness sees nothing. */
export const controlRules = ['I1', 'I5', 'I7'] as const

/** How often the plain design breaks each rule. */
export async function controlFigures(lives: number): Promise<ReadonlyMap<string, number>> {
  const setting = {
    ...settingOf(4, lives),
    reports: 'arrive' as const,
    faults: { crash: 0.06, repeat: 0.03, error: 0.02, late: 0.005 },
    queueFaults: 0.05,
    outage: { from: 600, to: 960 },
    poison: 0,
    inbound: 0,
  }
  const violations = judge(await run(setting, buildPlainSystem))
  return new Map(
    controlRules.map((name) => [name, violations.filter(({ rule }) => rule === name).length]),
  )
}

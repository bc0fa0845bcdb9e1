import type { Luck } from './luck.ts'
import type { Behaviour, ProviderHabits, ReportPlan } from './provider.ts'
import type { ReportHabit, Setting } from './setting.ts'

export interface Habits extends ProviderHabits {
  /** From now on it accepts everything. */
  calm(): void
}

/** What the provider does in this setting. */
export function makeHabits(setting: Setting, luck: Luck, startAt: number): Habits {
  let isCalm = false
  let calls = 0
  const wheel = Object.entries(setting.behaviours) as [Behaviour, number][]
  const whole = wheel.reduce((sum, [, weight]) => sum + weight, 0)

  function turn(): Behaviour {
    let left = luck.fraction() * whole
    for (const [behaviour, weight] of wheel) {
      left -= weight
      if (left < 0) return behaviour
    }
    return 'accept'
  }

  function isOut(at: number): boolean {
    const { outage } = setting
    const seconds = (at - startAt) / 1000
    return outage !== undefined && seconds >= outage.from && seconds < outage.to
  }

  return {
    calm() {
      isCalm = true
    },
    behave(_, at) {
      calls += 1
      if (setting.script !== undefined) return setting.script.behaviours[calls - 1] ?? 'accept'
      if (isOut(at)) return luck.chance(0.9) ? 'unavailable' : 'lost'
      return isCalm ? 'accept' : turn()
    },
    reports: () => setting.script?.reports ?? reportPlan(setting.reports, isCalm, luck),
  }
}

function reportPlan(wanted: ReportHabit, isCalm: boolean, luck: Luck): ReportPlan {
  const drawn = wanted === 'mixed' ? luck.pick(['arrive', 'late', 'cut'] as const) : wanted
  const habit = isCalm && drawn === 'late' ? 'arrive' : drawn
  if (habit === 'cut') return []
  const wait = () => (habit === 'late' ? luck.between(300, 1500) : luck.between(1, 60))
  if (luck.chance(0.05)) return story(['SENT', 'FAILED'], wait)
  return story(luck.chance(0.6) ? ['SENT', 'DELIVERED', 'READ'] : ['SENT', 'DELIVERED'], wait)
}

/** In any order: each has a wait of its own. */
function story(statuses: ReportPlan[number]['status'][], wait: () => number): ReportPlan {
  return statuses.map((status) => ({ status, afterSeconds: wait() }))
}

import type { Plan, Verdict } from './simulation/fate.ts'
import type { Behaviour, ReportPlan } from './simulation/provider.ts'
import { plainSetting, type Setting } from './simulation/setting.ts'

const read: ReportPlan = [
  { status: 'SENT', afterSeconds: 2 },
  { status: 'READ', afterSeconds: 8 },
]

const late: ReportPlan = [{ status: 'DELIVERED', afterSeconds: 1100 }]

function life(
  behaviours: readonly Behaviour[],
  reports: ReportPlan,
  more: Partial<Setting> = {},
): Setting {
  return { ...plainSetting, seed: 7, spanSeconds: 5, ...more, script: { behaviours, reports } }
}

/** Short lives whose every crash point is met, alone and in ordered pairs. */
export const lives: Readonly<Record<string, Setting>> = {
  'sent and read': life([], read),
  'told to wait, then sent': life(['throttle'], read),
  'provider away, then sent': life(['unavailable'], read),
  'sender broken, then sent': life(['broken'], read),
  rejected: life(['reject'], [], { reports: 'cut' }),
  'answer lost, reported': life(['accept-lost'], read),
  'answer lost, reported late': life(['accept-lost'], late, { reports: 'late' }),
  'lost twice, the first reported during the second': life(
    ['accept-lost', 'lost'],
    [{ status: 'SENT', afterSeconds: 910 }],
    { reports: 'late', seed: 1 },
  ),
  'answer lost, never reported': life(['accept-lost'], [], { reports: 'cut' }),
  'not taken, answer lost': life(['lost'], read),
  'lost under at-most-once': life(['accept-lost'], [], { reports: 'cut', atMostOnceShare: 1 }),
  'failed after it was sent': life(
    [],
    [
      { status: 'SENT', afterSeconds: 2 },
      { status: 'FAILED', afterSeconds: 5 },
    ],
  ),
  'two of one chat, the first waits': life(['throttle'], read, { lives: 2 }),
  'a person writes': life([], [], { lives: 0, inbound: 1 }),
}

/** What can go wrong at one point. */
export function verdictsAt({ repeatable }: { readonly repeatable: boolean }): readonly Verdict[] {
  return repeatable ? ['before', 'after', 'repeat'] : ['before', 'after']
}

/** `3:after,7:before` */
export function writePlan(plan: Plan): string {
  return [...plan].map(([point, verdict]) => `${point}:${verdict}`).join(',')
}

export function readPlan(text: string): Plan {
  return new Map(
    text
      .split(',')
      .filter((each) => each !== '')
      .map((each) => {
        const [point, verdict] = each.split(':')
        return [Number(point), verdict as Verdict]
      }),
  )
}

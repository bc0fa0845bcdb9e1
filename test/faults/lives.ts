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

const nothingKept = { erasures: 0, exports: 0, cleanups: 0, afterSeconds: 0, idleDays: [] }

function upkeep(behaviours: readonly Behaviour[], more: Partial<Setting['upkeep']>): Setting {
  return life(behaviours, read, { inbound: 2, upkeep: { ...nothingKept, ...more } })
}

/** Lives of which the stores in memory know nothing: erasures, copies and cleanups. */
export const sqlLives: Readonly<Record<string, Setting>> = {
  'erased while it is sent and the person writes': upkeep([], { erasures: 1 }),
  'erased while its answer is lost': upkeep(['accept-lost'], { erasures: 1 }),
  'erased while it waits to be sent again': upkeep(['throttle'], { erasures: 1 }),
  'erased before its reports': upkeep([], { erasures: 1, afterSeconds: 4 }),
  'erased while a copy is made': upkeep([], { erasures: 1, exports: 1 }),
  'cleaned while the person writes': upkeep([], { cleanups: 1, idleDays: [31] }),
  'archived while the person writes': upkeep([], { cleanups: 1, idleDays: [400] }),
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

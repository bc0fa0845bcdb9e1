import { addDays } from '#shared/domain/dunning/calendar-day.ts'
import { instantOf } from '#shared/domain/dunning/zoned-time.ts'
import { type Luck, makeLuck } from '#test/faults/simulation/luck.ts'
import type { LadderEvent } from './system.ts'

export interface YearSetting {
  readonly seed: number
  readonly installments: number
  /** `YYYY-MM-DD`. */
  readonly startOn: string
  readonly days: number
}

export interface TimedEvent {
  readonly at: number
  readonly event: LadderEvent
}

const zone = 'America/Sao_Paulo'
/** Of all of Brazil; the rest are of São Paulo. */
const areaCodes = ['92', '68', '81', '21', '51', '71', '85', '61']

/** What happens to a tenant's debts: drawn from the seed, by time. */
export function makeTimeline(setting: YearSetting): readonly TimedEvent[] {
  const luck = makeLuck(setting.seed, 'timeline')
  const events: TimedEvent[] = []
  for (let made = 0, movement = 0; made < setting.installments; movement += 1) {
    const total = Math.min(luck.pick([1, 1, 1, 2, 3, 6, 12]), setting.installments - made)
    events.push(...movementEvents(setting, luck.fork(`movement ${movement}`), { movement, total }))
    made += total
  }
  return events.sort((one, other) => one.at - other.at)
}

function movementEvents(
  { startOn, days }: YearSetting,
  luck: Luck,
  { movement, total }: { readonly movement: number; readonly total: number },
): readonly TimedEvent[] {
  const personId = String(movement)
  const createdOn = addDays(startOn, luck.upTo(days - 1))
  const createdAt = momentOn(luck, createdOn)
  const firstDue = addDays(createdOn, luck.between(0, 30))
  const amountCents = luck.between(1000, 300_000)
  const movementId = `m${movement}`
  const isOrphan = luck.chance(0.01)
  const events: TimedEvent[] = [
    { at: createdAt - 2, event: personEvent(luck, personId) },
    {
      at: createdAt + (isOrphan ? luck.upTo(3 * 86_400_000) : -1),
      event: { type: 'movement', movementId, personId, amountCents },
    },
  ]
  for (let number = 1; number <= total; number += 1) {
    const installmentId = `${String(movement).padStart(6, '0')}-${number}`
    const dueOn = addDays(firstDue, (number - 1) * 30)
    const balanceCents = Math.ceil(amountCents / total)
    const ids = { installmentId, movementId, number, total }
    events.push({ at: createdAt, event: { type: 'installment', ...ids, dueOn, balanceCents } })
    events.push(...fate(luck, { installmentId, dueOn, createdAt }))
  }
  if (luck.chance(0.05)) {
    const channel = luck.chance(0.7) ? ('WHATSAPP' as const) : ('EMAIL' as const)
    const at = createdAt + luck.upTo(60 * 86_400_000)
    events.push({ at, event: { type: 'opted-out', personId, channel } })
  }
  return events
}

function personEvent(luck: Luck, personId: string): LadderEvent {
  const areaCode = luck.chance(0.4) ? luck.pick(areaCodes) : '11'
  const isKnown = luck.chance(0.05)
  return {
    type: 'person',
    personId,
    ...(luck.chance(0.9) && { phone: `+55${areaCode}98${personId.padStart(7, '0')}` }),
    hasEmail: luck.chance(0.8),
    ...(isKnown && { state: 'AM', timeZone: luck.pick(['America/Manaus', 'America/Eirunepe']) }),
  }
}

/** Paid early, on the day, late or never; cancelled, renegotiated, moved and then paid. */
function fate(
  luck: Luck,
  { installmentId, dueOn, createdAt }: { installmentId: string; dueOn: string; createdAt: number },
): readonly TimedEvent[] {
  const drawn = luck.fraction()
  const after = (least: number, most: number) =>
    Math.max(createdAt + 60_000, momentOn(luck, addDays(dueOn, luck.between(least, most))))
  const one = (type: 'paid' | 'cancelled' | 'renegotiated', at: number) => [
    { at, event: { type, installmentId } as const },
  ]
  if (drawn < 0.3) return one('paid', after(-20, -1))
  if (drawn < 0.5) return one('paid', after(0, 0))
  if (drawn < 0.75) return one('paid', after(1, 25))
  if (drawn < 0.85) return []
  if (drawn < 0.9) return one('cancelled', after(-10, 20))
  if (drawn < 0.95) return one('renegotiated', after(1, 20))
  const movedAt = after(-5, 5)
  const movedTo = addDays(new Date(movedAt).toISOString().slice(0, 10), luck.between(1, 15))
  return [
    { at: movedAt, event: { type: 'moved', installmentId, dueOn: movedTo } },
    ...one('paid', movedAt + luck.between(1, 30) * 86_400_000),
  ]
}

function momentOn(luck: Luck, day: string): number {
  return instantOf({ day, minutes: luck.upTo(1439) }, zone)
}

/** When a channel's provider is away, or nothing of ours runs: hours and days of it. */
export interface Outage {
  readonly what: 'WHATSAPP' | 'EMAIL' | 'ours'
  readonly from: number
  readonly until: number
}

export function makeOutages({ seed, startOn, days }: YearSetting): readonly Outage[] {
  const luck = makeLuck(seed, 'outages')
  return Array.from({ length: Math.ceil(days / 20) }, () => {
    const from = momentOn(luck, addDays(startOn, luck.upTo(days - 1)))
    const hours = luck.pick([1, 3, 8, 20, 50])
    return {
      what: luck.pick(['WHATSAPP', 'EMAIL', 'ours'] as const),
      ...{ from, until: from + hours * 3_600_000 },
    }
  })
}

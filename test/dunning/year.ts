import { createHash } from 'node:crypto'
import { brazilianCalendar } from '#shared/domain/dunning/calendar.ts'
import { addDays } from '#shared/domain/dunning/calendar-day.ts'
import { defaultPolicy } from '#shared/domain/dunning/policy.ts'
import { instantOf } from '#shared/domain/dunning/zoned-time.ts'
import { makeDecideSteps } from '#shared/use-cases/decide-steps.ts'
import { makeRunJobs } from '#shared/use-cases/run-jobs.ts'
import { type Luck, makeLuck } from '#test/faults/simulation/luck.ts'
import { type Ledger, makeLedger } from './ledger.ts'
import type { LadderSend, LadderSystem, SendResult } from './system.ts'
import { planLooks } from './system.ts'
import { makeOutages, makeTimeline, type Outage, type YearSetting } from './timeline.ts'

export interface YearFigures {
  readonly events: number
  readonly taken: number
  /** Steps by how they ended. */
  readonly ends: Readonly<Record<string, number>>
  /** Of all rows: the same seed, the same digest. */
  readonly digest: string
  readonly broken: readonly string[]
}

export const company = {
  name: 'Escola Aurora',
  timeZone: 'America/Sao_Paulo',
  state: 'SP',
  city: 'São Paulo',
} as const

const minuteMs = 60_000
const tickMinutes = 20
const ticksPerPlan = 3

/** Plays a tenant's debts in virtual time, and judges what came out. */
export async function playYear(setting: YearSetting, system: LadderSystem): Promise<YearFigures> {
  const timeline = makeTimeline(setting)
  const ledger = makeLedger()
  const world = makePlay(setting, system, ledger)
  await system.setPolicy({ ...defaultPolicy, enabled: true })
  const startAt = instantOf({ day: setting.startOn, minutes: 0 }, company.timeZone)
  const endAt = startAt + setting.days * 86_400_000
  let next = 0
  for (let tick = 0, now = startAt; now < endAt; tick += 1, now += tickMinutes * minuteMs) {
    while (next < timeline.length && (timeline[next]?.at ?? 0) <= now) {
      const event = timeline[next]
      next += 1
      if (event === undefined) continue
      await system.setTime(event.at)
      await system.apply([event.event])
      ledger.note(event.event)
    }
    await system.setTime(now)
    await world.tick(now, tick % ticksPerPlan === 0)
  }
  return figuresOf(setting, { system, ledger, events: next })
}

/** Runs looks with the real use cases; nobody is woken, due jobs are asked for. */
export function makeRunner(system: LadderSystem, now: () => number) {
  return makeRunJobs({
    type: 'DUNNING_STEP',
    jobs: system.jobs,
    queue: { wake: async () => ({ failed: 0 }) },
    randomness: makeLuck(1, 'tokens'),
    work: makeDecideSteps({ clock: { now }, calendar: brazilianCalendar }),
  })
}

function makePlay(setting: YearSetting, system: LadderSystem, ledger: Ledger) {
  const outages = makeOutages(setting)
  let time = 0
  const runJobs = makeRunner(system, () => time)
  const isAway = (what: Outage['what']) =>
    outages.some((outage) => outage.what === what && time >= outage.from && time < outage.until)

  const call = (send: LadderSend): SendResult => {
    if (isAway(send.channel)) return { send, result: 'later' }
    ledger.called(send, time)
    const result = fateOf(setting, send)
    if (result === 'accepted') ledger.took(send)
    return { send, result }
  }
  const lose = (send: LadderSend) => {
    ledger.lost(send)
    return { send, reason: 'recipient-unreachable' }
  }

  return {
    async tick(now: number, plans: boolean): Promise<void> {
      time = now
      if (isAway('ours')) return
      if (plans) await planLooks(system)
      for (const job of await system.dueJobs()) await runJobs([job])
      const results = (await system.claim()).map(call)
      if (results.length > 0) await system.settle(results)
      const lost = results.filter((one) => isLost(setting, one)).map(({ send }) => lose(send))
      if (lost.length > 0) await system.report(lost)
    },
  }
}

/** What the provider says: some people have no WhatsApp, and some messages are one too many. */
function fateOf(setting: YearSetting, send: LadderSend): SendResult['result'] {
  const [person = ''] = send.installmentId.split('-')
  if (send.channel === 'WHATSAPP' && luckOf(setting, `whatsapp ${person}`).chance(0.03)) {
    return { reason: 'recipient-unreachable' }
  }
  const luck = luckOf(setting, `${send.installmentId} ${send.step} ${send.channel}`)
  if (send.channel === 'WHATSAPP' && luck.chance(0.02)) return { reason: 'ecosystem-limit' }
  return send.channel === 'EMAIL' && luck.chance(0.01) ? { reason: 'hard-bounce' } : 'accepted'
}

function isLost(setting: YearSetting, { send, result }: SendResult): boolean {
  const luck = luckOf(setting, `lost ${send.installmentId} ${send.step} ${send.channel}`)
  return result === 'accepted' && send.channel === 'WHATSAPP' && luck.chance(0.01)
}

function luckOf({ seed }: YearSetting, label: string): Luck {
  return makeLuck(seed, label)
}

async function figuresOf(
  setting: YearSetting,
  play: { readonly system: LadderSystem; readonly ledger: Ledger; readonly events: number },
): Promise<YearFigures> {
  const rows = [...(await play.system.rows())].sort((one, other) =>
    `${one.installmentId}/${one.step}` < `${other.installmentId}/${other.step}` ? -1 : 1,
  )
  const ends: Record<string, number> = {}
  for (const { state, reason, channel } of rows) {
    const end = state === 'SENT' ? `SENT ${channel}` : `${state} ${reason}`
    ends[end] = (ends[end] ?? 0) + 1
  }
  const told = rows.map((row) =>
    [row.installmentId, row.step, row.state, row.plannedOn, row.dueOn, row.reason].concat(
      row.state === 'SENT' ? row.channel : [],
    ),
  )
  return {
    events: play.events,
    taken: play.ledger.taken,
    ends,
    digest: createHash('sha256').update(JSON.stringify(told)).digest('hex').slice(0, 16),
    broken: play.ledger.verdict(rows, addDays(setting.startOn, setting.days - 1)),
  }
}

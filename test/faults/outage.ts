import { pairBurst } from '#shared/domain/durations.ts'
import { judge } from './invariants.ts'
import type { Failure } from './report.ts'
import type { ProviderCall } from './simulation/ledgers.ts'
import { type BuildSystem, type Evidence, run } from './simulation/run.ts'
import { plainSetting, type Setting } from './simulation/setting.ts'

const outageSeconds = 600
const pairIntervalMs = 6000

/** Ten minutes without the provider while this many messages wait at one sender. */
function outageSetting(lives: number): Setting {
  return {
    ...plainSetting,
    seed: 11,
    lives,
    // Some people get more than a pair may have at once.
    chats: Math.ceil(lives / 2),
    spanSeconds: 60,
    outage: { from: 0, to: outageSeconds },
    faults: { crash: 0.005, repeat: 0.005, error: 0.002, late: 0 },
  }
}

export interface OutageFigures {
  readonly waiting: number
  readonly deadLetters: number
  /** Calls in any 5 s, once the breaker has opened. */
  readonly mostCallsIn5Seconds: number
  /** Over the first 99 of 100; the last ones wait for their pair or for the relay. */
  readonly drainedPerSecond: number
  /** The highest rate over any 10 s of the draining: SQS delays whole seconds only. */
  readonly mostPerSecond: number
  readonly allowedPerSecond: number
  readonly pairLimitBroken: number
  readonly failures: readonly Failure[]
}

export async function outage(lives: number, build: BuildSystem): Promise<OutageFigures> {
  const setting = outageSetting(lives)
  const evidence = await run(setting, build)
  const violations = judge(evidence)
  return {
    waiting: evidence.ledgers.posts.length,
    deadLetters: evidence.deadLetters.length,
    allowedPerSecond: setting.senderRatePerSecond,
    ...pacesOf(evidence),
    failures: violations.length > 0 ? [{ replay: `--outage ${lives}`, violations }] : [],
  }
}

function pacesOf({ ledgers, setting, rows }: Evidence) {
  const calls = ledgers.calls.toSorted((one, other) => one.at - other.at)
  const startAt = ledgers.posts[0]?.postedAt ?? 0
  const endAt = startAt + (setting.outage?.to ?? 0) * 1000
  // What was under way when the breaker opened has been answered by then.
  const during = calls.filter(({ at }) => at > startAt + 90_000 && at < endAt)
  const after = calls.filter(({ at, isAccepted }) => at >= endAt && isAccepted)
  // What goes once more after a report of failure did not wait for the outage's end.
  const messages = new Map(rows.attempts.map(({ attemptId, messageId }) => [attemptId, messageId]))
  const firsts = Map.groupBy(after, ({ attemptId }) => messages.get(attemptId)).values()
  const waited = [...firsts].flatMap(([first]) => first ?? [])
  const most = waited.slice(0, Math.ceil(waited.length * 0.99))
  const seconds = ((most.at(-1)?.at ?? 0) - (most[0]?.at ?? 0)) / 1000
  return {
    mostCallsIn5Seconds: mostWithin(during, 5000),
    drainedPerSecond: most.length / Math.max(1, seconds),
    mostPerSecond: mostWithin(after, 10_000) / 10,
    pairLimitBroken: pairLimitBroken(calls),
  }
}

/** The most calls in any window of this length. */
function mostWithin(calls: readonly ProviderCall[], windowMs: number): number {
  let most = 0
  let first = 0
  calls.forEach(({ at }, last) => {
    while ((calls[first]?.at ?? at) <= at - windowMs) first += 1
    most = Math.max(most, last - first + 1)
  })
  return most
}

/** Calls that came earlier than one in 6 s with 45 borrowed from the future allows. */
function pairLimitBroken(calls: readonly ProviderCall[]): number {
  const arrivals = new Map<string, number>()
  const borrowedMs = pairIntervalMs * (pairBurst - 1)
  return calls.filter(({ at, phoneNumberId, to }) => {
    const pair = `${phoneNumberId} ${to}`
    const arrivalAt = arrivals.get(pair) ?? at
    arrivals.set(pair, Math.max(arrivalAt, at) + pairIntervalMs)
    return at < arrivalAt - borrowedMs
  }).length
}

import { setTimeout as pause } from 'node:timers/promises'
import type { DataApi } from '#infra/local/data-api/server.ts'
import type { FaultRequest } from '#infra/local/whatsapp/faults.ts'
import type { WhatsAppSimulator } from '#infra/local/whatsapp/simulator.ts'
import type { Luck } from '../simulation/luck.ts'
import type { Campaign } from './campaign.ts'
import type { Fleet } from './fleet.ts'
import type { QueueFaults, QueueRoad } from './queue-road.ts'
import type { WebhookRoad } from './webhook-road.ts'

/** What can be made to fail. */
export interface Targets {
  readonly fleet: Fleet
  readonly phones: WhatsAppSimulator
  readonly dataApi: DataApi
  readonly queues: QueueRoad
  readonly webhooks: WebhookRoad
  /** Stops PostgreSQL (`kill` without a word) and starts it again. */
  readonly restartDatabase: (how: 'stop' | 'kill') => Promise<void>
}

/** What the provider does with any call, most of the time. */
const providerWeather: readonly FaultRequest[] = [
  { kind: 'drop-after-accept', probability: 0.03 },
  { kind: 'server-error-after-accept', probability: 0.02 },
  { kind: 'hang-after-accept', probability: 0.01 },
  { kind: 'truncated-after-accept', probability: 0.01 },
  { kind: 'not-json-after-accept', probability: 0.01 },
  { kind: 'reset', probability: 0.02 },
  { kind: 'server-error', probability: 0.01 },
  { kind: 'hang', probability: 0.005 },
  { kind: 'error', code: 130429, probability: 0.01 },
  { kind: 'error', code: 131056, probability: 0.005 },
  { kind: 'error', code: 131026, probability: 0.01 },
  { kind: 'error', code: 131000, probability: 0.01 },
  { kind: 'slow', probability: 0.01 },
  { kind: 'early', probability: 0.03 },
  { kind: 'late', probability: 0.05 },
  { kind: 'shuffle', probability: 0.05 },
  { kind: 'duplicate', probability: 0.05 },
  { kind: 'failed', code: 131049, probability: 0.01 },
  { kind: 'failed-after-sent', code: 131049, probability: 0.02 },
  { kind: 'failed-after-delivered', code: 131049, probability: 0.02 },
  { kind: 'undelivered', probability: 0.02 },
  { kind: 'skip-delivered', probability: 0.02 },
  { kind: 'played', probability: 0.01 },
  { kind: 'latency', delayMs: 300, probability: 0.1 },
  { kind: 'webhook-shuffle', probability: 0.5 },
  { kind: 'webhook-duplicate', probability: 0.1 },
]

const queueWeather: QueueFaults = {
  refused: 0.05,
  lost: 0.05,
  twice: 0.1,
  late: 0.1,
  answerLost: 0.01,
}

export function startWeather({ phones, dataApi, queues, webhooks }: Targets): void {
  for (const fault of providerWeather) phones.fail(fault)
  dataApi.fail({ kind: 'answer-lost', probability: 0.04 })
  dataApi.fail({ kind: 'request-lost', probability: 0.01 })
  dataApi.fail({ kind: 'resuming', probability: 0.003 })
  dataApi.fail({ kind: 'error', error: 'ServiceUnavailableError', probability: 0.005 })
  queues.set(queueWeather)
  webhooks.setCopies(3)
}

/** Faults end here; what is under way goes on. */
export function endWeather({ phones, dataApi, queues, webhooks }: Targets): void {
  phones.clearFaults()
  dataApi.clearFaults()
  queues.set(undefined)
  webhooks.setCopies(1)
}

/** Longer than a lease of 2.25 s, shorter than the wait for a report. */
const pauseMs = { least: 2500, most: 6000 }

/** Kills, restarts and outages, each at its moment of the campaign's time. */
export async function runStorms(targets: Targets, campaign: Campaign, luck: Luck): Promise<void> {
  const spanMs = campaign.spanSeconds * 1000
  const running = [
    repeat(moments(campaign.kills, spanMs, luck.fork('kills')), () => targets.fleet.kill()),
    repeat(moments(campaign.pauses, spanMs, luck.fork('pauses')), () =>
      targets.fleet.pause(luck.between(pauseMs.least, pauseMs.most)),
    ),
    restartDatabases(targets, campaign, luck.fork('restarts')),
    ...outages(targets, campaign).map(async ({ atShare, run }) => {
      await pause(spanMs * atShare)
      run()
    }),
  ]
  await Promise.all(running)
}

function moments(count: number, spanMs: number, luck: Luck): number[] {
  return Array.from({ length: count }, () => luck.upTo(spanMs)).sort((a, b) => a - b)
}

/** At these moments, one after another. */
async function repeat(
  moments: readonly number[],
  run: (index: number) => Promise<void>,
): Promise<void> {
  const startedAt = performance.now()
  for (const [index, atMs] of moments.entries()) {
    await pause(Math.max(0, startedAt + atMs - performance.now()))
    await run(index)
  }
}

function restartDatabases(targets: Targets, campaign: Campaign, luck: Luck): Promise<void> {
  const { databaseRestarts, spanSeconds } = campaign
  return repeat(moments(databaseRestarts, spanSeconds * 1000, luck), (index) =>
    targets.restartDatabase(index % 2 === 0 ? 'kill' : 'stop'),
  )
}

/** A fault that is armed later stands behind the weather, so an outage replaces the weather. */
function outages({ phones, dataApi }: Targets, { outageSeconds }: Campaign) {
  const alone = (...faults: FaultRequest[]) => {
    phones.clearFaults()
    for (const fault of [...faults, ...providerWeather]) phones.fail(fault)
  }
  const short = Math.max(2, outageSeconds / 5)
  return [
    { atShare: 0.15, run: () => alone({ kind: 'outage', seconds: outageSeconds }) },
    { atShare: 0.35, run: () => alone({ kind: 'drop-after-accept', seconds: short }) },
    { atShare: 0.45, run: () => alone({ kind: 'webhook-outage', seconds: outageSeconds }) },
    { atShare: 0.6, run: () => alone({ kind: 'error', code: 130429, seconds: short }) },
    { atShare: 0.7, run: () => alone({ kind: 'error', code: 190, count: 3 }) },
    {
      atShare: 0.8,
      run: () => dataApi.fail({ kind: 'answer-lost', probability: 0.4, calls: 200 }),
    },
  ]
}

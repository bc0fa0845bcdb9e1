import type { SQSClient } from '@aws-sdk/client-sqs'
import type { Closing } from './closing.ts'
import type { ComputePlan, PlannedSource } from './compute-plan.ts'
import { type Gateway, startGateway } from './gateway/gateway.ts'
import { EventSource } from './lambda/event-source.ts'
import type { LogLine } from './lambda/invocation.ts'
import { LambdaPool } from './lambda/pool.ts'
import { ScheduleClock } from './lambda/schedule-clock.ts'
import { place } from './resources.ts'

export interface LambdasOptions {
  readonly plan: ComputePlan
  readonly log: (line: LogLine) => void
}

/** The functions of the template in a pool that can run them. */
export function startPool({ plan, log }: LambdasOptions, closing: Closing): LambdaPool {
  const { maxBatches: _, ...limits } = plan.limits
  const pool = new LambdaPool({ ...place, ...limits, functions: plan.functions, log })
  closing.add(() => pool.close())
  return pool
}

export interface Triggers {
  readonly gateway: Gateway
  readonly sources: ReadonlyMap<string, EventSource>
  readonly clock: ScheduleClock
}

export interface TriggersOptions extends LambdasOptions {
  readonly pool: LambdaPool
  readonly client: SQSClient
  /** Of the gateway; 0 takes a free one. */
  readonly port: number
}

/** What sets the functions to work: the gateway, the queues and the clock. */
export async function startTriggers(options: TriggersOptions, closing: Closing): Promise<Triggers> {
  const { plan, pool } = options
  const sources = new Map(
    plan.sources.map((source) => [source.queueName, startSource(options, source)]),
  )
  closing.add(() => Promise.all([...sources.values()].map((source) => source.stop(1))))
  const clock = new ScheduleClock({
    ...place,
    schedules: plan.schedules,
    invoke: pool.invoke,
    client: options.client,
    timeScale: plan.timeScale,
    onError: (name, error) => options.log(platformLine(name, error)),
  })
  closing.add(async () => clock.stop())
  const gateway = await startGateway({
    host: '127.0.0.1',
    port: options.port,
    accountId: place.accountId,
    routes: plan.routes,
    invoke: pool.invoke,
  })
  closing.add(() => gateway.close(1))
  return { gateway, sources, clock }
}

/** More batches at a time than two cores can run only wait for each other. */
const mostBatches = 4

function startSource({ plan, client, pool, log }: TriggersOptions, source: PlannedSource) {
  return new EventSource({
    functionName: source.functionName,
    queueUrl: source.queue.url,
    queueArn: source.queue.arn,
    batchSize: source.batchSize,
    batchingWindowSeconds: source.batchingWindowSeconds,
    maximumConcurrency: Math.min(
      source.maximumConcurrency ?? mostBatches,
      plan.limits.maxBatches ?? mostBatches,
    ),
    reportBatchItemFailures: source.reportBatchItemFailures,
    client,
    invoke: pool.invoke,
    onError: (error) => log(platformLine(source.functionName, error)),
  })
}

function platformLine(functionName: string, error: Error): LogLine {
  return { functionName, stream: 'platform', text: error.message }
}

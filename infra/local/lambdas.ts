import type { SQSClient } from '@aws-sdk/client-sqs'
import { type Lookup, resolveEnvironment } from './assembly/intrinsics.ts'
import type { Assembly, Mapping } from './assembly/types.ts'
import type { Closing } from './closing.ts'
import { type Gateway, startGateway } from './gateway/gateway.ts'
import { EventSource } from './lambda/event-source.ts'
import type { LogLine } from './lambda/invocation.ts'
import { LambdaPool } from './lambda/pool.ts'
import { ScheduleClock } from './lambda/schedule-clock.ts'
import { place, type QueueAddress } from './resources.ts'

export interface LambdasOptions {
  readonly assembly: Assembly
  readonly lookup: Lookup
  readonly queues: ReadonlyMap<string, QueueAddress>
  readonly client: SQSClient
  /** Laid over the template's variables: where the embedded parts answer. */
  readonly environment: Readonly<Record<string, string>>
  readonly log: (line: LogLine) => void
}

/** The functions of the template in a pool that can run them. */
export function startPool(options: LambdasOptions, closing: Closing): LambdaPool {
  const pool = new LambdaPool({
    ...place,
    functions: options.assembly.functions.map((spec) => ({
      name: spec.name,
      codeDirectory: spec.codeDirectory,
      handler: spec.handler,
      timeoutSeconds: spec.timeoutSeconds,
      memoryMb: spec.memoryMb,
      environment: {
        ...resolveEnvironment(spec.environment, options.lookup),
        ...options.environment,
      },
    })),
    log: options.log,
  })
  closing.add(() => pool.close())
  return pool
}

export interface Triggers {
  readonly gateway: Gateway
  readonly sources: ReadonlyMap<string, EventSource>
  readonly clock: ScheduleClock
}

/** What sets the functions to work: the gateway, the queues and the clock. */
export async function startTriggers(
  options: LambdasOptions & {
    readonly pool: LambdaPool
    readonly port: number
    readonly timeScale: number
  },
  closing: Closing,
): Promise<Triggers> {
  const { assembly, pool } = options
  const sources = new Map(
    assembly.mappings.map((mapping) => [mapping.queueName, startSource(options, mapping)]),
  )
  closing.add(() => Promise.all([...sources.values()].map((source) => source.stop(1))))
  const clock = new ScheduleClock({
    ...place,
    schedules: assembly.schedules.map((schedule) => ({
      ...schedule,
      target: scheduleTarget(options, schedule.target),
      input: undefined,
    })),
    invoke: pool.invoke,
    client: options.client,
    timeScale: options.timeScale,
    onError: (name, error) => options.log(platformLine(name, error)),
  })
  closing.add(async () => clock.stop())
  const gateway = await startGateway({
    host: '127.0.0.1',
    port: options.port,
    accountId: place.accountId,
    routes: assembly.routes,
    invoke: pool.invoke,
  })
  closing.add(() => gateway.close(1))
  return { gateway, sources, clock }
}

function startSource(
  options: LambdasOptions & { readonly pool: LambdaPool },
  mapping: Mapping,
): EventSource {
  const queue = options.queues.get(mapping.queueLogicalId)
  if (queue === undefined) throw new Error(`no queue for the mapping ${mapping.logicalId}`)
  return new EventSource({
    functionName: mapping.functionName,
    queueUrl: queue.url,
    queueArn: queue.arn,
    batchSize: mapping.batchSize,
    batchingWindowSeconds: mapping.batchingWindowSeconds,
    // More batches at a time than two cores can run only wait for each other.
    maximumConcurrency: Math.min(mapping.maximumConcurrency ?? 4, 4),
    reportBatchItemFailures: mapping.reportBatchItemFailures,
    client: options.client,
    invoke: options.pool.invoke,
    onError: (error) => options.log(platformLine(mapping.functionName, error)),
  })
}

function scheduleTarget(
  options: LambdasOptions,
  target: Assembly['schedules'][number]['target'],
): ConstructorParameters<typeof ScheduleClock>[0]['schedules'][number]['target'] {
  if (target.kind === 'function') return target
  const queue = options.queues.get(target.queueLogicalId)
  if (queue === undefined) throw new Error(`no queue for the schedule target ${target.queueName}`)
  return { kind: 'queue', queueUrl: queue.url }
}

function platformLine(functionName: string, error: Error): LogLine {
  return { functionName, stream: 'platform', text: error.message }
}

import { type Lookup, resolveEnvironment } from './assembly/intrinsics.ts'
import type { Assembly, Mapping, Route } from './assembly/types.ts'
import type { LambdaFunction } from './lambda/lambda-function.ts'
import type { ScheduleEntry } from './lambda/schedule-clock.ts'
import type { QueueAddress } from './resources.ts'

/** An event source mapping with the address of its queue. */
export type PlannedSource = Mapping & { readonly queue: QueueAddress }

/** How much a process may do at a time; the pool's and the sources' own limits where absent. */
interface ComputeLimits {
  readonly maxEnvironments?: number
  readonly maxEnvironmentsPerFunction?: number
  /** Batches of one queue that run at a time. */
  readonly maxBatches?: number
}

/**
 * All that compute (gateway, functions, pollers, clock) needs to run, with every address
 * resolved. Plain JSON, so that another process can take it over.
 */
export interface ComputePlan {
  readonly functions: readonly LambdaFunction[]
  readonly routes: readonly Route[]
  readonly sources: readonly PlannedSource[]
  readonly schedules: readonly ScheduleEntry[]
  readonly sqsUrl: string
  readonly timeScale: number
  readonly limits: ComputeLimits
}

export interface PlanRequest {
  readonly assembly: Assembly
  readonly lookup: Lookup
  /** By logical id. */
  readonly queues: ReadonlyMap<string, QueueAddress>
  /** Laid over the template's variables: where the embedded parts answer. */
  readonly environment: Readonly<Record<string, string>>
  readonly sqsUrl: string
  readonly timeScale: number
}

/** Resolves the template. Throws with the name of what it cannot resolve. */
export function planCompute(request: PlanRequest): ComputePlan {
  const { assembly, lookup, environment, sqsUrl, timeScale } = request
  return {
    functions: assembly.functions.map((spec) => ({
      name: spec.name,
      codeDirectory: spec.codeDirectory,
      handler: spec.handler,
      timeoutSeconds: spec.timeoutSeconds,
      memoryMb: spec.memoryMb,
      environment: { ...resolveEnvironment(spec.environment, lookup), ...environment },
    })),
    routes: assembly.routes,
    sources: assembly.mappings.map((mapping) => ({
      ...mapping,
      queue: queueOf(request, mapping.queueLogicalId),
    })),
    schedules: assembly.schedules.map(({ target, input: _, ...schedule }) => ({
      ...schedule,
      target:
        target.kind === 'function'
          ? { kind: 'function', functionName: target.functionName }
          : { kind: 'queue', queueUrl: queueOf(request, target.queueLogicalId).url },
    })),
    sqsUrl,
    timeScale,
    limits: {},
  }
}

function queueOf({ queues }: PlanRequest, logicalId: string): QueueAddress {
  const queue = queues.get(logicalId)
  if (queue === undefined) throw new Error(`there is no queue ${logicalId}`)
  return queue
}

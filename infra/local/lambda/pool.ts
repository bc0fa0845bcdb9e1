import { randomUUID } from 'node:crypto'
import { ExecutionEnvironment } from './execution-environment.ts'
import {
  type FunctionError,
  InvokeRefused,
  type InvokeResult,
  type LogLine,
  maxRequestBytes,
} from './invocation.ts'
import type { LambdaFunction, Place } from './lambda-function.ts'

export interface LambdaPoolOptions extends Place {
  readonly functions: readonly LambdaFunction[]
  /** All functions together; 40 unless told. */
  readonly maxEnvironments?: number
  /** One function; 8 unless told, so that none can take all. */
  readonly maxEnvironmentsPerFunction?: number
  readonly log?: (line: LogLine) => void
}

export interface EnvironmentView {
  readonly id: string
  readonly functionName: string
  readonly state: ExecutionEnvironment['state']
}

interface Waiting {
  readonly event: string
  readonly requestId: string
  readonly arrivedAt: number
  readonly settle: (result: InvokeResult) => void
  readonly refuse: (error: InvokeRefused) => void
}

interface Line {
  readonly lambda: LambdaFunction
  readonly waiting: Waiting[]
}

/** More at once only makes each slower: a cold start is work for the CPU. */
const maxStarting = 4

/**
 * Runs functions in execution environments: starts one when an invocation finds none idle, queues
 * what exceeds the caps, and gives the place of an idle environment to a function that has none.
 */
export class LambdaPool {
  readonly #options: LambdaPoolOptions
  readonly #lines: ReadonlyMap<string, Line>
  readonly #environments = new Set<ExecutionEnvironment>()
  readonly #ending = new Set<Promise<void>>()
  #closed = false

  constructor(options: LambdaPoolOptions) {
    this.#options = options
    this.#lines = new Map(options.functions.map((lambda) => [lambda.name, { lambda, waiting: [] }]))
  }

  /**
   * Runs a function and waits for its result. The time a call waits for an environment does not
   * count against the function's timeout. Rejects with `InvokeRefused` when there is no such
   * function, the event exceeds 6 MB, or the pool is closed.
   */
  readonly invoke = async (functionName: string, event: unknown): Promise<InvokeResult> => {
    if (this.#closed) throw poolClosed()
    const line = this.#lines.get(functionName)
    if (line === undefined) {
      throw new InvokeRefused('unknown-function', `there is no function ${functionName}`)
    }
    const json = JSON.stringify(event) ?? 'null'
    if (Buffer.byteLength(json) > maxRequestBytes) {
      throw new InvokeRefused('request-too-large', `the event exceeds ${maxRequestBytes} bytes`)
    }
    return new Promise((settle, refuse) => {
      const arrivedAt = performance.now()
      line.waiting.push({ event: json, requestId: randomUUID(), arrivedAt, settle, refuse })
      this.#dispatch()
    })
  }

  environments(): EnvironmentView[] {
    const view = ({ id, functionName, state }: ExecutionEnvironment) => ({
      id,
      functionName,
      state,
    })
    return [...this.#environments].map(view)
  }

  /** Crashes an environment that is running the function; false when none is. */
  killEnvironment(functionName: string): boolean {
    const [busy] = this.#inState('busy', functionName)
    if (busy !== undefined) void busy.kill()
    return busy !== undefined
  }

  /** Ends every environment. Running invocations fail as killed, waiting ones are refused. */
  async close(): Promise<void> {
    this.#closed = true
    for (const { waiting } of this.#lines.values()) {
      for (const { refuse } of waiting.splice(0)) refuse(poolClosed())
    }
    const ending = [...this.#environments].map((environment) => environment.kill())
    await Promise.all([...ending, ...this.#ending])
  }

  /** The function whose oldest call waits longest goes first. */
  #dispatch(): void {
    if (this.#closed) return
    const lines = [...this.#lines.values()].filter(({ waiting }) => waiting.length > 0)
    for (const line of lines.toSorted((a, b) => arrivalOf(a) - arrivalOf(b))) {
      for (const environment of this.#inState('idle', line.lambda.name)) {
        const next = line.waiting.shift()
        if (next === undefined) break
        void environment.invoke(next.requestId, next.event).then(next.settle)
      }
      this.#startFor(line)
    }
  }

  #startFor({ lambda, waiting }: Line): void {
    let needed = waiting.length - this.#inState('starting', lambda.name).length
    while (needed > 0 && this.#hasRoomFor(lambda.name)) {
      this.#environments.add(this.#start(lambda))
      needed -= 1
    }
  }

  /** May end an idle environment of another function to make the room. */
  #hasRoomFor(functionName: string): boolean {
    const own = [...this.#environments].filter((item) => item.functionName === functionName)
    if (own.length >= (this.#options.maxEnvironmentsPerFunction ?? 8)) return false
    if (this.#inState('starting').length >= maxStarting) return false
    if (this.#environments.size < (this.#options.maxEnvironments ?? 40)) return true
    const isFree = (item: ExecutionEnvironment) =>
      own.length === 0 || this.#lines.get(item.functionName)?.waiting.length === 0
    const reclaimed = this.#inState('idle').find(isFree)
    if (reclaimed !== undefined) this.#retire(reclaimed)
    return reclaimed !== undefined
  }

  #start(lambda: LambdaFunction): ExecutionEnvironment {
    return new ExecutionEnvironment(lambda, this.#options, {
      idle: () => this.#dispatch(),
      stopped: (stopped, initError) => this.#onStopped(stopped, initError),
      log: (line) => this.#options.log?.(line),
    })
  }

  #retire(environment: ExecutionEnvironment): void {
    this.#environments.delete(environment)
    const ending = environment.kill().finally(() => this.#ending.delete(ending))
    this.#ending.add(ending)
  }

  /** A failed start fails the call that has waited longest for it. */
  #onStopped(environment: ExecutionEnvironment, initError: FunctionError | undefined): void {
    this.#environments.delete(environment)
    if (initError !== undefined) {
      const failed = this.#lines.get(environment.functionName)?.waiting.shift()
      failed?.settle({ outcome: 'failed', requestId: failed.requestId, error: initError })
    }
    this.#dispatch()
  }

  #inState(state: ExecutionEnvironment['state'], functionName?: string): ExecutionEnvironment[] {
    return [...this.#environments].filter(
      (item) =>
        item.state === state && (functionName === undefined || item.functionName === functionName),
    )
  }
}

function poolClosed(): InvokeRefused {
  return new InvokeRefused('closed', 'the pool is closed')
}

function arrivalOf({ waiting }: Line): number {
  return waiting[0]?.arrivedAt ?? Number.POSITIVE_INFINITY
}

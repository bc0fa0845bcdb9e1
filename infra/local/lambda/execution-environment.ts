import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { Worker } from 'node:worker_threads'
import type { FunctionError, InvokeResult, LogLine } from './invocation.ts'
import { functionArn, type LambdaFunction, type Place } from './lambda-function.ts'
import type { InvokeMessage, ThreadMessage, ThreadSetup } from './protocol.ts'
import { runtimeVariables } from './runtime-variables.ts'
import { threadCode } from './thread-code.ts'

/** What an environment tells its pool. */
export interface EnvironmentEvents {
  /** It can take an invocation: it has started, or finished one. */
  readonly idle: (environment: ExecutionEnvironment) => void
  /** It is gone. `initError` is set when it never became ready. */
  readonly stopped: (
    environment: ExecutionEnvironment,
    initError: FunctionError | undefined,
  ) => void
  readonly log: (line: LogLine) => void
}

interface Running {
  readonly requestId: string
  readonly settle: (result: InvokeResult) => void
}

const initSeconds = 10

/**
 * One thread with a module graph and variables of its own, which runs one invocation at a time.
 * Whatever ends the thread (time, memory, `process.exit`, an uncaught error, `kill`) fails the
 * running invocation the way Lambda does, and never the host.
 */
export class ExecutionEnvironment {
  readonly id = randomUUID()
  readonly functionName: string
  state: 'starting' | 'idle' | 'busy' | 'stopped' = 'starting'

  readonly #timeoutSeconds: number
  readonly #events: EnvironmentEvents
  readonly #worker: Worker
  #timer: NodeJS.Timeout
  #running: Running | undefined
  #initError: FunctionError | undefined
  /** Why the thread ends, once that is known. */
  #end: FunctionError | undefined

  constructor(lambda: LambdaFunction, place: Place, events: EnvironmentEvents) {
    this.functionName = lambda.name
    this.#timeoutSeconds = lambda.timeoutSeconds
    this.#events = events
    this.#worker = startThread(lambda, place, this.id)
    this.#forward(this.#worker.stdout, 'stdout')
    this.#forward(this.#worker.stderr, 'stderr')
    this.#worker.on('message', (message: ThreadMessage) => this.#receive(message))
    this.#worker.on('error', (error) => {
      this.#end ??= crash(error)
    })
    this.#worker.on('exit', (code) => this.#exited(code))
    this.#timer = this.#endAfter(initSeconds, timedOut(initSeconds, 'Init'))
  }

  /** Runs one invocation; only when idle. The event is JSON. Never rejects. */
  invoke(requestId: string, event: string): Promise<InvokeResult> {
    const seconds = this.#timeoutSeconds
    const message: InvokeMessage = { requestId, event, deadlineAt: Date.now() + seconds * 1000 }
    this.state = 'busy'
    this.#timer = this.#endAfter(seconds, timedOut(seconds, 'Task'))
    return new Promise((settle) => {
      this.#running = { requestId, settle }
      this.#worker.postMessage(message)
    })
  }

  /** Ends the thread at once, as if the machine under it died, and waits until it is gone. */
  async kill(): Promise<void> {
    this.#end ??= killed
    await this.#worker.terminate()
  }

  #endAfter(seconds: number, end: FunctionError): NodeJS.Timeout {
    return setTimeout(() => {
      this.#end ??= end
      void this.#worker.terminate()
    }, seconds * 1000)
  }

  #receive(message: ThreadMessage): void {
    if (this.#end !== undefined) return
    clearTimeout(this.#timer)
    if (message.kind === 'init-failed') {
      this.#initError = message.error
      void this.kill()
      return
    }
    const running = this.#running
    this.#running = undefined
    this.state = 'idle'
    if (running !== undefined) running.settle(resultOf(message, running.requestId))
    this.#events.idle(this)
  }

  #exited(code: number): void {
    clearTimeout(this.#timer)
    const wasStarting = this.state === 'starting'
    this.state = 'stopped'
    const end = this.#end ?? exited(code)
    const running = this.#running
    if (running !== undefined) {
      const error = { ...end, errorMessage: `RequestId: ${running.requestId} ${end.errorMessage}` }
      this.#tell(error.errorMessage)
      running.settle({ outcome: 'failed', requestId: running.requestId, error })
    }
    const initError = this.#initError ?? end
    if (wasStarting && end !== killed) this.#tell(`INIT ${initError.errorMessage}`)
    this.#events.stopped(this, wasStarting ? initError : undefined)
  }

  #tell(text: string): void {
    this.#events.log({ functionName: this.functionName, stream: 'platform', text })
  }

  #forward(source: Readable, stream: 'stdout' | 'stderr'): void {
    createInterface({ input: source }).on('line', (text) => {
      this.#events.log({ functionName: this.functionName, stream, text })
    })
  }
}

function startThread(lambda: LambdaFunction, place: Place, environmentId: string): Worker {
  const setup: ThreadSetup = {
    codeDirectory: lambda.codeDirectory,
    handler: lambda.handler,
    functionName: lambda.name,
    functionArn: functionArn(lambda.name, place),
    memoryMb: lambda.memoryMb,
  }
  return new Worker(threadCode(), {
    name: lambda.name,
    workerData: setup,
    env: runtimeVariables(lambda, place, environmentId),
    argv: [],
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: lambda.memoryMb },
    stdout: true,
    stderr: true,
  })
}

function resultOf(message: ThreadMessage, requestId: string): InvokeResult {
  if (message.kind === 'threw') return { outcome: 'failed', requestId, error: message.error }
  const json = message.kind === 'returned' ? message.payload : undefined
  return { outcome: 'returned', requestId, payload: json === undefined ? null : JSON.parse(json) }
}

const killed: FunctionError = {
  errorType: 'Runtime.ExitError',
  errorMessage: 'Error: Runtime exited with error: signal: killed',
  stackTrace: [],
}

function timedOut(seconds: number, what: 'Init' | 'Task'): FunctionError {
  return {
    errorType: 'Sandbox.Timedout',
    errorMessage: `Error: ${what} timed out after ${seconds.toFixed(2)} seconds`,
    stackTrace: [],
  }
}

function exited(code: number): FunctionError {
  const reason =
    code === 0 ? 'exited without providing a reason' : `exited with error: exit status ${code}`
  return { ...killed, errorMessage: `Error: Runtime ${reason}` }
}

/** An error that nothing in the thread caught. Out of memory looks to Lambda like a kill. */
function crash(error: Error & { readonly code?: string }): FunctionError {
  if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') return { ...killed }
  const [, ...stackTrace] = (error.stack ?? '').split('\n').map((line) => line.trim())
  return { errorType: error.name, errorMessage: `Error: ${error.message}`, stackTrace }
}

export type Operation =
  | 'ExecuteStatement'
  | 'BatchExecuteStatement'
  | 'BeginTransaction'
  | 'CommitTransaction'
  | 'RollbackTransaction'

/** One request to the service; a retry of the SDK is another one. */
export interface DataApiCall {
  readonly operation: Operation
  /** First 200 characters; empty for operations without SQL. */
  readonly sql: string
  /** ISO 8601, UTC. */
  readonly startedAt: string
  /** Undefined while it runs. */
  readonly durationMs: number | undefined
  /** Name of the error it was answered with. */
  readonly error: string | undefined
}

export interface CallLog {
  /** Enters a call; the function it returns notes its end. */
  start(operation: Operation, sql: string): (error?: string) => void
  /** In the order of arrival; the last 100,000. */
  calls(): readonly DataApiCall[]
  reset(): void
}

const maxSqlCharacters = 200
const maxCalls = 100_000

export function makeCallLog(): CallLog {
  let calls: { -readonly [Member in keyof DataApiCall]: DataApiCall[Member] }[] = []
  return {
    start(operation, sql) {
      const startedMs = performance.now()
      const call = {
        operation,
        sql: sql.slice(0, maxSqlCharacters),
        startedAt: new Date().toISOString(),
        durationMs: undefined as number | undefined,
        error: undefined as string | undefined,
      }
      if (calls.length >= maxCalls) calls = calls.slice(maxCalls / 2)
      calls.push(call)
      return (error) => {
        call.durationMs = performance.now() - startedMs
        call.error = error
      }
    },
    calls: () => [...calls],
    reset() {
      calls = []
    },
  }
}

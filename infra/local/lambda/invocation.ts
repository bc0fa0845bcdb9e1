/** An error as Lambda reports it to whoever invoked the function. */
export interface FunctionError {
  readonly errorMessage: string
  readonly errorType: string
  readonly stackTrace: readonly string[]
}

export type InvokeResult =
  | {
      readonly outcome: 'returned'
      readonly requestId: string
      /** What the handler returned, through JSON; null when it returned nothing. */
      readonly payload: unknown
    }
  | { readonly outcome: 'failed'; readonly requestId: string; readonly error: FunctionError }

/** Invokes a function and waits for it. The event must survive JSON. */
export type Invoke = (functionName: string, event: unknown) => Promise<InvokeResult>

/** The service refused the invocation; no function saw it. */
export class InvokeRefused extends Error {
  override readonly name = 'InvokeRefused'
  readonly reason: 'unknown-function' | 'request-too-large' | 'closed'

  constructor(reason: InvokeRefused['reason'], message: string) {
    super(message)
    this.reason = reason
  }
}

/** Lambda's limit for the event of a synchronous invocation. */
export const maxRequestBytes = 6 * 1024 * 1024

/** A line that a function wrote, or (`platform`) that tells how its environment ended. */
export interface LogLine {
  readonly functionName: string
  readonly stream: 'stdout' | 'stderr' | 'platform'
  readonly text: string
}

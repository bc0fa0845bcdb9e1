import type { FunctionError } from './invocation.ts'

/** What an environment's thread is given when it starts. */
export interface ThreadSetup {
  readonly codeDirectory: string
  readonly handler: string
  readonly functionName: string
  readonly functionArn: string
  readonly memoryMb: number
}

export interface InvokeMessage {
  readonly requestId: string
  /** JSON. */
  readonly event: string
  /** Milliseconds since 1970. */
  readonly deadlineAt: number
}

export type ThreadMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'init-failed'; readonly error: FunctionError }
  /** `payload` is JSON; undefined when the handler returned nothing. */
  | { readonly kind: 'returned'; readonly payload: string | undefined }
  | { readonly kind: 'threw'; readonly error: FunctionError }

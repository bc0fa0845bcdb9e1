/**
 * The thread of one execution environment: loads the bundle, then answers one invocation at a
 * time. It is transpiled to one module without imports of its own files; see `thread-code.ts`.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'
import type { FunctionError } from './invocation.ts'
import type { InvokeMessage, ThreadMessage, ThreadSetup } from './protocol.ts'

type Handler = (event: unknown, context: unknown) => unknown

const maxResponseBytes = 6 * 1024 * 1024 + 100

const setup: ThreadSetup = workerData

class RuntimeError extends Error {
  constructor(name: string, message: string) {
    super(message)
    this.name = name
  }
}

process.on('unhandledRejection', (reason) => {
  const error = reason instanceof Error ? reason : new Error(String(reason))
  error.name = 'Runtime.UnhandledPromiseRejection'
  throw error
})

function post(message: ThreadMessage): void {
  parentPort?.postMessage(message)
}

function report(thrown: unknown): FunctionError {
  if (!(thrown instanceof Error)) {
    return { errorType: typeof thrown, errorMessage: String(thrown), stackTrace: [] }
  }
  const [, ...stackTrace] = (thrown.stack ?? '').split('\n').map((line) => line.trim())
  return { errorType: thrown.name, errorMessage: thrown.message, stackTrace }
}

async function loadHandler(): Promise<Handler> {
  const dot = setup.handler.lastIndexOf('.')
  const base = join(setup.codeDirectory, setup.handler.slice(0, dot))
  const file = ['.mjs', '.js', '.cjs'].map((ending) => base + ending).find(existsSync)
  if (file === undefined) {
    throw new RuntimeError('Runtime.ImportModuleError', `Cannot find module '${base}'`)
  }
  const handler: unknown = (await import(pathToFileURL(file).href))[setup.handler.slice(dot + 1)]
  if (typeof handler !== 'function') {
    throw new RuntimeError(
      'Runtime.HandlerNotFound',
      `${setup.handler} is not an exported function`,
    )
  }
  return handler as Handler
}

function contextOf({ requestId, deadlineAt }: InvokeMessage) {
  return {
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: setup.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: setup.functionArn,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    memoryLimitInMB: String(setup.memoryMb),
    getRemainingTimeInMillis: () => Math.max(0, deadlineAt - Date.now()),
  }
}

function serialise(value: unknown): string | undefined {
  let payload: string | undefined
  try {
    payload = JSON.stringify(value)
  } catch (error) {
    throw new RuntimeError('Runtime.MarshalError', `Unable to stringify response body: ${error}`)
  }
  const size = payload === undefined ? 0 : Buffer.byteLength(payload)
  if (size <= maxResponseBytes) return payload
  const limit = `exceeded maximum allowed payload size (${maxResponseBytes} bytes)`
  throw new RuntimeError(
    'Function.ResponseSizeTooLarge',
    `Response payload size (${size} bytes) ${limit}.`,
  )
}

async function answer(handler: Handler, message: InvokeMessage): Promise<void> {
  try {
    const value = await handler(JSON.parse(message.event), contextOf(message))
    post({ kind: 'returned', payload: serialise(value) })
  } catch (error) {
    post({ kind: 'threw', error: report(error) })
  }
}

try {
  const handler = await loadHandler()
  parentPort?.on('message', (message: InvokeMessage) => void answer(handler, message))
  post({ kind: 'ready' })
} catch (error) {
  post({ kind: 'init-failed', error: report(error) })
}

import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import {
  type HttpAnswer,
  type HttpOutcome,
  type HttpRequest,
  json,
  readJson,
  startHttpServer,
} from './http-server.ts'

/** An error as an AWS service words it. */
export class AwsError extends Error {
  readonly code: string
  readonly status: number

  constructor(code: string, message: string, status = 400) {
    super(message)
    this.code = code
    this.status = status
  }
}

/** Takes the request's members, answers the response's; throws AwsError. */
type AwsAction = (input: unknown) => unknown

interface AwsFault<Kind extends string> {
  readonly kind: Kind
  /** How many calls it hits; default 1. */
  readonly count?: number
  /** Only calls of this action; default any. */
  readonly action?: string
}

export interface AwsJsonOptions<Kind extends string> {
  readonly port: number
  /** What `x-amz-target` begins with, before the dot. */
  readonly targetPrefix: string
  readonly actions: Readonly<Record<string, AwsAction>>
  readonly faults: Readonly<Record<Kind, () => AwsError>>
  /** Where the service is steered over HTTP: `GET|DELETE {path}/calls`, `POST|DELETE {path}/faults`. */
  readonly steeringPath: `/_${string}`
}

export interface AwsJsonService<Kind extends string> {
  readonly url: string
  readonly port: number
  /** Calls since the start or the last reset by action, failed ones included. */
  calls(): Readonly<Record<string, number>>
  resetCalls(): void
  /** Makes the next calls fail; faults queue up. */
  fail(fault: AwsFault<Kind>): void
  clearFaults(): void
  close(): Promise<void>
}

/** Serves actions over the AWS JSON 1.1 protocol, counts them, and fails them on demand. */
export async function startAwsJson<Kind extends string>(
  options: AwsJsonOptions<Kind>,
): Promise<AwsJsonService<Kind>> {
  const counts = new Map<string, number>()
  const faults: { fault: AwsFault<Kind>; left: number }[] = []

  const takeFault = (action: string): AwsError | undefined => {
    const index = faults.findIndex(({ fault }) => (fault.action ?? action) === action)
    const entry = faults[index]
    if (entry === undefined) return undefined
    entry.left -= 1
    if (entry.left === 0) faults.splice(index, 1)
    return options.faults[entry.fault.kind]()
  }
  const steering = {
    calls: () => Object.fromEntries(counts),
    resetCalls: () => counts.clear(),
    fail: (fault: AwsFault<Kind>) => {
      faults.push({ fault, left: fault.count ?? 1 })
    },
    clearFaults: () => {
      faults.length = 0
    },
  }
  const server = await startHttpServer({
    port: options.port,
    handle(request) {
      if (request.path.startsWith(`${options.steeringPath}/`)) {
        return steer(options, steering, request)
      }
      const action = actionOf(request, options.targetPrefix)
      counts.set(action, (counts.get(action) ?? 0) + 1)
      return act(() => {
        const fault = takeFault(action)
        if (fault !== undefined) throw fault
        return run(options.actions, action, request)
      })
    },
  })
  return { url: server.url, port: server.port, close: server.close, ...steering }
}

/** Checks members with a zod schema; what does not fit is the service's ValidationException. */
export function members<Schema extends z.ZodType>(schema: Schema, input: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new AwsError(
    'ValidationException',
    `1 validation error detected: '${issue?.path.join('.') ?? ''}' ${issue?.message ?? 'is invalid'}`,
  )
}

function actionOf(request: HttpRequest, prefix: string): string {
  const [service, action] = String(request.headers['x-amz-target'] ?? '').split('.')
  return service === prefix && action ? action : ''
}

function run(actions: AwsJsonOptions<string>['actions'], action: string, request: HttpRequest) {
  const perform = Object.hasOwn(actions, action) ? actions[action] : undefined
  if (request.method !== 'POST' || perform === undefined) {
    throw new AwsError('UnknownOperationException', `no such operation here: ${action}`)
  }
  const input = readJson(request)
  if (input === undefined) throw new AwsError('SerializationException', 'the body is not JSON')
  return perform(input)
}

function act(perform: () => unknown): HttpAnswer {
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amzn-requestid': randomUUID(),
  }
  try {
    return json(200, perform() ?? {}, headers)
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    return json(error.status, { __type: error.code, message: error.message }, headers)
  }
}

const faultBody = z.strictObject({
  kind: z.string(),
  count: z.int().positive().optional(),
  action: z.string().optional(),
})

function steer<Kind extends string>(
  options: AwsJsonOptions<Kind>,
  service: Omit<AwsJsonService<Kind>, 'url' | 'port' | 'close'>,
  request: HttpRequest,
): HttpOutcome {
  switch (`${request.method} ${request.path.slice(options.steeringPath.length)}`) {
    case 'GET /calls':
      return json(200, service.calls())
    case 'DELETE /calls':
      service.resetCalls()
      return { status: 204 }
    case 'DELETE /faults':
      service.clearFaults()
      return { status: 204 }
    case 'POST /faults': {
      const kinds = Object.keys(options.faults)
      const body = faultBody.safeParse(readJson(request))
      if (!body.success || !kinds.includes(body.data.kind)) {
        return json(400, { message: `expected {kind, count?, action?}, kind one of ${kinds}` })
      }
      service.fail(body.data as AwsFault<Kind>)
      return { status: 204 }
    }
    default:
      return json(404, { message: 'not found' })
  }
}

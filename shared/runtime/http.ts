import middy from '@middy/core'
import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyEventV2WithJWTAuthorizer,
  APIGatewayProxyStructuredResultV2,
} from 'aws-lambda'
import type * as z from 'zod'
import { purpose, unspecifiedPurpose } from '../contracts/audit.ts'
import { idempotencyKey } from '../contracts/messages.ts'
import type { Operation, Operations } from '../contracts/operation.ts'
import type { AuditNote, Caller, Quota, RequestKey } from '../domain/caller.ts'
import { Refusal } from '../domain/errors.ts'
import { entityTag, isKnown, versionIn } from './entity-tag.ts'
import { answerProblems, quotas, rawBody } from './gateway-event.ts'
import { type FieldProblem, RequestProblem } from './problems.ts'
import { quotaHeaders } from './quota-headers.ts'

/** JSON bodies of the API. */
const mostBodyBytes = 256 * 1024
/** A body of nothing but mistakes gets no answer larger than itself. */
const mostProblems = 50

type Event = APIGatewayProxyEventV2WithJWTAuthorizer
type Result = APIGatewayProxyStructuredResultV2

/** Who calls, by the token that the gateway has checked. */
export interface Principal {
  readonly issuer: string
  readonly oidcClientId: string
}

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined

export interface HttpRequest<O extends Operation> {
  readonly caller: Caller & { readonly meter: (quota: Quota) => void }
  readonly params: {
    readonly [Name in keyof NonNullable<O['params']>]: z.output<
      NonNullable<O['params']>[Name]['schema']
    >
  }
  readonly query: Parsed<O['query']>
  readonly body: Parsed<O['body']>
  /** What makes an operation with an Idempotency-Key safe to repeat. */
  readonly request: O extends { idempotent: true } ? RequestKey : undefined
  /** The version that If-Match names; another one must not be changed. */
  readonly ifMatch: O extends { ifMatch: true } ? string : undefined
}

type Statuses<O extends Operation> = keyof O['answers'] & number

/** One of the answers that the operation declares. */
type HttpAnswer<O extends Operation> = {
  [Status in Statuses<O>]: {
    readonly status: Status
    readonly headers?: Readonly<Record<string, string>>
    /** Of what is shown; its tag may be named by If-Match. */
    readonly version?: string
    readonly body: O['answers'][Status] extends { schema: infer S extends z.ZodType }
      ? z.input<S>
      : undefined
  }
}[Statuses<O>]

/** What answers each operation of a room. */
type Works<T extends Operations> = {
  readonly [Id in keyof T]: (request: HttpRequest<T[Id]>) => Promise<HttpAnswer<T[Id]>>
}

type Work = (request: HttpRequest<Operation>) => Promise<HttpAnswer<Operation>>

/**
 * A room of the API: finds the operation and the client, reads what the contract says, answers JSON
 * with its ETag, and turns what is thrown into a problem.
 */
export function api<T extends Operations>(
  declared: T,
  findClient: (principal: Principal) => Promise<Caller>,
) {
  return (works: Works<T>) => {
    const routes = new Map(
      Object.entries(declared).map(([id, operation]) => [
        `${operation.method} ${operation.path}`,
        { id, operation, work: works[id] as unknown as Work },
      ]),
    )
    return middy<Event, Result>({ timeoutEarlyInMillis: 0 })
      .use(answerProblems())
      .handler(async (event) => {
        const route = routes.get(event.routeKey)
        if (route === undefined) throw new Error('a route leads to the wrong function')
        const caller = await findClient(principalOf(event))
        const meter = (quota: Quota) => quotas.set(event, quota)
        // What is wrong with a header comes before its precondition, as the rest of the request does.
        const audit = auditNote(route, event)
        const request = readRequest(route.operation, event)
        return shown(event, await route.work({ ...request, caller: { ...caller, meter, audit } }))
      })
  }
}

function readRequest(
  operation: Operation,
  event: Event,
): Omit<HttpRequest<Operation>, 'caller' | 'request' | 'ifMatch'> & {
  request: never
  ifMatch: never
} {
  const params = readParams(operation, event)
  const key = operation.idempotent && readKey(event)
  const query = readQuery(operation.query, event.queryStringParameters)
  const body = readBody(operation, event)
  const request = key && {
    route: event.routeKey,
    key,
    body: JSON.stringify([params, body]),
  }
  // Preconditions come after all that can be wrong with the request itself (RFC 9110 §13.2.1).
  const ifMatch = operation.ifMatch && versionIn(event.headers['if-match'])
  return { params, query, body, request, ifMatch } as ReturnType<typeof readRequest>
}

function readParams({ params = {} }: Operation, event: Event): Record<string, string> {
  const given = event.pathParameters ?? {}
  return Object.fromEntries(
    Object.entries(params).map(([name, { schema, notFound }]) => {
      const result = schema.safeParse(given[name])
      if (!result.success) throw new Refusal(notFound)
      return [name, result.data]
    }),
  )
}

/** An answer to a GET carries its ETag, and is not sent again to whoever has it (RFC 9110 §13.1.2). */
function shown(event: Event, answer: HttpAnswer<Operation>): Result {
  const text = answer.body === undefined ? undefined : JSON.stringify(answer.body)
  const headers = { ...quotaHeaders(quotas.get(event)), ...answer.headers }
  if (text === undefined) return { statusCode: answer.status, headers }
  const etag = entityTag(text, answer.version)
  const isGet = event.requestContext.http.method === 'GET'
  if (isGet && isKnown(etag, event.headers['if-none-match'])) {
    return { statusCode: 304, headers: { ...headers, etag } }
  }
  return {
    statusCode: answer.status,
    headers: {
      'content-type': 'application/json',
      // What it says belongs to a client, and must be asked about before it is used again.
      'cache-control': 'private, no-cache',
      ...headers,
      ...((isGet || answer.version !== undefined) && { etag }),
    },
    body: text,
  }
}

/** OIDC providers disagree on the claim: RFC 9068 `client_id`, else `azp`, else `sub`. */
function principalOf(event: APIGatewayProxyEventV2WithJWTAuthorizer): Principal {
  const { iss, client_id, azp, sub } = event.requestContext.authorizer?.jwt?.claims ?? {}
  const oidcClientId = client_id ?? azp ?? sub
  if (typeof iss !== 'string' || typeof oidcClientId !== 'string') {
    throw new RequestProblem('principal-missing')
  }
  return { issuer: iss, oidcClientId }
}

function readKey(event: APIGatewayProxyEventV2): string {
  const given = event.headers['idempotency-key']
  if (given === undefined) throw new RequestProblem('idempotency-key-missing')
  const parsed = idempotencyKey.safeParse(given)
  if (!parsed.success) throw new RequestProblem('invalid-idempotency-key')
  return parsed.data
}

function auditNote(
  { id, operation }: { readonly id: string; readonly operation: Operation },
  event: Event,
): AuditNote | undefined {
  const given = event.headers['recado-purpose'] ?? unspecifiedPurpose
  const { success, data } = purpose.safeParse(given)
  if (!success) throw new RequestProblem('invalid-purpose')
  if (typeof operation.audit !== 'string') return undefined
  return { action: id, purpose: data, requestId: event.requestContext.requestId }
}

function readBody({ body: schema, mostBodyBytes: most = mostBodyBytes }: Operation, event: Event) {
  if (schema === undefined) return undefined
  const raw = rawBody(event)
  if (raw.byteLength > most) throw new RequestProblem('body-too-large')
  // Only a contract that may do without a body takes none.
  const absent = raw.byteLength === 0 && schema.safeParse(undefined).success
  return parsed(schema, absent ? undefined : parseJson(raw), 'invalid-body')
}

function parseJson(raw: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw))
  } catch {
    throw new RequestProblem('invalid-json')
  }
}

function readQuery(
  schema: z.ZodType | undefined,
  query: Readonly<Record<string, string | undefined>> | undefined,
) {
  return schema && parsed(schema, query ?? {}, 'invalid-query')
}

function parsed<S extends z.ZodType>(
  schema: S,
  value: unknown,
  code: 'invalid-body' | 'invalid-query',
): z.output<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new RequestProblem(code, result.error.issues.flatMap(fieldProblems).slice(0, mostProblems))
}

/** One problem a field; each unknown field is named by its own path. */
function fieldProblems(issue: z.core.$ZodIssue): FieldProblem[] {
  const { path, message } = issue
  if (issue.code !== 'unrecognized_keys') return [{ path: dotted(path), message }]
  return issue.keys.map((key) => ({ path: dotted([...path, key]), message: 'is not known here' }))
}

/** Only what could be a name of ours or of a variable is said again: a key may hold whatever a value may. */
const sayableKey = /^(?:[A-Za-z_][\w-]{0,63}|\d{1,4})$/

function dotted(path: readonly PropertyKey[]): string {
  return path.map((key) => (sayableKey.test(String(key)) ? String(key) : '?')).join('.')
}

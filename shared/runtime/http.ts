import middy from '@middy/core'
import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyEventV2WithJWTAuthorizer,
  APIGatewayProxyStructuredResultV2,
  Context,
} from 'aws-lambda'
import type * as z from 'zod'
import { idempotencyKey } from '../contracts/messages.ts'
import { describeError, log } from './log.ts'
import { type FieldProblem, problemOf, RequestProblem } from './problems.ts'

/** JSON bodies of the API. */
const mostBodyBytes = 256 * 1024
/** A body of nothing but mistakes gets no answer larger than itself. */
const mostProblems = 50

/** Who calls, by the token that the gateway has checked. */
export interface Principal {
  readonly issuer: string
  readonly oidcClientId: string
}

export interface HttpContract<B extends z.ZodType, Q extends z.ZodType> {
  readonly body?: B
  readonly query?: Q
}

export interface HttpRequest<B, Q> {
  readonly principal: Principal
  readonly params: Readonly<Record<string, string | undefined>>
  readonly query: Q
  readonly body: B
  /** The caller's Idempotency-Key, else an id of this request, so that a write can be repeated. */
  readonly requestKey: string
  readonly requestId: string
}

export interface HttpAnswer {
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** An API operation: reads the contract, answers JSON, turns what is thrown into a problem. */
export function http<B extends z.ZodType = z.ZodUndefined, Q extends z.ZodType = z.ZodUndefined>(
  contract: HttpContract<B, Q>,
  work: (request: HttpRequest<z.output<B>, z.output<Q>>) => Promise<HttpAnswer>,
) {
  return middy<APIGatewayProxyEventV2WithJWTAuthorizer, APIGatewayProxyStructuredResultV2>({
    timeoutEarlyInMillis: 0,
  })
    .use(problems())
    .handler(async (event) => {
      const answer = await work({
        principal: principalOf(event),
        params: event.pathParameters ?? {},
        query: readQuery(contract.query, event.queryStringParameters),
        body: readBody(contract.body, event),
        requestKey: requestKeyOf(event),
        requestId: event.requestContext.requestId,
      })
      return {
        statusCode: answer.status,
        headers: { 'content-type': 'application/json', ...answer.headers },
        body: JSON.stringify(answer.body),
      }
    })
}

/** A provider's webhook: the raw bytes as sent, and an answer in plain words. */
export function webhook(
  work: (request: {
    readonly rawBody: Uint8Array
    readonly headers: Readonly<Record<string, string | undefined>>
    readonly query: Readonly<Record<string, string | undefined>>
  }) => Promise<{ readonly status: number; readonly text: string }>,
) {
  return middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>({
    timeoutEarlyInMillis: 0,
  })
    .use(problems())
    .handler(async (event) => {
      const answer = await work({
        rawBody: rawBody(event),
        headers: event.headers,
        query: event.queryStringParameters ?? {},
      })
      return {
        statusCode: answer.status,
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        body: answer.text,
      }
    })
}

function problems(): middy.MiddlewareObj<
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  Error,
  Context
> {
  return {
    before: ({ event, context }) => {
      log.addContext(context)
      log.resetKeys()
      log.appendKeys({ requestId: event.requestContext.requestId, route: event.routeKey })
    },
    onError: (request) => {
      const answer = problemOf(request.error, request.event.requestContext.requestId)
      if (answer.statusCode === 500) log.error('request failed', describeError(request.error))
      request.response = answer
    },
  }
}

/** Bytes as the provider sent and signed them, whatever API Gateway made of them. */
function rawBody(event: Pick<APIGatewayProxyEventV2, 'body' | 'isBase64Encoded'>): Uint8Array {
  return Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8')
}

/** A signed body that is no JSON is news of its own kind, not a reason to be sent again. */
export function jsonOrText(raw: Uint8Array): unknown {
  const text = new TextDecoder().decode(raw)
  try {
    return JSON.parse(text)
  } catch {
    return text
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

function requestKeyOf(event: APIGatewayProxyEventV2): string {
  const given = event.headers['idempotency-key']
  if (given === undefined) return `request ${event.requestContext.requestId}`
  const parsed = idempotencyKey.safeParse(given)
  if (!parsed.success) throw new RequestProblem('invalid-idempotency-key')
  return parsed.data
}

function readBody<B extends z.ZodType>(schema: B | undefined, event: APIGatewayProxyEventV2) {
  if (schema === undefined) return undefined as z.output<B>
  const raw = rawBody(event)
  if (raw.byteLength > mostBodyBytes) throw new RequestProblem('body-too-large')
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

function readQuery<Q extends z.ZodType>(
  schema: Q | undefined,
  query: Readonly<Record<string, string | undefined>> | undefined,
) {
  if (schema === undefined) return undefined as z.output<Q>
  return parsed(schema, query ?? {}, 'invalid-query')
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
  if (issue.code !== 'unrecognized_keys') return [{ path: path.join('.'), message }]
  return issue.keys.map((key) => ({ path: [...path, key].join('.'), message: 'is not known here' }))
}

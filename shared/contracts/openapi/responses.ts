import type { Operation } from '../operation.ts'
import { gatewayRefusal, shownProblem } from '../problem.ts'
import { exampleOf } from './example.ts'
import { codesByStatus, generalCodes, type Problems, refusalCodes } from './refusals.ts'
import type { Json, Schemas } from './schemas.ts'

const text = (description: string, example: string): Json => ({
  description,
  schema: { type: 'string' },
  example,
})

/** Headers of answers, by the name of the component. */
export const answerHeaders = {
  ETag: text('Names this state of the answer.', '"nT2yXU8t8sM8WkMBd3vTj2hDJ4A"'),
  Location: text('Where what was made is read.', '/chats/1042'),
  'RateLimit-Policy': text(
    'The bucket of the client: `q` requests in `w` s.',
    '"client";q=100;w=2',
  ),
  RateLimit: text('`r` requests are left; the bucket is full in `t` s.', '"client";r=99;t=1'),
  'Retry-After': text('Seconds to wait before the request is repeated.', '1'),
} as const

type HeaderName = keyof typeof answerHeaders

/** What API Gateway also answers by itself, as JSON of its own. */
const gatewayMessages: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  413: 'Request Entity Too Large',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

export interface ResponsesSource {
  readonly id: string
  readonly operation: Operation
  readonly problems: Problems
  readonly schemas: Schemas
}

/** Every status that an operation may answer with. */
export function responsesOf(source: ResponsesSource): Readonly<Record<string, Json>> {
  const { operation } = source
  return {
    ...answersOf(source),
    ...(operation.method === 'GET' && {
      304: { description: 'It is as If-None-Match says.', headers: headersOf(['ETag']) },
    }),
    ...problemsOf(source),
  }
}

function answersOf({ id, operation, schemas }: ResponsesSource): Readonly<Record<string, Json>> {
  const { answers, method, idempotent } = operation
  const statuses = Object.keys(answers).map(Number)
  return Object.fromEntries(
    statuses.map((status, index) => {
      const { description, schema, example } = answers[status] ?? { description: '' }
      const headers = headersOf([
        ...(method === 'GET' ? ['ETag' as const] : []),
        ...(idempotent ? ['Location' as const] : []),
        'RateLimit-Policy',
        'RateLimit',
      ])
      if (schema === undefined) return [status, { description, headers }]
      const name = `${capitalised(id)}Answer${index === 0 ? '' : status}`
      const shown = schemas.named(schema, 'output', name)
      const content = {
        schema: shown,
        example: example ?? exampleOf(shown, schemas.components()),
      }
      return [status, { description, headers, content: { 'application/json': content } }]
    }),
  )
}

function problemsOf(source: ResponsesSource): Readonly<Record<string, Json>> {
  const { operation, problems, schemas } = source
  const byStatus = codesByStatus(refusalCodes(operation, problems), problems)
  const shared = sharedCodes(problems)
  const statuses = [...new Set([...byStatus.keys(), ...gatewayStatusesOf(operation)])]
  return Object.fromEntries(
    statuses.map((status) => {
      const codes = byStatus.get(status) ?? []
      const isShared = String(shared.get(status)) === String(codes)
      return [
        status,
        isShared
          ? { $ref: `#/components/responses/${responseName(status)}` }
          : problemResponse({ status, codes, problems, schemas }),
      ]
    }),
  )
}

const responseName = (status: number) => `Problem${status}`

/** Statuses that most operations answer with the same codes. */
function sharedCodes(problems: Problems): ReadonlyMap<number, readonly string[]> {
  const codes = codesByStatus(generalCodes(problems), problems)
  return new Map([...codes, [503, []]])
}

/** By the name of the component. */
export function sharedResponses(
  problems: Problems,
  schemas: Schemas,
): Readonly<Record<string, Json>> {
  return Object.fromEntries(
    [...sharedCodes(problems)].map(([status, codes]) => [
      responseName(status),
      problemResponse({ status, codes, problems, schemas }),
    ]),
  )
}

function problemResponse({
  status,
  codes,
  problems,
  schemas,
}: {
  readonly status: number
  readonly codes: readonly string[]
  readonly problems: Problems
  readonly schemas: Schemas
}): Json {
  const own = codes.length > 0 && {
    'application/problem+json': {
      schema: {
        allOf: [
          schemas.inline(shownProblem, 'output'),
          { type: 'object', properties: { code: { enum: codes } } },
        ],
      },
      examples: Object.fromEntries(
        codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]),
      ),
    },
  }
  const message = gatewayMessages[status]
  const gateway = message !== undefined && {
    'application/json': {
      schema: schemas.inline(gatewayRefusal, 'output'),
      example: { message },
    },
  }
  const lines = codes.map((code) => `\`${code}\`: ${problems[code]?.title}`)
  return {
    description: lines.length > 0 ? lines.join('\n\n') : 'The gateway could not reach Recado.',
    ...(status === 429 && { headers: headersOf(['Retry-After']) }),
    content: { ...own, ...gateway },
  }
}

/** Paths that are broken reach no operation; a function that hangs is cut off. */
function gatewayStatusesOf({ params }: Operation): readonly number[] {
  return params === undefined ? [503] : [400, 404, 503]
}

function headersOf(names: readonly HeaderName[]): Json {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))
}

/** An answer to look at for each code. */
export function problemExamples(problems: Problems): Readonly<Record<string, Json>> {
  return Object.fromEntries(
    Object.entries(problems).map(([code, { status, title, text, retryable }]) => [
      code,
      {
        value: {
          type: `urn:recado:problem:${code}`,
          ...{ title, text, status, code, retryable: retryable === true },
          requestId: 'Kx3oWgE5mjQEJpg=',
          traceId: '1-69231f40-bd862e3fe1be46a994272793',
        },
      },
    ]),
  )
}

export function capitalised(id: string): string {
  return `${id.charAt(0).toUpperCase()}${id.slice(1)}`
}

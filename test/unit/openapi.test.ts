import { readFile } from 'node:fs/promises'
import { Validator } from '@seriousme/openapi-schema-validator'
import { beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { documents } from '#infra/documents.ts'
import { openApiDocument } from '#shared/contracts/openapi/document.ts'
import { roomDescriptions } from '#shared/contracts/openapi/introduction.ts'
import { refusalCodes } from '#shared/contracts/openapi/refusals.ts'
import { makeSchemas } from '#shared/contracts/openapi/schemas.ts'
import type { Operation, Operations } from '#shared/contracts/operation.ts'
import { rooms } from '#shared/contracts/rooms.ts'
import { problemCatalogue } from '#shared/runtime/problems.ts'
import { type Judge, judgeBy } from '#test/support/api-schema.ts'

type Json = Readonly<Record<string, unknown>>
interface Answer {
  readonly content?: Readonly<Record<string, { readonly schema: Json; readonly example?: unknown }>>
}
interface Shown {
  readonly summary?: string
  readonly responses: Readonly<Record<string, Answer>>
  readonly requestBody?: {
    readonly content: {
      readonly 'application/json': {
        readonly schema: Json
        readonly examples: Readonly<Record<string, { readonly value: unknown }>>
      }
    }
  }
}

const problems = problemCatalogue()
const declared: readonly (readonly [string, Operation])[] = Object.values(rooms).flatMap((room) =>
  Object.entries(room as Operations),
)

let document: Json
let judge: Judge
beforeAll(async () => {
  document = JSON.parse((await documents())['docs/openapi.json'] ?? '')
  judge = judgeBy(document)
})

const shownIn = (whole: Json, { method, path }: Operation): Shown =>
  (whole.paths as Record<string, Record<string, Shown>>)[path]?.[method.toLowerCase()] as Shown

/** What a reader would miss in an operation, or be misled by. */
function flaws(operation: Operation, shown: Shown, judged: Judge): readonly string[] {
  const examples = Object.entries(operation.examples ?? {})
  const { schema, examples: bodies = {} } = shown.requestBody?.content['application/json'] ?? {}
  return [
    ...(operation.summary.trim() === '' ? ['has no summary'] : []),
    ...(operation.body !== undefined && examples.length === 0 ? ['has no example of a body'] : []),
    ...examples.flatMap(([name, body]) => {
      const error = operation.body?.safeParse(body).error
      return error === undefined ? [] : [`refuses its example "${name}": ${z.prettifyError(error)}`]
    }),
    ...Object.entries(bodies).flatMap(([name, { value }]) => {
      const error = judged(schema ?? {}, value)
      return error === undefined ? [] : [`documents the example "${name}" otherwise: ${error}`]
    }),
    ...Object.entries(shown.responses).flatMap(([status, { content }]) => {
      const { schema: ofAnswer, example } = content?.['application/json'] ?? {}
      if (ofAnswer === undefined || example === undefined) return []
      const error = judged(ofAnswer, example)
      return error === undefined ? [] : [`shows a wrong example of ${status}: ${error}`]
    }),
    ...Object.entries(operation.answers).flatMap(([status, { schema: ofAnswer, example }]) => {
      const wrong = example !== undefined && ofAnswer?.safeParse(example).success === false
      return wrong ? [`answers ${status} otherwise than its example`] : []
    }),
  ]
}

describe('the documents', () => {
  it.each(['docs/openapi.json', 'docs/errors.md'])(
    '%s is what the contracts say; `npm run openapi` writes it',
    async (path) => {
      expect(await readFile(path, 'utf8')).toBe((await documents())[path])
    },
  )

  it('are OpenAPI 3.1', async () => {
    const validator = new Validator()
    expect(await validator.validate(structuredClone(document))).toEqual({ valid: true })
    expect(validator.version).toBe('3.1')
  })

  it('hold every operation, and no webhook of a provider', () => {
    const paths = document.paths as Record<string, Record<string, { operationId: string }>>
    const ids = Object.values(paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    )
    expect(ids.toSorted()).toEqual(declared.map(([id]) => id).toSorted())
    expect(Object.keys(paths).filter((path) => path.startsWith('/webhooks'))).toEqual([])
  })

  it('lead nowhere that does not exist', () => {
    const references = JSON.stringify(document).match(/"#\/[^"]+"/g) ?? []
    expect(references.length).toBeGreaterThan(100)
    for (const reference of new Set(references)) {
      const parts = (JSON.parse(reference) as string).slice(2).split('/')
      const found = parts.reduce(
        (at, part) => (at as Json | undefined)?.[part],
        document as unknown,
      )
      expect(found, reference).toBeDefined()
    }
  })

  it('describe every room', () => {
    expect(Object.keys(rooms).filter((room) => !Object.hasOwn(roomDescriptions, room))).toEqual([])
  })

  it('say of every code who answers it', () => {
    const answered = new Set(declared.flatMap(([, each]) => refusalCodes(each, problems)))
    expect(Object.keys(problems).filter((code) => !answered.has(code))).toEqual([])
  })

  it('have a sentence for people and one for programmers for every code', () => {
    for (const [code, { title, text }] of Object.entries(problems)) {
      expect(title, code).toMatch(/^[A-Z].*\.$/)
      expect(text, code).toMatch(/^[A-ZÀ-Ú].{10,120}\.$/)
      expect(text, code).not.toBe(title)
    }
  })
})

it.each(declared)('%s is documented without a flaw', (_id, operation) => {
  expect(flaws(operation, shownIn(document, operation), judge)).toEqual([])
})

describe('what is noticed', () => {
  const good: Operation = {
    method: 'POST',
    path: '/things',
    scope: 'admin',
    audit: 'writes',
    summary: 'Make a thing',
    body: z.strictObject({ name: z.string() }),
    examples: { one: { name: 'a' } },
    answers: {
      200: { description: 'The thing.', schema: z.object({ n: z.int() }), example: { n: 1 } },
    },
    refusals: [],
  }
  const flawsOf = (more: Partial<Operation>) => {
    const operation = { ...good, ...more }
    const whole = openApiDocument({
      version: '1',
      rooms: { things: { make: operation } },
      problems,
    })
    return flaws(operation, shownIn(whole, operation), judgeBy(whole)).join('; ')
  }
  const wrongAnswer = { description: 'The thing.', schema: z.object({ n: z.int() }), example: {} }

  it('nothing of a good one', () => expect(flawsOf({})).toBe(''))
  it.each([
    ['no summary', { summary: ' ' }, 'has no summary'],
    ['no example', { examples: {} }, 'has no example of a body'],
    ['an example of something else', { examples: { one: { nome: 'a' } } }, 'refuses its example'],
    ['an answer of something else', { answers: { 200: wrongAnswer } }, 'wrong example of 200'],
  ] as const)('%s', (_name, more, flaw) => expect(flawsOf(more)).toContain(flaw))

  it('two schemas of one name', () => {
    const schemas = makeSchemas()
    schemas.named(z.object({ a: z.string() }), 'output', 'Thing')
    schemas.named(z.object({ a: z.string() }), 'output', 'Thing')
    expect(() => schemas.named(z.object({ a: z.int() }), 'output', 'Thing')).toThrow('Thing')
  })
})

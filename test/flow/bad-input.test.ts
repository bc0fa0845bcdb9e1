import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type * as z from 'zod'
import type { Operation } from '#shared/contracts/operation.ts'
import { type Side, sideOf } from '#test/support/api-side.ts'
import {
  askOperation,
  everyOperation,
  type OperationId,
  standStill,
  type Wanted,
} from '#test/support/operations.ts'
import { type Answer, type Flow, startFlow } from '#test/support/stack.ts'
import { authorization } from './rows/authorization.ts'
import {
  type BadValue,
  badBodyValues,
  badKeys,
  badParts,
  badQueryValues,
  notJsonBodies,
  otherBodies,
} from './rows/bad-input.ts'

interface Refused {
  readonly status: number
  readonly code: string
}

const mostBootMs = 240_000
/** Queries that take any text; whether a list of ours made it is another question. */
const cursors = ['cursor', 'after']
const invalidBody = { status: 422, code: 'invalid-body' }

/** Good requests of every operation with one thing wrong in them, each with its exact answer. */
describe('bad input', () => {
  let flow: Flow
  let side: Side
  let tried = 0

  beforeAll(async () => {
    flow = await startFlow()
    side = sideOf(flow, flow.stack.ready.token)
    await standStill(flow)
  }, mostBootMs)
  afterAll(async () => {
    await flow?.stop()
    process.stdout.write(`bad input: ${tried} requests\n`)
  })

  /** What is wrong with a request, and how it must be answered. */
  interface Wrong {
    readonly name: string
    readonly wanted: Wanted
    readonly refused: Refused
  }

  /** Each is refused as it must be, and none of them leaves a row. */
  async function expectRefused(operation: Operation, wrongs: readonly Wrong[]) {
    const before = await flow.countRows()
    const seen: Record<string, Refused> = {}
    for (const { name, wanted } of wrongs) {
      tried += 1
      const answer = await askOperation(flow, operation, { token: side.token, wanted })
      seen[name] = { status: answer.status, code: String(answer.json?.code) }
      expectProblem(name, answer)
    }
    expect(seen).toEqual(Object.fromEntries(wrongs.map(({ name, refused }) => [name, refused])))
    expect(await flow.countRows()).toEqual(before)
  }

  const withParams = everyOperation.filter(([, { params }]) => params !== undefined)

  it.each(withParams)('in the path of %s', async (id, operation) => {
    const wanted = await authorization[id].request(side)
    const wrongs = Object.keys(operation.params ?? {}).flatMap((part) =>
      badParts
        .filter((value) => !makesOf(id, operation, part)(value))
        .map((value) => wrongPart(id, operation, { part, value, wanted })),
    )
    await expectRefused(operation, wrongs)
  })

  const withQuery = everyOperation.filter(([, { query }]) => query !== undefined)

  it.each(withQuery)('in the query of %s', async (id, operation) => {
    const wanted = await authorization[id].request(side)
    const schema = operation.query as z.ZodObject
    const isRead = (query: Record<string, string>) => schema.safeParse(query).success
    const isCursor = (query: object) => cursors.some((name) => name in query)
    const wrong = (name: string, query: Record<string, string>): Wrong => ({
      name,
      wanted: { ...wanted, query },
      refused: {
        status: 422,
        code: isCursor(query) && isRead(query) ? 'invalid-cursor' : 'invalid-query',
      },
    })
    const known = Object.keys(schema.shape).flatMap((name) =>
      badQueryValues.flatMap(({ name: what, value, isNeverText }) => {
        const query = { [name]: String(value) }
        const isBad = isNeverText === true || isCursor(query) || !isRead(query)
        return isBad ? [wrong(`${name}: ${what}`, query)] : []
      }),
    )
    const unknown = ['offset', 'page', '__proto__', 'constructor', 'tenantId', 'LIMIT', '']
    await expectRefused(operation, [
      ...known,
      ...unknown.map((name) => wrong(`the unknown ${name}`, { [name]: '5' })),
    ])
  })

  const withBody = everyOperation.filter(([, { body }]) => body !== undefined)

  it.each(withBody)('in the place of the body of %s', async (id, operation) => {
    const wanted = await authorization[id].request(side)
    const isFine = ({ value }: BadValue) =>
      operation.body?.safeParse(jsonOf(value)).success === true
    const most = operation.mostBodyBytes ?? 256 * 1024
    const wrong = ({ name, value }: BadValue, refused: Refused): Wrong => ({
      name,
      // The gateway passes any type but JSON and text as it came.
      wanted: {
        ...wanted,
        body: value,
        headers: { ...wanted.headers, 'content-type': 'application/octet-stream' },
      },
      refused,
    })
    await expectRefused(operation, [
      ...notJsonBodies.map((each) => wrong(each, { status: 400, code: 'invalid-json' })),
      ...otherBodies.filter((each) => !isFine(each)).map((each) => wrong(each, invalidBody)),
      wrong(
        { name: 'more than it may hold', value: `"${'x'.repeat(most)}"` },
        { status: 413, code: 'body-too-large' },
      ),
    ])
  })

  it.each(withBody)('in the body of %s', async (id, operation) => {
    const wanted = await authorization[id].request(side)
    const good = (wanted.body ?? {}) as object
    const text = JSON.stringify(good)
    const within = leavesOf(good).flatMap((path) =>
      badBodyValues.map(({ name, value, isNeverText }) => ({
        name: `${path.join('.')}: ${name}`,
        body: replaced(good, path, String(value)),
        isNeverText,
      })),
    )
    const strange = [
      '"surprise":1',
      '"__proto__":{"isAdmin":true}',
      '"constructor":1',
      '"tenantId":"2"',
    ]
    const added = strange.map((field) => ({
      name: `with ${field}`,
      body: text === '{}' ? `{${field}}` : `{${field},${text.slice(1)}`,
      isNeverText: undefined,
    }))
    const wrong = [...within, ...added].filter(
      ({ body, isNeverText }) =>
        isNeverText || operation.body?.safeParse(JSON.parse(body)).success === false,
    )
    expect(wrong.length).toBeGreaterThanOrEqual(strange.length)
    await expectRefused(
      operation,
      wrong.map(({ name, body }) => ({ name, wanted: { ...wanted, body }, refused: invalidBody })),
    )
  })

  const withKey = everyOperation.filter(([, { idempotent }]) => idempotent === true)

  it.each(withKey)('in the Idempotency-Key of %s', async (id, operation) => {
    const wanted = await authorization[id].request(side)
    const refused = { status: 422, code: 'invalid-idempotency-key' }
    await expectRefused(
      operation,
      badKeys.map(({ name, value }) => ({
        name,
        // Bytes of UTF-8, one by one, as a header carries them.
        wanted: {
          ...wanted,
          headers: {
            ...wanted.headers,
            'idempotency-key': Buffer.from(String(value)).toString('latin1'),
          },
        },
        refused,
      })),
    )
    const { url, init } = withoutKey(flow, operation, { wanted, token: side.token })
    const response = await fetch(url, init)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ code: 'idempotency-key-missing' })
  })

  it('is met in hundreds of ways', () => {
    expect(tried).toBeGreaterThan(150)
  })
})

/** What may be chosen is not wrong. */
function makesOf(id: OperationId, { params = {} }: Operation, part: string) {
  const isFree = authorization[id].makes?.includes(part) === true
  return ({ value }: BadValue) => isFree && params[part]?.schema.safeParse(String(value)).success
}

function wrongPart(
  id: OperationId,
  { params = {} }: Operation,
  { part, value, wanted }: { part: string; value: BadValue; wanted: Wanted },
) {
  const param = params[part]
  if (param === undefined) throw new Error(`${id} has no ${part}`)
  const given = String(value.value)
  // What could be an id is looked for; then the database says what was not there.
  const isLookedFor = param.schema.safeParse(given).success
  const code = (isLookedFor && authorization[id].notFound?.[part]) || param.notFound
  return {
    name: `${part}: ${value.name}`,
    wanted: { ...wanted, params: { ...wanted.params, [part]: given } },
    refused: { status: 404, code },
  }
}

/** Undefined where a text is no JSON. */
function jsonOf(value: unknown): unknown {
  try {
    return JSON.parse(String(value))
  } catch {
    return undefined
  }
}

type Path = readonly (string | number)[]

/** The path of every value that holds no other. */
function leavesOf(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  return Object.entries(value).flatMap(([key, inner]) =>
    leavesOf(inner, [...path, Array.isArray(value) ? Number(key) : key]),
  )
}

/** The JSON of a value in which one place holds this JSON. */
function replaced(value: object, path: Path, json: string): string {
  const mark = `mark-${crypto.randomUUID()}`
  const changed = structuredClone(value)
  let place = changed as Record<string | number, unknown>
  for (const key of path.slice(0, -1)) place = place[key] as Record<string | number, unknown>
  place[path.at(-1) ?? ''] = mark
  return JSON.stringify(changed).replace(`"${mark}"`, () => json)
}

/** The stack's own way to ask always brings a key. */
function withoutKey(
  { stack }: Flow,
  { method, path }: Operation,
  { wanted, token }: { readonly wanted: Wanted; readonly token: string },
) {
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => wanted.params?.[name] ?? '')
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return {
    url: `${stack.ready.api}${filled}`,
    init: { method, headers, body: JSON.stringify(wanted.body ?? {}) },
  }
}

/** Problem Details, with the fields of what was wrong where there are any. */
function expectProblem(name: string, { headers, json, status }: Answer) {
  expect(headers.get('content-type'), name).toBe('application/problem+json')
  expect(headers.get('set-cookie'), name).toBeNull()
  expect(json, name).toMatchObject({
    type: `urn:recado:problem:${json?.code}`,
    title: expect.any(String),
    status,
    retryable: false,
    requestId: expect.any(String),
    traceId: expect.any(String),
  })
}

import fc from 'fast-check'
import type { FuzzedOperation } from './operations.ts'
import { oddities, rawBodies, type Spoiling, spoil, spoilings } from './spoiling.ts'
import { type Generating, valuesOf } from './values.ts'

/** With which token a request comes. */
export type Bearer = 'own' | 'none' | 'garbage' | 'tampered' | 'without-scope'
/** Whose ids its path names. */
export type Whose = 'own' | 'foreign' | 'made-up'

/** A request before its placeholders are filled. */
export interface Draft {
  readonly bearer: Bearer
  readonly whose: Whose
  /** Which of the known records. */
  readonly at: number
  readonly madeUp: Readonly<Record<string, string>>
  readonly query: readonly (readonly [string, unknown])[]
  readonly headers: Readonly<Record<string, string>>
  readonly body: { readonly json: unknown } | { readonly raw: string | Uint8Array } | undefined
}

const bearers: fc.Arbitrary<Bearer> = fc.oneof(
  { weight: 16, arbitrary: fc.constant('own') },
  { weight: 1, arbitrary: fc.constantFrom('none', 'garbage', 'tampered', 'without-scope') },
)
const owners: fc.Arbitrary<Whose> = fc.oneof(
  { weight: 6, arbitrary: fc.constant('own') },
  { weight: 2, arbitrary: fc.constant('foreign') },
  { weight: 1, arbitrary: fc.constant('made-up') },
)

/** Requests of an operation, from those that it should take to those that nobody should send. */
export function draftsOf(operation: FuzzedOperation, context: Generating): fc.Arbitrary<Draft> {
  return fc.record({
    bearer: bearers,
    whose: owners,
    at: fc.nat(),
    madeUp: madeUpParams(operation, context),
    query: queries(operation, context),
    headers: headersOf(operation),
    body: bodies(operation, context),
  })
}

const strangeParts = fc.oneof(
  fc.constantFrom('0', '-1', '01', '1.5', '1e3', '٣', '%', '\u0000', "1' or '1'='1", '__proto__'),
  fc.constantFrom('9'.repeat(18), '9'.repeat(19), '9'.repeat(300), '..', ' 1', '1\n', '🦜', 'null'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).map((text) => text.toWellFormed()),
)

function madeUpParams({ parameters }: FuzzedOperation, context: Generating) {
  const inPath = parameters.filter((each) => each.in === 'path')
  return fc.record(
    Object.fromEntries(
      inPath.map(({ name, schema }) => [
        name,
        fc.oneof(valuesOf(schema, context).map(String), strangeParts).filter((part) => part !== ''),
      ]),
    ),
  )
}

function queries(
  { parameters }: FuzzedOperation,
  context: Generating,
): fc.Arbitrary<readonly (readonly [string, unknown])[]> {
  const known = parameters
    .filter((each) => each.in === 'query')
    .map(({ name, schema }) => {
      const right = valuesOf(
        { type: 'object', properties: { [name]: schema }, required: [name] },
        context,
      ).map((made) => (made as Readonly<Record<string, unknown>>)[name])
      const wrong = fc.constantFrom(
        ...oddities.filter((each) => JSON.stringify(each).length < 2000),
      )
      const value = fc.oneof({ weight: 5, arbitrary: right }, { weight: 1, arbitrary: wrong })
      return fc.option(
        value.map((given) => [name, given] as const),
        { nil: undefined, freq: 2 },
      )
    })
  const unknown = fc.option(
    fc.tuple(fc.string({ minLength: 1, maxLength: 12 }), fc.string({ maxLength: 30 })),
    { nil: undefined, freq: 1 },
  )
  const rarely = fc.oneof(
    { weight: 9, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: unknown },
  )
  return fc.tuple(...known, rarely).map((pairs) => pairs.filter((pair) => pair !== undefined))
}

/** Of the same few keys some come again: with the same body, and with another. */
const keys = fc.oneof(
  { weight: 12, arbitrary: fc.uuid() },
  { weight: 2, arbitrary: fc.constantFrom('key-1', 'key-2', 'key-3') },
  { weight: 1, arbitrary: fc.constantFrom('a b', 'ç', '\u00ff', 'x'.repeat(256), '') },
)
const tags = fc.constantFrom(
  '*',
  '"1.abc"',
  'W/"x"',
  '"',
  '1',
  '"0"',
  'ç',
  '"99999999999999999999"',
)
const contentTypes = fc.oneof(
  { weight: 12, arbitrary: fc.constant('application/json') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('text/plain', 'application/octet-stream', 'application/xml', 'x'),
  },
)

function headersOf({ parameters, body }: FuzzedOperation): fc.Arbitrary<Record<string, string>> {
  const takes = (name: string) => parameters.some((each) => each.name === name)
  return fc
    .record({
      'idempotency-key': takes('Idempotency-Key') ? sometimes(keys, 20) : fc.constant(undefined),
      'if-match': takes('If-Match') ? sometimes(tags, 10) : fc.constant(undefined),
      'if-none-match': takes('If-None-Match')
        ? fc.option(tags, { nil: undefined, freq: 1 })
        : fc.constant(undefined),
      'content-type': body === undefined ? fc.constant(undefined) : sometimes(contentTypes, 20),
    })
    .map(
      (given) =>
        Object.fromEntries(
          Object.entries(given).filter(([, value]) => value !== undefined),
        ) as Record<string, string>,
    )
}

/** Left out once in so many times. */
function sometimes(values: fc.Arbitrary<string>, often: number) {
  return fc.oneof(
    { weight: often, arbitrary: values },
    { weight: 1, arbitrary: fc.constant(undefined) },
  )
}

function bodies({ body }: FuzzedOperation, context: Generating): fc.Arbitrary<Draft['body']> {
  const raw = fc.constantFrom(...rawBodies).map((text) => ({ raw: text }))
  if (body === undefined) {
    return fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: raw })
  }
  const made = valuesOf(body.schema, context)
  const examples = body.examples.length === 0 ? made : fc.constantFrom(...body.examples)
  const good = fc.oneof(made, examples)
  const spoilt = fc
    .tuple(good, fc.array(spoilings, { minLength: 1, maxLength: 2 }))
    .map(([value, how]) => how.reduce<unknown>((now, each: Spoiling) => spoil(now, each), value))
  const json = (values: fc.Arbitrary<unknown>) => values.map((value) => ({ json: value }))
  return fc.oneof(
    { weight: 5, arbitrary: json(good) },
    { weight: 4, arbitrary: json(spoilt) },
    { weight: 1, arbitrary: json(fc.jsonValue({ maxDepth: 3 })) },
    { weight: 1, arbitrary: raw },
  )
}

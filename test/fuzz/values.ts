import fc from 'fast-check'
import { type Json, resolve } from './operations.ts'

/** Stands for a value of the pool until the request is sent. */
export const placeholder = '$known'

/** Which field names have values in the pool. */
type NameFor = (field: string) => string | undefined

export interface Generating {
  readonly document: Json
  readonly nameFor: NameFor
}

/** Values of a JSON Schema; most ids among them are known ones. */
export function valuesOf(schema: Json, context: Generating): fc.Arbitrary<unknown> {
  const own = resolve(context.document, schema)
  const { oneOf, anyOf, allOf, examples } = own
  if ('const' in own) return fc.constant(own.const)
  if (Array.isArray(own.enum)) return fc.constantFrom(...own.enum)
  const forms = [oneOf, anyOf, allOf].find(Array.isArray) as readonly Json[] | undefined
  if (forms !== undefined) return fc.oneof(...forms.map((form) => valuesOf(form, context)))
  const typed = [own.type].flat().map((type) => valuesOfType(String(type), own, context))
  const made = fc.oneof(...typed)
  return Array.isArray(examples) && examples.length > 0
    ? fc.oneof(
        { weight: 3, arbitrary: made },
        { weight: 1, arbitrary: fc.constantFrom(...examples) },
      )
    : made
}

function valuesOfType(type: string, schema: Json, context: Generating): fc.Arbitrary<unknown> {
  switch (type) {
    case 'object':
      return objects(schema, context)
    case 'array':
      return fc.array(valuesOf((schema.items ?? {}) as Json, context), {
        minLength: numberOf(schema.minItems, 0),
        maxLength: Math.min(numberOf(schema.maxItems, 4), numberOf(schema.minItems, 0) + 4),
      })
    case 'string':
      return texts(schema)
    case 'integer':
      return fc.integer({
        min: numberOf(schema.minimum, -1000),
        max: Math.min(numberOf(schema.maximum, 2 ** 31 - 1), 2 ** 31 - 1),
      })
    case 'number':
      return fc.double({
        min: numberOf(schema.minimum, -1e9),
        max: numberOf(schema.maximum, 1e9),
        noNaN: true,
      })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    default:
      return fc.jsonValue({ maxDepth: 2 })
  }
}

function objects(schema: Json, context: Generating): fc.Arbitrary<unknown> {
  const { properties, propertyNames, additionalProperties, required = [] } = schema
  if (properties === undefined && typeof additionalProperties === 'object') {
    const keys = texts((propertyNames ?? {}) as Json)
    return fc.dictionary(keys, valuesOf(additionalProperties as Json, context), { maxKeys: 4 })
  }
  const fields = Object.entries((properties ?? {}) as Readonly<Record<string, Json>>)
  return fc.record(
    Object.fromEntries(fields.map(([name, field]) => [name, fieldValues(name, field, context)])),
    { requiredKeys: required as string[] },
  )
}

function fieldValues(name: string, schema: Json, context: Generating): fc.Arbitrary<unknown> {
  const known = context.nameFor(name)
  const made = valuesOf(schema, context)
  if (known === undefined) return made
  const kept = fc.nat().map((at) => ({ [placeholder]: known, at }))
  return fc.oneof({ weight: 4, arbitrary: kept }, { weight: 1, arbitrary: made })
}

const numberOf = (value: unknown, otherwise: number) =>
  typeof value === 'number' ? value : otherwise

const soon = { min: new Date('2026-01-01T00:00:00Z'), max: new Date('2034-01-01T00:00:00Z') }
const formats: Readonly<Record<string, fc.Arbitrary<string>>> = {
  'date-time': fc.date({ ...soon, noInvalidDate: true }).map((at) => at.toISOString()),
  date: fc.date({ ...soon, noInvalidDate: true }).map((at) => at.toISOString().slice(0, 10)),
  email: fc.emailAddress(),
  uri: fc.webUrl({ withQueryParameters: true }),
  uuid: fc.uuid(),
}
const words = fc.constantFrom('Olá', 'Ana Lima', '+5511987654321', 'aviso_geral', 'a', '0')

function texts({ format, pattern, minLength, maxLength }: Json): fc.Arbitrary<string> {
  const known = formats[String(format)]
  if (known !== undefined) return known
  const matching = typeof pattern === 'string' ? matchingTexts(pattern) : undefined
  if (matching !== undefined) return matching
  const most = numberOf(maxLength, 60)
  const sized = fc.string({
    unit: 'grapheme',
    minLength: numberOf(minLength, 0),
    maxLength: Math.min(most, 60),
  })
  const fitting = words.filter((word) => word.length <= most)
  return fc.oneof(
    { weight: 4, arbitrary: fitting },
    { weight: 3, arbitrary: sized.map((text) => text.slice(0, most)) },
    { weight: 1, arbitrary: fc.constant('x'.repeat(Math.min(most, 5000))) },
  )
}

/** Undefined for a pattern that the generator cannot follow. */
function matchingTexts(pattern: string): fc.Arbitrary<string> | undefined {
  try {
    return fc.stringMatching(new RegExp(pattern, 'u'))
  } catch {
    return undefined
  }
}

import { componentSchemas, type Json } from './schemas.ts'

type Components = Readonly<Record<string, Json>>

/** By format; without one a string is a word. */
const texts: Readonly<Record<string, string>> = {
  'date-time': '2026-11-23T12:00:00.000Z',
  date: '2026-11-23',
  email: 'ana@exemplo.com.br',
  uri: 'https://exemplo.com.br/arquivo',
  uuid: '0198c1d2-7b1e-7c7a-9a50-5f0f4e7a9b11',
}

/** A value of a schema: its own example where it has one, else made of what it must have. */
export function exampleOf(schema: Json, components: Components): unknown {
  const { $ref, examples, oneOf, anyOf, allOf } = schema
  if (Array.isArray(examples)) return examples[0]
  if (typeof $ref === 'string') {
    return exampleOf(components[$ref.slice(componentSchemas.length)] ?? {}, components)
  }
  for (const key of ['const', 'default'] as const) if (key in schema) return schema[key]
  if (Array.isArray(schema.enum)) return schema.enum[0]
  const [first] = [oneOf, anyOf, allOf].flatMap((forms) => (Array.isArray(forms) ? forms : []))
  return first === undefined
    ? exampleOfType(schema, components)
    : exampleOf(first as Json, components)
}

function exampleOfType(schema: Json, components: Components): unknown {
  switch ([schema.type].flat()[0]) {
    case 'object':
      return exampleOfObject(schema, components)
    case 'array':
      return schema.items === undefined ? [] : [exampleOf(schema.items as Json, components)]
    case 'string':
      return texts[String(schema.format)] ?? 'texto'
    case 'integer':
    case 'number':
      return schema.minimum ?? 0
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      return {}
  }
}

function exampleOfObject({ properties = {}, required = [] }: Json, components: Components): Json {
  const wanted = required as readonly string[]
  return Object.fromEntries(
    wanted.map((name) => [name, exampleOf((properties as Components)[name] ?? {}, components)]),
  )
}

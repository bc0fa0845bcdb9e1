import * as z from 'zod'

export type Json = Readonly<Record<string, unknown>>

/** Requests are documented as they are sent, answers as they are received. */
type Direction = 'input' | 'output'

/** Turns zod schemas into JSON Schema and keeps those with a name for `components/schemas`. */
export interface Schemas {
  /** Inline, but for the named schemas in it. */
  inline(schema: z.ZodType, io: Direction): Json
  /** A reference; a schema without an `id` of its own is called by the given name. */
  named(schema: z.ZodType, io: Direction, name: string): Json
  /** As one parameter of a query: as it is read, or as text where that cannot be said. */
  queried(schema: z.ZodType): Json
  /** By name, in order of names. */
  components(): Readonly<Record<string, Json>>
}

const definitions = '#/$defs/'
export const componentSchemas = '#/components/schemas/'

/** Their regular expressions say less to a reader than the format does. */
const plainFormats: readonly unknown[] = ['date-time', 'date', 'email', 'uri', 'uuid']

export function makeSchemas(): Schemas {
  const kept = new Map<string, Json>()
  const keep = (name: string, schema: Json) => {
    const known = kept.get(name)
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(schema)) {
      throw new Error(`two schemas are called ${name}`)
    }
    kept.set(name, schema)
  }
  const inline: Schemas['inline'] = (schema, io) => {
    const { $defs = {}, ...own } = toJson(schema, io)
    for (const [name, definition] of Object.entries($defs as Readonly<Record<string, Json>>)) {
      keep(name, definition)
    }
    return own
  }
  return {
    inline,
    named: (schema, io, name) => {
      const json = inline(schema, io)
      if (typeof json.$ref === 'string' && Object.keys(json).length === 1) return json
      keep(name, json)
      return { $ref: `${componentSchemas}${name}` }
    },
    queried: (schema) => {
      try {
        return inline(schema, 'output')
      } catch {
        return inline(schema, 'input')
      }
    },
    components: () => Object.fromEntries([...kept].sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}

function toJson(schema: z.ZodType, io: Direction): Json {
  const { $schema: _dialect, ...json } = z.toJSONSchema(schema, {
    io,
    override: ({ zodSchema, jsonSchema }) => tidy({ zodSchema, json: jsonSchema, io }),
  })
  return JSON.parse(JSON.stringify(json).replaceAll(definitions, componentSchemas)) as Json
}

/** What zod says in its own way, said in OpenAPI's. */
function tidy({
  zodSchema,
  json,
  io,
}: {
  readonly zodSchema: z.core.$ZodType
  readonly json: Record<string, unknown>
  readonly io: Direction
}): void {
  standIn(json, io)
  // An array that our code must not change; readers of the API are not concerned.
  delete json.readOnly
  if (plainFormats.includes(json.format)) delete json.pattern
  if (json.maximum === Number.MAX_SAFE_INTEGER) delete json.maximum
  if (json.minimum === Number.MIN_SAFE_INTEGER) delete json.minimum
  const discriminator = discriminatorOf(zodSchema, json)
  if (discriminator !== undefined) json.discriminator = discriminator
}

/** `.meta({ documentedAs })`: what a schema takes that only its code could tell. */
function standIn(json: Record<string, unknown>, io: Direction): void {
  const { documentedAs } = json
  delete json.documentedAs
  if (documentedAs instanceof z.ZodType) Object.assign(json, toJson(documentedAs, io))
}

/** Where each form of a union has a name, readers are told which value leads to which. */
function discriminatorOf(zodSchema: z.core.$ZodType, { oneOf }: Json): Json | undefined {
  const { def } = zodSchema._zod
  if (!('discriminator' in def) || !('options' in def) || !Array.isArray(oneOf)) return undefined
  const propertyName = String(def.discriminator)
  const options = def.options as readonly z.core.$ZodType[]
  const mapping = options.flatMap((option, index) => {
    const values = option._zod.propValues?.[propertyName] ?? []
    return [...values].map((value) => [String(value), (oneOf[index] as Json).$ref])
  })
  if (mapping.some(([, reference]) => reference === undefined)) return undefined
  return { propertyName, mapping: Object.fromEntries(mapping) }
}

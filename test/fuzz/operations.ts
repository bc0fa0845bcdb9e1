export type Json = Readonly<Record<string, unknown>>

interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly schema: Json
}

interface Response {
  readonly content?: Readonly<Record<string, { readonly schema: Json }>>
}

/** An operation as the OpenAPI document has it; references of its own parts are followed. */
export interface FuzzedOperation {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly scope: string
  readonly parameters: readonly Parameter[]
  readonly body: { readonly schema: Json; readonly examples: readonly unknown[] } | undefined
  readonly responses: ReadonlyMap<number, Response>
}

interface Written {
  readonly operationId: string
  readonly security: readonly [{ readonly token: readonly [string] }]
  readonly parameters: readonly Json[]
  readonly requestBody?: {
    readonly content: {
      readonly 'application/json': {
        readonly schema: Json
        readonly examples: Readonly<Record<string, { readonly value: unknown }>>
      }
    }
  }
  readonly responses: Readonly<Record<string, Json>>
}

/** Follows a reference within the document. */
export function resolve(document: Json, schema: Json): Json {
  const { $ref } = schema
  if (typeof $ref !== 'string') return schema
  const found = $ref
    .slice(2)
    .split('/')
    .reduce<unknown>((at, part) => (at as Json | undefined)?.[part], document)
  if (found === undefined) throw new Error(`${$ref} leads nowhere`)
  return resolve(document, found as Json)
}

export function operationsOf(document: Json): readonly FuzzedOperation[] {
  const paths = document.paths as Readonly<Record<string, Readonly<Record<string, Written>>>>
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, written]) => {
      const { schema, examples } = written.requestBody?.content['application/json'] ?? {}
      return {
        id: written.operationId,
        method: method.toUpperCase(),
        path,
        scope: written.security[0].token[0],
        parameters: written.parameters.map(
          (each) => resolve(document, each) as unknown as Parameter,
        ),
        body: schema && {
          schema,
          examples: Object.values(examples ?? {}).map(({ value }) => value),
        },
        responses: new Map(
          Object.entries(written.responses).map(([status, response]) => [
            Number(status),
            resolve(document, response) as Response,
          ]),
        ),
      }
    }),
  )
}

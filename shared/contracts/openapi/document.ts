import type { Operation, Operations } from '../operation.ts'
import { introduction, roomDescriptions } from './introduction.ts'
import { headerParameters, parametersOf } from './parameters.ts'
import type { Problems } from './refusals.ts'
import {
  answerHeaders,
  capitalised,
  problemExamples,
  responsesOf,
  sharedResponses,
} from './responses.ts'
import { type Json, makeSchemas, type Schemas } from './schemas.ts'

export interface ApiSource {
  /** Of the API, e.g. `1.0.0`. */
  readonly version: string
  readonly rooms: Readonly<Record<string, Operations>>
  /** The catalogue, by code. */
  readonly problems: Problems
}

/**
 * The API as an OpenAPI 3.1 document, made of nothing but the contracts.
 * @throws Error when two schemas have one name, or when zod cannot say one as JSON Schema.
 */
export function openApiDocument({ version, rooms, problems }: ApiSource): Json {
  const schemas = makeSchemas()
  const parameters = headerParameters(schemas)
  const paths = pathsOf(rooms, (id, room, operation) => ({
    operationId: id,
    tags: [room],
    ...wordsOf(operation),
    security: [{ token: [operation.scope] }],
    parameters: parametersOf(operation, schemas),
    ...bodyOf(id, operation, schemas),
    responses: responsesOf({ id, operation, problems, schemas }),
  }))
  const responses = sharedResponses(problems, schemas)
  return {
    openapi: '3.1.1',
    info: { title: 'Recado', version, description: introduction, license },
    servers: [{ url: '/' }],
    tags: Object.keys(rooms).map((name) => ({ name, description: roomDescriptions[name] ?? '' })),
    paths,
    components: {
      schemas: schemas.components(),
      parameters,
      responses,
      headers: answerHeaders,
      examples: problemExamples(problems),
      securitySchemes: { token: tokenScheme },
    },
  }
}

const license = { name: 'MIT', identifier: 'MIT' }

const tokenScheme = {
  type: 'http',
  scheme: 'bearer',
  bearerFormat: 'JWT',
  description:
    'A token of the OIDC issuer that this deployment trusts, for a client that is registered ' +
    'with a tenant. `npm start` prints one that has every scope.',
}

function pathsOf(
  rooms: ApiSource['rooms'],
  shown: (id: string, room: string, operation: Operation) => Json,
): Json {
  const listed = Object.entries(rooms).flatMap(([room, operations]) =>
    Object.entries(operations).map(([id, operation]) => ({ id, room, operation })),
  )
  const byPath = Map.groupBy(listed, ({ operation }) => operation.path)
  return Object.fromEntries(
    [...byPath].map(([path, those]) => [
      path,
      Object.fromEntries(
        those.map(({ id, room, operation }) => [
          operation.method.toLowerCase(),
          shown(id, room, operation),
        ]),
      ),
    ]),
  )
}

function wordsOf({ summary, description, scope }: Operation): Json {
  const words = [description, `Scope: \`${scope}\`, or \`admin\`.`]
  return { summary, description: words.filter((part) => part !== undefined).join('\n\n') }
}

function bodyOf(id: string, { body, examples = {} }: Operation, schemas: Schemas): Json {
  if (body === undefined) return {}
  const schema = schemas.named(body, 'input', `${capitalised(id)}Body`)
  const shown = Object.entries(examples).map(([name, value]) => [name, { value }])
  return {
    requestBody: {
      required: !body.safeParse(undefined).success,
      content: { 'application/json': { schema, examples: Object.fromEntries(shown) } },
    },
  }
}

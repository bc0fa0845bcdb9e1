import * as z from 'zod'
import { purpose, unspecifiedPurpose } from '../audit.ts'
import { idempotencyKey } from '../messages.ts'
import type { Operation } from '../operation.ts'
import type { Json, Schemas } from './schemas.ts'

/** What operations are asked with beside path, query and body; by the name of the component. */
export function headerParameters(schemas: Schemas): Readonly<Record<HeaderName, Json>> {
  const tag = { type: 'string', examples: ['"nT2yXU8t8sM8WkMBd3vTj2hDJ4A"'] }
  return {
    IdempotencyKey: {
      name: 'Idempotency-Key',
      in: 'header',
      required: true,
      description:
        'Any 1 to 255 visible ASCII characters of your own. The same request with the same key, ' +
        'within 30 days, is answered the same and does nothing again.',
      schema: schemas.inline(idempotencyKey, 'input'),
      example: 'november-8812',
    },
    IfMatch: {
      name: 'If-Match',
      in: 'header',
      required: true,
      description: 'The ETag that was read: what somebody else changed since is not overwritten.',
      schema: tag,
    },
    IfNoneMatch: {
      name: 'If-None-Match',
      in: 'header',
      required: false,
      description: 'The ETag of what you have: 304 when it is still the same.',
      schema: tag,
    },
    Purpose: {
      name: 'Recado-Purpose',
      in: 'header',
      required: false,
      description:
        'What the request is for, in a code of your own, with nothing personal in it. The audit ' +
        `keeps it where the request leaves an entry; without it: \`${unspecifiedPurpose}\`.`,
      schema: schemas.inline(purpose, 'input'),
    },
  }
}

type HeaderName = 'IdempotencyKey' | 'IfMatch' | 'IfNoneMatch' | 'Purpose'

export function parametersOf(operation: Operation, schemas: Schemas): readonly Json[] {
  return [...inPath(operation, schemas), ...inQuery(operation, schemas), ...inHeaders(operation)]
}

function inPath({ params = {} }: Operation, schemas: Schemas): readonly Json[] {
  return Object.entries(params).map(([name, { schema }]) =>
    parameter({ name, in: 'path', required: true }, schemas.inline(schema, 'input')),
  )
}

function inQuery({ query }: Operation, schemas: Schemas): readonly Json[] {
  if (query === undefined) return []
  if (!(query instanceof z.ZodObject)) throw new Error('a query is an object of texts')
  return Object.entries(query.shape as Readonly<Record<string, z.ZodType>>).map(([name, schema]) =>
    parameter(
      { name, in: 'query', required: !schema.safeParse(undefined).success },
      schemas.queried(schema),
    ),
  )
}

/** A description belongs to the parameter, where readers see it. */
function parameter(head: Json, { description, ...schema }: Json): Json {
  return { ...head, ...(description !== undefined && { description }), schema }
}

function inHeaders({ method, idempotent, ifMatch }: Operation): readonly Json[] {
  const names: readonly HeaderName[] = [
    ...(idempotent ? ['IdempotencyKey' as const] : []),
    ...(ifMatch ? ['IfMatch' as const] : []),
    ...(method === 'GET' ? ['IfNoneMatch' as const] : []),
    'Purpose',
  ]
  return names.map((name) => ({ $ref: `#/components/parameters/${name}` }))
}

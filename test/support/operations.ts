import type { Operation } from '#shared/contracts/operation.ts'
import { rooms } from '#shared/contracts/rooms.ts'
import { type Answer, type Flow, until } from './stack.ts'

type Rooms = typeof rooms

/** The id of every operation that the API has. */
export type OperationId = { [Room in keyof Rooms]: keyof Rooms[Room] & string }[keyof Rooms]

/** Every operation that the API has, by its id. */
export const everyOperation = Object.values(rooms).flatMap((room) =>
  Object.entries(room as Readonly<Record<string, Operation>>),
) as readonly (readonly [OperationId, Operation])[]

/** What a request of an operation brings. */
export interface Wanted {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** Asks for an operation; `null` brings no token. */
export function askOperation(
  { ask }: Pick<Flow, 'ask'>,
  operation: Operation,
  { token, wanted }: { readonly token: string | null; readonly wanted: Wanted },
): Promise<Answer> {
  const { params = {}, query, body, headers } = wanted
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name) =>
    encodeURIComponent(params[name] ?? ''),
  ) as `/${string}`
  const search = query === undefined ? '' : `?${new URLSearchParams(query)}`
  return ask(`${operation.method} ${path}${search}`, {
    token,
    ...(body !== undefined && { body }),
    ...(headers !== undefined && { headers }),
  })
}

/**
 * Once Meta's templates are known, clocks and queues stop: from here on nothing moves but what is
 * asked, so that rows and calls can be counted.
 */
export async function standStill({ ask, stack }: Flow): Promise<void> {
  for (const token of [stack.ready.token, stack.ready.otherTenantToken]) {
    await until(
      () => ask('GET /provider-templates', { token }),
      ({ json }) => Array.isArray(json?.items) && json.items.length > 1,
    )
  }
  const { clock, sources } = stack.triggers
  await Promise.all([clock.stop(), ...[...sources.values()].map((source) => source.stop())])
}

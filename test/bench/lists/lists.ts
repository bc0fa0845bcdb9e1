import type pg from 'pg'
import { makeChatStore } from '#shared/adapters/database/chat-store.ts'
import type { DataApi } from '#shared/adapters/database/data-api.ts'
import type { Caller } from '#shared/domain/caller.ts'
import type { ChatPageRequest, Page } from '#shared/ports/chat-store.ts'
import type { Randomness } from '#shared/ports/randomness.ts'
import type { Sealer } from '#shared/ports/sealer.ts'
import type { Filled } from './fill.ts'
import { recording, type Statement } from './recording.ts'
import { explain, type Reading } from './rows-read.ts'

/** What lists are read with: the stores' own parts, and the owner to find a position. */
export interface ListsWorld {
  /** As the functions' role. */
  readonly database: DataApi
  readonly sealer: Sealer
  readonly randomness: Randomness
  readonly owner: pg.Pool
  readonly caller: Caller
}

type Stores = ReturnType<typeof storesOver>
type PageWish = { readonly limit: number; readonly cursor: string | undefined }

/** A list of the API: how it is asked for, and where in it a position lies. */
interface ListRow {
  readonly name: string
  readonly page: (
    stores: Stores,
    asked: { readonly caller: Caller; readonly filled: Filled; readonly wish: PageWish },
  ) => Promise<Page<unknown> | undefined>
  /**
   * SQL for the item at `$2` of the tenant `$1` and the long chat `$3`: its columns are named as the
   * statement's cursor parameters are, or as what stands in the `after` of its input.
   */
  readonly position: string
}

const activityText = `to_char(last_activity_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

const messagesBy = (order: 'asc' | 'desc'): ListRow => ({
  name: `GET /chats/{chatId}/messages?order=${order}`,
  page: ({ chats }, { caller, filled, wish }) =>
    chats.messages(caller, filled.longChatId, { ...wish, order }),
  position: `select (case '${order}' when 'asc' then $2 else last_sequence + 1 - $2 end)::text as after
    from chats where tenant_id = $1 and chat_id = $3`,
})

const chatsBy = (name: string, filter: ChatPageRequest['filter'] & object): ListRow => ({
  name,
  page: ({ chats }, { caller, wish }) => chats.list(caller, { ...wish, filter }),
  position: `select ${activityText} as position, chat_id::text as "chatId"
    from chats where tenant_id = $1 and chat_id = $3::bigint + $2`,
})

/** Every list whose length has no bound. */
export const lists: readonly ListRow[] = [
  chatsBy('GET /chats', {}),
  chatsBy('GET /chats?status=ACTIVE', { status: 'ACTIVE' }),
  messagesBy('desc'),
  messagesBy('asc'),
]

function storesOver(parts: { database: DataApi; sealer: Sealer; randomness: Randomness }) {
  return { chats: makeChatStore(parts) }
}

export interface Measured {
  readonly name: string
  readonly position: number
  readonly first: Reading
  readonly deep: Reading
}

const limit = 50

/**
 * The first page of a list and the one at a position, by the statements that its store sends: the
 * deep one is that of the second page, its cursor moved on.
 */
export async function measure(
  world: ListsWorld,
  list: ListRow,
  { filled, position }: { readonly filled: Filled; readonly position: number },
): Promise<Measured> {
  const { database, statementOf } = recording(world.database)
  const stores = storesOver({ ...world, database })
  const page = (cursor: string | undefined) =>
    statementOf(() => list.page(stores, { caller: world.caller, filled, wish: { limit, cursor } }))
  const first = await page(undefined)
  const cursor = first.value?.nextCursor
  if (cursor === undefined) throw new Error(`${list.name} has one page only`)
  const second = await page(cursor)
  const { rows } = await world.owner.query(list.position, [
    filled.tenantId,
    position,
    filled.longChatId,
  ])
  if (rows.length !== 1) throw new Error(`${list.name} has no position ${position}`)
  const deep = { ...second.statement, parameters: moved(second.statement.parameters, rows[0]) }
  return {
    name: list.name,
    position,
    first: await explain(world.database, first.statement),
    deep: await explain(world.database, deep),
  }
}

/** The parameters of a page with its cursor at another place. */
function moved(
  parameters: Statement['parameters'],
  place: Readonly<Record<string, string>>,
): Statement['parameters'] {
  const { input } = parameters
  const isNamed = Object.keys(place).every((name) => name in parameters)
  if (isNamed) return { ...parameters, ...place }
  if (typeof input !== 'string') throw new Error('a page has no place for its cursor')
  return { ...parameters, input: JSON.stringify({ ...JSON.parse(input), after: place }) }
}

/** How much more the dearer of the two pages read. */
export function ratioOf({ first, deep }: Measured): number {
  return (
    Math.max(first.rowsRead, deep.rowsRead) / Math.max(1, Math.min(first.rowsRead, deep.rowsRead))
  )
}

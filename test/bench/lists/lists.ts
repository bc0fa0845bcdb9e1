import type pg from 'pg'
import { makeAuditReader } from '#shared/adapters/database/audit-store.ts'
import { makeChatStore } from '#shared/adapters/database/chat-store.ts'
import type { DataApi } from '#shared/adapters/database/data-api.ts'
import { makeInstallmentStore } from '#shared/adapters/database/installment-store.ts'
import { makeOwnTemplateStore } from '#shared/adapters/database/own-template-store.ts'
import { makePrivacyStore } from '#shared/adapters/database/privacy-store.ts'
import type { Caller } from '#shared/domain/caller.ts'
import type { AuditFilter } from '#shared/ports/audit.ts'
import type { ChatPageRequest, Page } from '#shared/ports/chat-store.ts'
import type { Randomness } from '#shared/ports/randomness.ts'
import type { Sealer } from '#shared/ports/sealer.ts'
import { type Filled, firstId } from './fill.ts'
import { longInstallmentId } from './fill-beside.ts'
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
   * SQL for the item at `place` of the tenant and the long chat, all three columns of `asked`: its own
   * columns are named as the statement's cursor parameters are, or as what stands in the `after` of its
   * input.
   */
  readonly position: string
}

const activityText = `to_char(last_activity_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

const messagesBy = (order: 'asc' | 'desc'): ListRow => ({
  name: `GET /chats/{chatId}/messages?order=${order}`,
  page: ({ chats }, { caller, filled, wish }) =>
    chats.messages(caller, filled.longChatId, { ...wish, order }),
  position: `select (case '${order}' when 'asc' then place else last_sequence + 1 - place end)::text
      as after
    from asked join chats on tenant_id = tenant and chat_id = long_chat`,
})

const chatsBy = (name: string, filter: ChatPageRequest['filter'] & object): ListRow => ({
  name,
  page: ({ chats }, { caller, wish }) => chats.list(caller, { ...wish, filter }),
  position: `select ${activityText} as position, chat_id::text as "chatId"
    from asked join chats on tenant_id = tenant and chat_id = long_chat + place`,
})

const entriesBy = (name: string, filter: AuditFilter): ListRow => ({
  name,
  page: ({ audit }, { caller, wish }) => audit.list(caller, { ...wish, filter }),
  position: `select (extract(epoch from at) * 1000000)::bigint::text as position,
      audit_id::text as after
    from asked join audit_entries on tenant_id = tenant and audit_id = long_chat + 2 * place`,
})

const requestsBy = (name: string, of: 'tenant' | 'person'): ListRow => ({
  name,
  page: ({ privacy }, { caller, filled, wish }) =>
    privacy.list(caller, { ...wish, ...(of === 'person' && { personId: filled.longChatId }) }),
  position: `select request_id::text as before from asked join privacy_requests
    on tenant_id = tenant and request_id = long_chat + (
      select count(*) - 1 - place from privacy_requests r where r.tenant_id = tenant)`,
})

/** Every list whose length has no bound. */
export const lists: readonly ListRow[] = [
  chatsBy('GET /chats', {}),
  chatsBy('GET /chats?status=ACTIVE', { status: 'ACTIVE' }),
  messagesBy('desc'),
  messagesBy('asc'),
  entriesBy('GET /audit', {}),
  entriesBy('GET /audit?personId=', { personId: String(firstId) }),
  requestsBy('GET /privacy-requests', 'tenant'),
  requestsBy('GET /privacy-requests?personId=', 'person'),
  {
    name: 'GET /persons/{personId}/consents',
    page: ({ privacy }, { caller, filled, wish }) =>
      privacy.consents(caller, filled.longChatId, wish),
    position: `select consent_id::text as after from asked join consents
      on tenant_id = tenant and consent_id = long_chat + place`,
  },
  {
    name: 'GET /templates',
    page: ({ templates }, { caller, wish }) =>
      templates.list(caller, { ...wish, channel: undefined }),
    position: `select name as "afterName", channel as "afterChannel", language as "afterLanguage"
      from asked join templates
      on tenant_id = tenant and name = 'aviso_' || lpad(place::text, 9, '0') and version = 1`,
  },
  {
    name: 'GET /installments?status=OPEN',
    page: ({ installments }, { caller, wish }) =>
      installments.installments(caller, { ...wish, filter: { status: 'OPEN' } }),
    position: `select installment_id as after from asked join installments
      on tenant_id = tenant and installment_id = 'parcela-' || lpad(place::text, 9, '0')`,
  },
  {
    name: 'GET /installments/{installmentId}/messages',
    page: ({ installments }, { caller, wish }) =>
      installments.messages(caller, longInstallmentId, wish),
    position: `select message_id::text as before from asked join chat_messages
      on tenant_id = tenant and chat_id = long_chat and sequence = (
        select last_sequence + 1 - place from chats c
        where c.tenant_id = tenant and c.chat_id = long_chat)`,
  },
]

function storesOver(parts: { database: DataApi; sealer: Sealer; randomness: Randomness }) {
  return {
    chats: makeChatStore(parts),
    audit: makeAuditReader(parts),
    privacy: makePrivacyStore(parts),
    templates: makeOwnTemplateStore(parts),
    installments: makeInstallmentStore(parts),
  }
}

export interface Measured {
  readonly name: string
  readonly position: number
  readonly first: Reading
  readonly deep: Reading
  /** Most rows that a page may read: look-ups for each item. */
  readonly mostRows: number
}

/** Look-ups for each item: more is a table that is read as a whole. */
const mostPerItem = 20

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
  const asked = `with asked as (
    select $1::bigint as tenant, $2::bigint as place, $3::bigint as long_chat)`
  const { rows } = await world.owner.query(`${asked} ${list.position}`, [
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
    mostRows: (limit + 1) * mostPerItem,
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

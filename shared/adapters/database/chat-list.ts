import type { Caller } from '../../domain/caller.ts'
import type { Chat } from '../../domain/chat.ts'
import type { ChatPageRequest, Page } from '../../ports/chat-store.ts'
import type { Sealer } from '../../ports/sealer.ts'
import { toChat } from './chat-row.ts'
import { queryAs } from './client-call.ts'
import { readCursor, writeCursor } from './cursor.ts'
import type { DataApi } from './data-api.ts'
import { flag, number, text } from './row-values.ts'

/** Chats that one page looks at; a page that finds less among them than it may hold ends there. */
const mostSeen = 1000
/** Under the Data API's 1 MiB a result. */
const pageBytes = 700_000

/** A page of the walk that fits the filter: see walk_chats_v1. Throws Refusal `invalid-cursor`. */
export async function listChats(
  { database, sealer: sealers }: { database: DataApi; sealer: Sealer },
  caller: Caller,
  { limit, cursor, filter = {} }: ChatPageRequest,
): Promise<Page<Chat>> {
  const sealer = await sealers.forTenant(caller.tenantId)
  const { personId, status, channel, unread, updatedAfter } = filter
  const scope = `chats:${JSON.stringify([personId, status, channel, unread, updatedAfter])}`
  const [position, chatId] = readCursor(sealer, scope, cursor) ?? []
  const { tenantId } = caller
  const after = chatId === undefined ? undefined : { position, chatId }
  const rows = await queryAs(database, caller, {
    sql: chatPage,
    parameters: {
      input: JSON.stringify({ ...filter, tenantId, after, mostSeen, limit }),
      bytes: pageBytes,
    },
    shows: { ids: { chatId: 'w.chat_id' }, where: 'w.fits', most: limit },
  })
  const matching = rows.filter((row) => flag(row, 'matches'))
  const shown = matching.filter((row) => flag(row, 'fits')).slice(0, limit)
  const last = rows.at(-1)
  const isCut = last !== undefined && number(last, 'place') === mostSeen
  const end = shown.length < matching.length ? shown.at(-1) : isCut ? last : undefined
  return {
    items: shown.map((row) => toChat(sealer, text(row, 'chat'))),
    nextCursor: end && writeCursor(sealer, scope, [text(end, 'moved_at'), text(end, 'chat_id')]),
  }
}

/** A chat that does not fit is not sent, only that there is one. */
const chatPage = `
  select w.chat_id::text as chat_id, w.moved_at, w.place, w.matches, w.fits,
    case when w.fits then w.chat end as chat
  from (
    select w.*, v.chat, w.matches and (row_number() over page = 1
      or sum(octet_length(v.chat)) over page <= :bytes) as fits
    from walk_chats_v1(:input::jsonb) w
    left join lateral (
      select v.chat::text as chat from chat_view v
      where w.matches and v.tenant_id = :tenant::bigint and v.chat_id = w.chat_id limit 1) v on true
    window page as (order by w.place)) w
  order by w.place`

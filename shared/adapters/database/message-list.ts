import type { Caller, Operator } from '../../domain/caller.ts'
import type { Message } from '../../domain/message.ts'
import type { Page, PageRequest } from '../../ports/chat-store.ts'
import type { Sealer } from '../../ports/sealer.ts'
import { queryAs } from './client-call.ts'
import { readCursor, writeCursor } from './cursor.ts'
import type { DataApi } from './data-api.ts'
import { messageColumns, sealedBytes, toMessage, withContent } from './message-rows.ts'
import { flag, text } from './row-values.ts'

/** Under the Data API's 1 MiB a result, base64 included. */
const pageBytes = 700_000

/**
 * A page of a thread by sequence. The chat's own row comes first, so that an empty thread and a
 * chat of somebody else are told apart in one call.
 */
export async function listMessages(
  { database, sealer: sealers }: { database: DataApi; sealer: Sealer },
  caller: Caller | Operator,
  page: PageRequest & { chatId: string; order: 'asc' | 'desc' },
): Promise<Page<Message> | undefined> {
  const { tenantId } = caller
  const sealer = await sealers.forTenant(tenantId)
  const scope = `messages:${page.chatId}:${page.order}`
  const after = readCursor(sealer, scope, page.cursor)?.[0]
  const rows = await queryAs(database, caller, {
    sql: messagePage(page.order, after !== undefined),
    parameters: {
      chat: page.chatId,
      ...(after !== undefined && { after }),
      limit: page.limit + 1,
      bytes: pageBytes,
    },
    // A thread without messages shows that there is one.
    shows: {
      ids: { chatId: ':chat::text', messageId: 'w.message_id' },
      where: 'w.fits is not false',
      most: page.limit,
    },
  })
  const [chat] = rows
  if (chat === undefined) return undefined
  const messages = rows.filter((row) => row.sequence !== null)
  const shown = messages.filter((row) => flag(row, 'fits')).slice(0, page.limit)
  const last = shown.at(-1)
  const whole = await Promise.all(shown.map((row) => withContent(database, tenantId, row)))
  return {
    items: whole.map((row) => toMessage(sealer, row)),
    nextCursor:
      last !== undefined && shown.length < messages.length
        ? writeCursor(sealer, scope, [text(last, 'sequence')])
        : undefined,
  }
}

/**
 * Rows past the byte limit come without message: they only tell that more follows. The inner limit
 * keeps it a look-up for each: without it the planner read a chat of 3.4 million messages whole.
 */
function messagePage(order: 'asc' | 'desc', continued: boolean): string {
  const beyond = order === 'asc' ? '>' : '<'
  return `select p.sequence::text as sequence, p.fits, s.*
    from chats c
    left join lateral (
      select t.*, t.place = 1 or t.total <= :bytes as fits
      from (
        select l.*, row_number() over w as place, sum(l.bytes + 600) over w as total
        from (
          select m.sequence, ${sealedBytes} as bytes
          from chat_messages m
          where m.tenant_id = c.tenant_id and m.chat_id = c.chat_id
            ${continued ? `and m.sequence ${beyond} :after::bigint` : ''}
          order by m.sequence ${order} limit :limit) l
        window w as (order by l.sequence ${order})) t) p on true
    left join lateral (
      select ${messageColumns} from chat_messages m
      where p.fits and m.tenant_id = c.tenant_id and m.chat_id = c.chat_id
        and m.sequence = p.sequence limit 1) s on true
    where c.tenant_id = :tenant::bigint and c.chat_id = :chat::bigint
    order by p.sequence ${order}`
}

import type { Caller } from '../../domain/caller.ts'
import type { Channel } from '../../domain/channel.ts'
import type { Pricing } from '../../domain/channel-event.ts'
import type { DeliveryPolicy, Direction, Message, MessageStatus } from '../../domain/message.ts'
import type { Page, PageRequest } from '../../ports/chat-store.ts'
import type { Sealer, TenantSealer } from '../../ports/sealer.ts'
import { failureClassOf } from '../whatsapp/failure-class.ts'
import { queryAs } from './client-call.ts'
import { readCursor, writeCursor } from './cursor.ts'
import type { DataApi, Row } from './data-api.ts'
import { flag, optionalBytes, optionalNumber, optionalText, text } from './row-values.ts'
import { openContent, openMetadata } from './sealed-cells.ts'

/** Under the Data API's 1 MiB a result, base64 included. */
const pageBytes = 700_000
/** Under the Data API's 64 KB a row, base64 included; larger contents are read in pieces. */
const pieceBytes = 40_000

/**
 * A page of a thread by sequence. The chat's own row comes first, so that an empty thread and a
 * chat of somebody else are told apart in one call.
 */
export async function listMessages(
  { database, sealer: sealers }: { database: DataApi; sealer: Sealer },
  caller: Caller,
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
      piece: pieceBytes,
    },
  })
  const [chat] = rows
  if (chat === undefined) return undefined
  const messages = rows.filter((row) => row.message_id !== null)
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

/** A content that no row can carry, such as a long list of contacts: rare, so its calls may be more. */
async function withContent(database: DataApi, tenant: string, row: Row): Promise<Row> {
  const large = optionalNumber(row, 'large_bytes')
  if (large === undefined) return row
  const pieces = Array.from({ length: Math.ceil(large / pieceBytes) }, (_, index) =>
    database.query(
      `select substring(content from :start::integer for :piece::integer) as piece
       from chat_messages where tenant_id = :tenant::bigint and message_id = :message::bigint`,
      {
        tenant,
        message: text(row, 'message_id'),
        start: index * pieceBytes + 1,
        piece: pieceBytes,
      },
    ),
  )
  const read = (await Promise.all(pieces)).flat().map((piece) => optionalBytes(piece, 'piece'))
  const found = read.filter((piece) => piece !== undefined)
  // Erased since: shown as such.
  return found.length < pieces.length ? row : { ...row, content: Buffer.concat(found) }
}

/** Rows past the byte limit come without content: they only tell that more follows. */
function messagePage(order: 'asc' | 'desc', continued: boolean): string {
  const beyond = order === 'asc' ? '>' : '<'
  return `select c.chat_id::text as chat_id, m.message_id::text as message_id,
      m.sequence::text as sequence, m.fits,
      case when m.fits and m.bytes <= :piece then m.content end as content,
      case when m.fits and m.bytes > :piece then octet_length(m.content) end as large_bytes,
      case when m.fits then m.metadata end as metadata,
      coalesce(m.metadata_row_token, m.row_token)::text as metadata_token,
      iso_utc(m.edited_at) as edited_at, iso_utc(m.revoked_at) as revoked_at,
      (select r.pricing::text from message_status r
       where r.tenant_id = c.tenant_id and r.message_id = m.message_id and r.pricing is not null
       order by r.occurred_at desc, r.status_id desc limit 1) as pricing,
      m.row_token::text as row_token, m.direction, m.channel, m.status, m.reason, m.reason_code,
      m.held, m.possible_duplicate, m.out_of_order, m.fallback_used, m.delivery_policy,
      m.reply_to_message_id::text as reply_to_message_id, iso_utc(m.status_at) as status_at,
      iso_utc(m.send_at) as send_at, iso_utc(m.expires_at) as expires_at,
      iso_utc(m.occurred_at) as occurred_at, iso_utc(m.created_at) as created_at
    from chats c
    left join lateral (
      select p.*, p.place = 1 or p.total <= :bytes as fits
      from (
        select l.*, row_number() over w as place,
          sum(l.bytes + 600) over w as total
        from (
          select *, coalesce(octet_length(content), 0) + coalesce(octet_length(metadata), 0)
            as bytes
          from chat_messages
          where tenant_id = c.tenant_id and chat_id = c.chat_id and deleted_at is null
            ${continued ? `and sequence ${beyond} :after::bigint` : ''}
          order by sequence ${order} limit :limit) l
        window w as (order by l.sequence ${order})) p) m on true
    where c.tenant_id = :tenant::bigint and c.chat_id = :chat::bigint
    order by m.sequence ${order}`
}

function toMessage(sealer: TenantSealer, row: Row): Message {
  const content = optionalBytes(row, 'content')
  const metadata = optionalBytes(row, 'metadata')
  const pricing = optionalText(row, 'pricing')
  const status = text(row, 'status') as MessageStatus
  const reasonCode = optionalNumber(row, 'reason_code')
  return {
    messageId: text(row, 'message_id'),
    chatId: text(row, 'chat_id'),
    sequence: text(row, 'sequence'),
    direction: text(row, 'direction') as Direction,
    channel: text(row, 'channel') as Channel,
    status,
    reason: optionalText(row, 'reason'),
    reasonCode,
    failureClass: failureClassOf(status, reasonCode),
    statusAt: text(row, 'status_at'),
    held: flag(row, 'held'),
    possibleDuplicate: flag(row, 'possible_duplicate'),
    outOfOrder: flag(row, 'out_of_order'),
    fallbackUsed: flag(row, 'fallback_used'),
    deliveryPolicy: text(row, 'delivery_policy') as DeliveryPolicy,
    content: content && openContent(sealer, content, text(row, 'row_token')),
    metadata: metadata && openMetadata(sealer, metadata, text(row, 'metadata_token')),
    editedAt: optionalText(row, 'edited_at'),
    revokedAt: optionalText(row, 'revoked_at'),
    pricing: pricing === undefined ? undefined : (JSON.parse(pricing) as Pricing),
    replyToMessageId: optionalText(row, 'reply_to_message_id'),
    sendAt: optionalText(row, 'send_at'),
    expiresAt: optionalText(row, 'expires_at'),
    occurredAt: optionalText(row, 'occurred_at'),
    createdAt: text(row, 'created_at'),
  }
}

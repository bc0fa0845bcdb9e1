import type { Message } from '../../domain/message.ts'
import type { TenantSealer } from '../../ports/sealer.ts'
import { failureClassOf } from '../whatsapp/failure-class.ts'
import type { DataApi, Row } from './data-api.ts'
import { optionalBytes, optionalNumber, text } from './row-values.ts'
import { openContent, openMetadata } from './sealed-cells.ts'

/** Under the Data API's 64 KB a row, base64 included; larger contents are read in pieces. */
const pieceBytes = 40_000

/** What `shown_message_v1` answers; what is absent has no key. */
type MessageJson = Omit<Message, 'content' | 'metadata' | 'failureClass'>

/** What was withdrawn may be kept for a legal hold. */
const isShown = 'm.deleted_at is null and m.revoked_at is null'

/** The bytes of what is sealed of a message, `m` being its row; of one that is not shown nothing is read. */
export const sealedBytes = `case when ${isShown}
  then coalesce(octet_length(m.content), 0) + coalesce(octet_length(m.metadata), 0) else 0 end`

/** The columns that `toMessage` reads, `m` being a row of `chat_messages` that is to be shown. */
export const messageColumns = `m.message_id::text as message_id,
  shown_message_v1(m)::text as message, m.row_token::text as row_token,
  coalesce(m.metadata_row_token, m.row_token)::text as metadata_token,
  case when ${sealedBytes} <= ${pieceBytes} and ${isShown} then m.content end as content,
  case when ${sealedBytes} > ${pieceBytes} then octet_length(m.content) end as large_bytes,
  case when ${isShown} then m.metadata end as metadata`

/** A content that no row can carry, such as a long list of contacts: rare, so its calls may be more. */
export async function withContent(database: DataApi, tenant: string, row: Row): Promise<Row> {
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

export function toMessage(sealer: TenantSealer, row: Row): Message {
  const content = optionalBytes(row, 'content')
  const metadata = optionalBytes(row, 'metadata')
  const shown = toShownMessage(text(row, 'message'))
  return {
    ...shown,
    content: content && openContent(sealer, content, text(row, 'row_token')),
    metadata: metadata && openMetadata(sealer, metadata, text(row, 'metadata_token')),
  }
}

/** A message whose content is not shown, of what `shown_message_v1` answers. */
export function toShownMessage(json: string): Message {
  const shown = JSON.parse(json) as MessageJson
  return {
    ...shown,
    failureClass: failureClassOf(shown.status, shown.reasonCode),
    content: undefined,
    metadata: undefined,
  }
}

import type { MessageContent } from '../../domain/content.ts'
import { type ExportedMessage, type ExportedRow, messageParts } from '../../ports/exports.ts'
import type { TenantSealer } from '../../ports/sealer.ts'
import type { DataApi, Row } from './data-api.ts'
import { messageQueries } from './export-message-queries.ts'
import { pageBytes, readRows } from './export-rows.ts'
import { toShownMessage } from './message-rows.ts'
import { flag, optionalBytes, optionalNumber, text } from './row-values.ts'
import { openContent, openMetadata } from './sealed-cells.ts'

interface Chat {
  readonly tenantId: string
  readonly chatId: string
}

const pageMessages = 100
/** Under the Data API's 64 KB a row, base64 and what is clear included. */
const pieceBytes = 36_000

const cellColumns = ['content', 'metadata', 'fallback_content'] as const
type CellColumn = (typeof cellColumns)[number]

const sealedBytes = cellColumns
  .map((column) => `coalesce(octet_length(m.${column}), 0)`)
  .join(' + ')

/** Cells that no row can carry together come without their bytes, and are read in pieces. */
const cells = cellColumns.map(
  (column) => `octet_length(m.${column}) as ${column}_bytes,
    case when ${sealedBytes} <= ${pieceBytes} then m.${column} end as ${column}`,
)

/**
 * What the API shows of a message, and what else its row holds. Nothing is left out because it was
 * deleted: contents that are still kept are the person's.
 */
const columns = `m.message_id::text as message_id,
  (shown_message_v1(m) || jsonb_strip_nulls(jsonb_build_object(
    'contactId', m.contact_id::text, 'senderId', m.sender_id::text,
    'contentType', m.content_type, 'providerMessageId', m.provider_message_id,
    'mailId', m.mail_id, 'category', m.category, 'purpose', m.purpose,
    'templateName', m.template_name, 'templateLanguage', m.template_language,
    'fallbackTemplateName', m.fallback_template_name,
    'fallbackTemplateLanguage', m.fallback_template_language,
    'namedTemplate', m.named_template, 'namedTemplateLanguage', m.named_template_language,
    'namedTemplateVersion', m.named_template_version, 'installmentId', m.installment_id,
    'installmentVersion', m.installment_version::text, 'decision', m.decision)))::text as message,
  m.row_token::text as content_token,
  coalesce(m.metadata_row_token, m.row_token)::text as metadata_token,
  m.fallback_row_token::text as fallback_content_token,
  ${cells.join(', ')}`

/** The look-up of a page's messages is apart from their sizes: no content is read that does not fit. */
const pageSql = (continued: boolean) => `select p.sequence::text as sequence, p.is_last, p.fits, s.*
  from (
    select l.sequence, lead(l.sequence) over w is null as is_last,
      row_number() over w = 1 or sum(l.bytes) over w <= :bytes::integer as fits
    from (
      select m.sequence,
        case when ${sealedBytes} <= ${pieceBytes} then (${sealedBytes}) * 4 / 3 else 0 end + 3000
          as bytes
      from chat_messages m
      where m.tenant_id = :tenant::bigint and m.chat_id = :chat::bigint
        ${continued ? 'and m.sequence > :after::bigint' : ''}
      order by m.sequence limit :limit::integer) l
    window w as (order by l.sequence)) p
  left join lateral (
    select ${columns} from chat_messages m
    where p.fits and m.tenant_id = :tenant::bigint and m.chat_id = :chat::bigint
      and m.sequence = p.sequence limit 1) s on true
  where p.fits order by p.sequence`

/** All messages of a chat by sequence, page by page, each with its parts. */
export async function* readMessages(
  database: DataApi,
  sealer: TenantSealer,
  { tenantId, chatId }: Chat,
): AsyncGenerator<ExportedMessage> {
  let after: string | undefined
  for (;;) {
    const rows = await database.query(pageSql(after !== undefined), {
      ...{ tenant: tenantId, chat: chatId, limit: pageMessages, bytes: pageBytes },
      ...(after !== undefined && { after }),
    })
    const last = rows.at(-1)
    if (last === undefined) return
    yield* await whole(database, sealer, { tenantId, rows })
    if (flag(last, 'is_last') && rows.length < pageMessages) return
    after = text(last, 'sequence')
  }
}

async function whole(
  database: DataApi,
  sealer: TenantSealer,
  { tenantId, rows }: { readonly tenantId: string; readonly rows: readonly Row[] },
): Promise<readonly ExportedMessage[]> {
  const of = { tenantId, messageIds: rows.map((row) => text(row, 'message_id')) }
  const [attempts, statuses] = await Promise.all(
    messageParts.map(async (part) => {
      const query = messageQueries[part]
      const found = await Array.fromAsync(readRows(database, sealer, { of, query }))
      return Map.groupBy(found, ({ messageId }) => messageId)
    }),
  )
  const partsOf = (id: string): Pick<ExportedMessage, 'attempts' | 'statuses'> => ({
    attempts: (attempts?.get(id) ?? []) as readonly ExportedRow[],
    statuses: (statuses?.get(id) ?? []) as readonly ExportedRow[],
  })
  const messages: ExportedMessage[] = []
  for (const row of rows) {
    const carried = await withLargeCells(database, tenantId, row)
    messages.push({ ...toExported(sealer, carried), ...partsOf(text(row, 'message_id')) })
  }
  return messages
}

function toExported(
  sealer: TenantSealer,
  row: Row,
): Omit<ExportedMessage, (typeof messageParts)[number]> {
  const cellOf = <T>(
    column: CellColumn,
    open: (sealer: TenantSealer, sealed: Uint8Array, token: string) => T,
  ): T | undefined => {
    const sealed = optionalBytes(row, column)
    return sealed && open(sealer, sealed, text(row, `${column}_token`))
  }
  return {
    ...toShownMessage(text(row, 'message')),
    content: cellOf<MessageContent>('content', openContent),
    metadata: cellOf('metadata', openMetadata),
    fallbackContent: cellOf<MessageContent>('fallback_content', openContent),
  }
}

async function withLargeCells(database: DataApi, tenantId: string, row: Row): Promise<Row> {
  const read: Record<string, Uint8Array> = {}
  for (const column of cellColumns) {
    const size = optionalNumber(row, `${column}_bytes`)
    if (size === undefined || optionalBytes(row, column) !== undefined) continue
    const cell = { tenantId, place: `chat_messages.${column}`, key: [text(row, 'message_id')] }
    const whole = await readCell(database, cell, size)
    // Erased since: shown as such.
    if (whole.length === size) read[column] = whole
  }
  return { ...row, ...read }
}

async function readCell(
  database: DataApi,
  cell: { readonly tenantId: string; readonly place: string; readonly key: readonly string[] },
  size: number,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for (let start = 1; start <= size; start += pieceBytes) {
    const [row] = await database.query('select c.piece from cell_piece_v1(:input::jsonb) c', {
      input: JSON.stringify({ ...cell, start, bytes: pieceBytes }),
    })
    pieces.push((row && optionalBytes(row, 'piece')) ?? new Uint8Array())
  }
  return Buffer.concat(pieces)
}

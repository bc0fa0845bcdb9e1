import { type Media, type MediaKind, type MediaState, objectKey } from '../../domain/media.ts'
import type { CreateMedia, CreateMediaAnswer, MediaStore } from '../../ports/media-store.ts'
import type { Randomness } from '../../ports/randomness.ts'
import type { Sealer, TenantSealer } from '../../ports/sealer.ts'
import { callAs, queryAs } from './client-call.ts'
import type { DataApi, Row } from './data-api.ts'
import { openMediaCell, sealMediaCell } from './media-cells.ts'
import { sealRequestKey } from './request-key.ts'
import { optionalBytes, optionalNumber, optionalText, text } from './row-values.ts'
import { base64 } from './sealed-cells.ts'

/** Files in PostgreSQL, one call each; rows of other tenants do not exist for it. */
export function makeMediaStore(parts: {
  database: DataApi
  sealer: Sealer
  randomness: Randomness
}): MediaStore {
  const { database, sealer: sealers } = parts
  return {
    create: async (command) => {
      const sealer = await sealers.forTenant(command.tenantId)
      const mediaId = mediaIdOf(sealer, command)
      const input = createInput(sealer, command, { mediaId, rowToken: parts.randomness.uuid() })
      const [row] = await callAs(database, command, { name: 'create_media_v2', input })
      return createAnswer(row, mediaId)
    },
    get: async (caller, mediaId) => {
      const { tenantId } = caller
      const [row] = await queryAs(database, caller, {
        sql: readSql,
        parameters: { media: mediaId },
        shows: { ids: { mediaId: 'w.media_id' } },
      })
      return row && toMedia(await sealers.forTenant(tenantId), tenantId, row)
    },
    finishUpload: async ({ tenantId, mediaId }, verdict) => {
      await database.query(finishSql, {
        tenant: tenantId,
        media: mediaId,
        state: verdict.state,
        reason: verdict.state === 'FAILED' ? verdict.reason : null,
      })
    },
  }
}

const readSql = `select media_id::text as media_id, direction, kind, state, reason, mime_type,
    size_bytes, sha256, object_key, filename, row_token::text as row_token,
    iso_utc(created_at) as created_at
  from media where tenant_id = :tenant::bigint and media_id = :media::uuid`

const finishSql = `update media set state = :state, reason = :reason,
    stored_at = case when :state = 'STORED' then now() end
  where tenant_id = :tenant::bigint and media_id = :media::uuid and state = 'PENDING'
    and direction = 'OUTBOUND'`

/** The same for the same client and key, and told to nobody by either. */
function mediaIdOf(sealer: TenantSealer, { clientId, request }: CreateMedia): string {
  const hash = sealer.hash('media-id', JSON.stringify([clientId, request.route, request.key]))
  const bytes = Buffer.from(hash.subarray(0, 16))
  // RFC 9562 §5.8: version 8, variant 10.
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

function createInput(
  sealer: TenantSealer,
  command: CreateMedia,
  { mediaId, rowToken }: { mediaId: string; rowToken: string },
): unknown {
  const { tenantId, clientId, kind, mimeType, sizeBytes, sha256, filename } = command
  const cell = { column: 'filename', rowToken } as const
  return {
    ...{ tenantId, clientId, mediaId, kind, mimeType, sizeBytes, rowToken },
    ...sealRequestKey(sealer, command.request),
    sha256: sha256 && base64(sha256),
    objectKey: objectKey(tenantId, mediaId),
    filename: filename && base64(sealMediaCell(sealer, cell, filename)),
  }
}

function createAnswer(row: Row, mediaId: string): CreateMediaAnswer {
  const outcome = text(row, 'outcome')
  switch (outcome) {
    case 'created':
      return { outcome, mediaId, state: text(row, 'state') as MediaState }
    case 'client-unknown':
    case 'rate-limited':
    case 'key-mismatch':
      return {
        outcome: 'refused',
        code: outcome === 'key-mismatch' ? 'idempotency-key-mismatch' : outcome,
        retryAfterSeconds: optionalNumber(row, 'retry_after_seconds'),
      }
    default:
      throw new Error('create_media_v2 answered something else')
  }
}

function toMedia(sealer: TenantSealer, tenantId: string, row: Row): Media {
  const filename = optionalBytes(row, 'filename')
  const cell = { column: 'filename', rowToken: text(row, 'row_token') } as const
  return {
    tenantId,
    mediaId: text(row, 'media_id'),
    direction: text(row, 'direction') as Media['direction'],
    kind: text(row, 'kind') as MediaKind,
    state: text(row, 'state') as MediaState,
    reason: optionalText(row, 'reason'),
    mimeType: text(row, 'mime_type'),
    sizeBytes: optionalNumber(row, 'size_bytes'),
    sha256: optionalBytes(row, 'sha256'),
    filename: filename && openMediaCell(sealer, cell, filename),
    objectKey: text(row, 'object_key'),
    createdAt: text(row, 'created_at'),
  }
}

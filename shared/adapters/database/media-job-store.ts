import type { Durations } from '../../domain/durations.ts'
import type { MediaJob, MediaJobResult, MediaJobStore } from '../../ports/media-store.ts'
import type { Sealer } from '../../ports/sealer.ts'
import type { DataApi, Row } from './data-api.ts'
import { toJob } from './job-store.ts'
import { openMediaCell } from './media-cells.ts'
import { withKeys } from './message-store.ts'
import { bytes, number, text } from './row-values.ts'
import { base64 } from './sealed-cells.ts'
import { toWake } from './task-store.ts'

/** Files to fetch in PostgreSQL: one SQL function each way. */
export function makeMediaJobStore(parts: {
  database: DataApi
  sealer: Sealer
  waits: Durations
}): MediaJobStore {
  const { database, sealer, waits } = parts
  return {
    claim: async (request) => {
      const rows = await database.query(claimSql, {
        input: JSON.stringify({
          ...request,
          jobs: await withKeys(sealer, request.jobs),
          leaseSeconds: waits.mediaLeaseSeconds,
          mediaIdSeconds: waits.mediaIdSeconds,
        }),
      })
      return Promise.all(rows.map((row) => toMediaJob(sealer, row)))
    },
    settle: async (results) => {
      const rows = await database.query('select * from settle_media_v1(:input::jsonb)', {
        input: JSON.stringify({ jobs: results.map(settledInput) }),
      })
      return rows.map(toWake)
    },
  }
}

const claimSql = `select j.tenant_id::text as tenant_id, j.task_id::text as task_id,
    j.message_id::text as message_id, j.payload::text as payload, j.fence::text as fence,
    j.attempts, j.media_id, j.object_key, j.mime_type, j.provider_media_id, j.row_token,
    j.phone_number_id, j.secret_name, j.expires_in_seconds
  from claim_media_v1(:input::jsonb) j`

async function toMediaJob(sealers: Sealer, row: Row): Promise<MediaJob> {
  return {
    ...toJob(row),
    file: row.media_id === null ? 'nothing-left' : await toFile(sealers, row),
  }
}

/** A claimed row must never throw: its neighbours are claimed too. */
async function toFile(sealers: Sealer, row: Row): Promise<MediaJob['file']> {
  try {
    const sealer = await sealers.forTenant(text(row, 'tenant_id'))
    const cell = { column: 'provider_media_id', rowToken: text(row, 'row_token') } as const
    return {
      mediaId: text(row, 'media_id'),
      providerMediaId: openMediaCell(sealer, cell, bytes(row, 'provider_media_id')),
      objectKey: text(row, 'object_key'),
      mimeType: text(row, 'mime_type'),
      sender: {
        phoneNumberId: text(row, 'phone_number_id'),
        secretName: text(row, 'secret_name'),
      },
      expiresInSeconds: number(row, 'expires_in_seconds'),
    }
  } catch {
    return 'unreadable'
  }
}

function settledInput({
  job,
  result,
}: {
  readonly job: MediaJob
  readonly result: MediaJobResult
}): unknown {
  const { kept, ...outcome } = result
  const { tenantId, taskId, fence, payload } = job
  return {
    ...{ tenantId, taskId, fence, mediaId: payload.mediaId },
    ...outcome,
    ...(kept && { kept: { ...kept, sha256: base64(kept.sha256) } }),
  }
}

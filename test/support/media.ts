import { S3Client } from '@aws-sdk/client-s3'
import { place } from '#infra/local/resources.ts'
import { sealMediaCell } from '#shared/adapters/database/media-cells.ts'
import type { SendReference } from '#shared/ports/message-store.ts'
import type { SendParts } from '#shared/use-cases/send-messages.ts'
import type { PostgresWorld } from '#test/support/stores.ts'

/** An S3 client as the functions that handle files have it. */
export function mediaS3Client(endpoint: string): S3Client {
  return new S3Client({
    endpoint,
    region: place.region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  })
}

export interface InboundMedia extends SendReference {
  readonly mediaId: string
}

/** What receiving a file leaves behind: its row and the task to fetch its bytes. */
export async function addInboundMedia(
  { owner, sealer }: Pick<PostgresWorld, 'owner' | 'sealer'>,
  { tenantId, senderId }: { readonly tenantId: string; readonly senderId: string },
  file: { readonly providerMediaId: string; readonly mimeType: string; readonly kind?: string },
): Promise<InboundMedia> {
  const [mediaId, rowToken] = [crypto.randomUUID(), crypto.randomUUID()]
  const cells = await sealer.forTenant(tenantId)
  const seal = (column: 'filename' | 'provider_media_id', value: string) =>
    Buffer.from(sealMediaCell(cells, { column, rowToken }, value))
  await owner.query(
    `insert into media (tenant_id, media_id, direction, kind, mime_type, object_key, filename,
       provider_media_id, row_token, sender_id)
     values ($1, $2, 'INBOUND', $3, $4, $5, $6, $7, $8, $9)`,
    [
      tenantId,
      mediaId,
      file.kind ?? 'image',
      file.mimeType,
      `media/${tenantId}/${mediaId}`,
      seal('filename', 'foto da Ana.jpg'),
      seal('provider_media_id', file.providerMediaId),
      rowToken,
      senderId,
    ],
  )
  const { rows } = await owner.query(
    `insert into tasks (tenant_id, type, payload, due_at) values ($1, 'MEDIA_FETCH', $2, now())
     returning task_id::text as task_id`,
    [tenantId, JSON.stringify({ mediaId })],
  )
  return { tenantId, taskId: String(rows[0].task_id), mediaId }
}

/** For sends without files: the parts that would bring them, never called. */
export const withoutFiles: Pick<SendParts, 'providerMedia' | 'objects'> = {
  providerMedia: { fetch: unexpected, upload: unexpected },
  objects: {
    signUpload: unexpected,
    signDownload: unexpected,
    look: unexpected,
    copy: unexpected,
    write: unexpected,
    read: unexpected,
  },
}

function unexpected(): never {
  throw new Error('no file was expected here')
}

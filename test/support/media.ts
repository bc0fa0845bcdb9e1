import { KMSClient } from '@aws-sdk/client-kms'
import { RDSDataClient } from '@aws-sdk/client-rds-data'
import { S3Client } from '@aws-sdk/client-s3'
import { place } from '#infra/local/resources.ts'
import { makeDataApi } from '#shared/adapters/database/data-api.ts'
import { makeDirectory } from '#shared/adapters/database/directory.ts'
import { sealMediaCell } from '#shared/adapters/database/media-cells.ts'
import { makeKmsDataKeys, makeTenantKeys } from '#shared/adapters/keys/kms-keys.ts'
import { makeSealer } from '#shared/adapters/keys/tenant-sealer.ts'
import type { SendReference } from '#shared/ports/message-store.ts'
import type { Sealer } from '#shared/ports/sealer.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import type { SendParts } from '#shared/use-cases/send-messages.ts'
import type { Flow } from '#test/support/stack.ts'
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

/** The sealer of a running stack, for rows that tests put there. */
export function stackSealer({ stack }: Flow): { sealer: Sealer; close(): void } {
  const settings = {
    region: place.region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  }
  const kms = new KMSClient({ ...settings, endpoint: stack.parts.kms.url })
  const client = new RDSDataClient({ ...settings, endpoint: stack.dataApi?.url ?? '' })
  const database = makeDataApi(
    client,
    { clusterArn: 'recado', secretArn: 'recado/functions', database: stack.database.name },
    { clock: systemClock, randomness: systemRandomness, pause: async () => undefined },
  )
  const keys = makeTenantKeys(makeKmsDataKeys(kms, 'alias/recado-data'))
  return {
    sealer: makeSealer(makeDirectory(database, systemClock), keys, systemClock),
    close: () => {
      kms.destroy()
      client.destroy()
    },
  }
}

/** For WhatsApp sends without files: the parts that would bring them or mail, never called. */
export const withoutFiles: Pick<SendParts, 'providerMedia' | 'objects' | 'mail' | 'layout'> = {
  mail: { send: unexpected },
  layout: { html: unexpected },
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
  throw new Error('neither file nor mail was expected here')
}

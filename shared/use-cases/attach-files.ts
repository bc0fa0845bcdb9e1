import { safeContentType } from '../domain/download.ts'
import { trueType } from '../domain/file-type.ts'
import type { MailAttachment } from '../domain/inbound-mail.ts'
import { headBytes, type MediaKind, objectKey } from '../domain/media.ts'
import type { AttachedMedia } from '../ports/mail-store.ts'
import type { MediaObjects } from '../ports/media-objects.ts'
import type { Randomness } from '../ports/randomness.ts'

export interface AttachParts {
  readonly objects: Pick<MediaObjects, 'write'>
  readonly randomness: Randomness
}

/** As much as the row of a file holds. */
const longestMimeType = 127

/**
 * Writes the attachments of a mail into the bucket of files, one after another, under ids of their
 * own. What is written and never stored is unreachable and harmless.
 */
export async function attach(
  parts: AttachParts,
  tenantId: string,
  attachments: readonly MailAttachment[],
): Promise<readonly AttachedMedia[]> {
  const attached: AttachedMedia[] = []
  for (const { bytes, filename, mimeType: declared } of attachments) {
    const mediaId = parts.randomness.uuid()
    const seen = trueType(bytes.subarray(0, headBytes), declared)
    const mimeType = seen.length > longestMimeType ? 'application/octet-stream' : seen
    await parts.objects.write({
      key: objectKey(tenantId, mediaId),
      contentType: safeContentType(mimeType),
      sizeBytes: bytes.byteLength,
      body: whole(bytes),
    })
    const sha256 = new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes)))
    const sizeBytes = bytes.byteLength
    attached.push({ mediaId, kind: kindOf(mimeType), mimeType, sizeBytes, sha256, filename })
  }
  return attached
}

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.byteLength > 0) yield bytes
}

function kindOf(mimeType: string): MediaKind {
  const [family = ''] = mimeType.split('/')
  return family === 'image' || family === 'video' || family === 'audio' ? family : 'document'
}

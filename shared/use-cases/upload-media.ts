import type { DeliveryResult } from '../domain/delivery.ts'
import type { MediaObjects } from '../ports/media-objects.ts'
import type { NumberSender } from '../ports/message-provider.ts'
import type { ClaimedSend, MediaUploaded, SendMedia } from '../ports/message-store.ts'
import type { ProviderMedia, UploadResult } from '../ports/provider-media.ts'

export interface UploadParts {
  readonly providerMedia: ProviderMedia
  readonly objects: MediaObjects
}

/** A send through a provider that wants its files before the message. */
type NumberSend = Pick<ClaimedSend & { channel: 'WHATSAPP' }, 'media' | 'sender'>

/** What the provider calls the files of a send, or why one of them could not be brought there. */
export interface BroughtMedia {
  readonly ids: ReadonlyMap<string, string>
  /** Those brought just now: they are kept whatever becomes of the send. */
  readonly uploads: readonly MediaUploaded[]
  readonly failure: Exclude<UploadResult, { readonly outcome: 'uploaded' }> | undefined
}

/** Brings what the provider does not have yet, one file after another, until `timeLeftMs` says 0. */
export async function bringMedia(
  parts: UploadParts,
  { media, sender }: NumberSend,
  timeLeftMs: () => number,
): Promise<BroughtMedia> {
  const ids = new Map<string, string>()
  const uploads: MediaUploaded[] = []
  for (const file of media) {
    const known = file.providerMediaId
    const result: UploadResult =
      known === undefined
        ? await upload(parts, { file, sender, timeoutMs: timeLeftMs() })
        : { outcome: 'uploaded', providerMediaId: known }
    if (result.outcome !== 'uploaded') return { ids, uploads, failure: result }
    const { providerMediaId } = result
    ids.set(file.mediaId, providerMediaId)
    if (known === undefined) uploads.push({ mediaId: file.mediaId, providerMediaId })
  }
  return { ids, uploads, failure: undefined }
}

/** Whatever goes wrong, nothing was sent to anybody. */
async function upload(
  { providerMedia, objects }: UploadParts,
  { file, sender, timeoutMs }: { file: SendMedia; sender: NumberSender; timeoutMs: number },
): Promise<UploadResult> {
  if (timeoutMs <= 0) return lost
  try {
    return await providerMedia.upload({
      sender,
      mimeType: file.mimeType,
      filename: file.filename,
      sizeBytes: file.sizeBytes,
      open: (signal) => objects.read(file.objectKey, signal),
      timeoutMs,
    })
  } catch {
    return lost
  }
}

const lost: DeliveryResult & UploadResult = { outcome: 'unknown', detail: 'timeout' }

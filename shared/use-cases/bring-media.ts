import type { Caller } from '../domain/caller.ts'
import { attachment, safeContentType } from '../domain/download.ts'
import { Refusal } from '../domain/errors.ts'
import { isAnimatedWebp, trueType } from '../domain/file-type.ts'
import { type Media, type MediaState, staticStickerBytes, uploadKey } from '../domain/media.ts'
import type { MediaObjects, SeenObject, SignedRequest } from '../ports/media-objects.ts'
import type { CreateMedia, MediaStore } from '../ports/media-store.ts'

interface MediaParts {
  readonly media: MediaStore
  readonly objects: MediaObjects
}

export interface CreatedMedia {
  readonly mediaId: string
  readonly state: MediaState
  /** Undefined once the upload has ended. */
  readonly upload: SignedRequest | undefined
}

/** Makes a file's row and the address to which its bytes may be put. */
export function makeCreateMedia({ media, objects }: MediaParts) {
  return async (command: CreateMedia): Promise<CreatedMedia> => {
    const answer = await media.create(command)
    if (answer.outcome === 'refused') throw new Refusal(answer.code, answer.retryAfterSeconds)
    const { mediaId, state } = answer
    const { mimeType, sizeBytes, sha256 } = command
    const key = uploadKey(command.tenantId, mediaId)
    return {
      mediaId,
      state,
      upload:
        state === 'PENDING'
          ? await objects.signUpload({ key, mimeType, sizeBytes, sha256 })
          : undefined,
    }
  }
}

/**
 * Checks what was uploaded and keeps it where no signed address leads. Two database calls: the
 * bytes are looked at between them. Throws Refusal `media-not-ready`, `media-mismatch`.
 */
export function makeCompleteMedia({ media, objects }: MediaParts) {
  return async (caller: Caller, mediaId: string): Promise<Media> => {
    const found = await media.get(caller, mediaId)
    if (found?.direction !== 'OUTBOUND') throw new Refusal('media-not-found')
    if (found.state === 'STORED') return found
    if (found.state === 'FAILED') throw new Refusal('media-mismatch')
    const key = uploadKey(caller.tenantId, mediaId)
    const seen = await objects.look(key)
    if (seen === undefined) throw new Refusal('media-not-ready')
    if (!isAsDeclared(found, seen)) {
      await media.finishUpload(found, { state: 'FAILED', reason: 'media-mismatch' })
      throw new Refusal('media-mismatch')
    }
    const kept = await objects.copy({
      from: key,
      version: seen.version,
      to: found.objectKey,
      contentType: safeContentType(found.mimeType),
    })
    // Written again meanwhile: what lies there now has not been looked at.
    if (!kept) throw new Refusal('media-not-ready')
    await media.finishUpload(found, { state: 'STORED' })
    return { ...found, state: 'STORED' }
  }
}

function isAsDeclared(media: Media, seen: SeenObject): boolean {
  return (
    seen.sizeBytes === media.sizeBytes &&
    (media.sha256 === undefined || isSame(media.sha256, seen.sha256)) &&
    trueType(seen.head, media.mimeType) === media.mimeType &&
    (media.kind !== 'sticker' || seen.sizeBytes <= staticStickerBytes || isAnimatedWebp(seen.head))
  )
}

function isSame(wanted: Uint8Array, given: Uint8Array | undefined): boolean {
  return given?.length === wanted.length && wanted.every((byte, index) => given[index] === byte)
}

export interface ShownMedia {
  readonly media: Media
  readonly download: SignedRequest | undefined
}

/** A file of the tenant, with an address for its bytes once they are there. */
export function makeReadMedia({ media, objects }: MediaParts) {
  return async (caller: Caller, mediaId: string): Promise<ShownMedia> => {
    const found = await media.get(caller, mediaId)
    if (found === undefined) throw new Refusal('media-not-found')
    if (found.state !== 'STORED') return { media: found, download: undefined }
    const download = await objects.signDownload({
      key: found.objectKey,
      contentType: safeContentType(found.mimeType),
      contentDisposition: attachment(found.filename, found.mediaId),
    })
    return { media: found, download }
  }
}

import * as z from 'zod'
import { Refusal } from '../domain/errors.ts'
import { type Media, type MediaKind, mediaLimits, plainMimeType } from '../domain/media.ts'
import { cleanLine } from './text.ts'

const kinds = Object.keys(mediaLimits) as [MediaKind, ...MediaKind[]]

/** `POST /media`: what will be uploaded, within Meta's types and sizes. */
export const createMediaBody = z
  .strictObject({
    kind: z.enum(kinds),
    mimeType: z.string().max(127).transform(plainMimeType),
    sizeBytes: z.int().min(1),
    sha256: z
      .string()
      .regex(/^[0-9a-fA-F]{64}$/, { error: 'must be 64 hexadecimal digits' })
      .transform((hex) => hex.toLowerCase())
      .optional(),
    filename: cleanLine(255).optional(),
  })
  .superRefine(({ kind, mimeType, sizeBytes }, context) => {
    const { mimeTypes, maxBytes } = mediaLimits[kind]
    if (!mimeTypes.includes(mimeType)) {
      const message = `must be one of ${mimeTypes.join(', ')}`
      context.addIssue({ code: 'custom', path: ['mimeType'], message })
    }
    if (sizeBytes > maxBytes) {
      const message = `must be ${maxBytes} or less for this kind`
      context.addIssue({ code: 'custom', path: ['sizeBytes'], message })
    }
  })

/** The file that a path names. Throws Refusal `media-not-found` for what cannot be an id. */
export function mediaIdOf(params: Readonly<Record<string, string | undefined>>): string {
  const parsed = z.guid().safeParse(params.mediaId)
  if (!parsed.success) throw new Refusal('media-not-found')
  return parsed.data
}

interface SignedAddress {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly expiresAt: string
}

/** The 201 of a file: what to send where. */
export function createdMediaResource(created: {
  readonly mediaId: string
  readonly state: string
  readonly upload: SignedAddress | undefined
}) {
  const { mediaId, state, upload } = created
  return {
    mediaId,
    state,
    ...(upload && {
      upload: {
        method: 'PUT',
        url: upload.url,
        headers: upload.headers,
        expiresAt: upload.expiresAt,
      },
    }),
  }
}

/** A file as the API shows it. */
export function mediaResource(media: Media, download?: SignedAddress) {
  return {
    mediaId: media.mediaId,
    kind: media.kind,
    state: media.state,
    ...(media.reason !== undefined && { reason: media.reason }),
    mimeType: media.mimeType,
    sizeBytes: media.sizeBytes ?? null,
    filename: media.filename ?? null,
    createdAt: media.createdAt,
    ...(download && { download: { url: download.url, expiresAt: download.expiresAt } }),
  }
}

import * as z from 'zod'
import {
  type Media,
  type MediaKind,
  type MediaState,
  mediaLimits,
  plainMimeType,
} from '../domain/media.ts'
import type { PathParam } from './operation.ts'
import { shownTime } from './paging.ts'
import { cleanName } from './text.ts'

const mediaStates = ['PENDING', 'STORED', 'FAILED'] as const
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
    filename: cleanName(255).optional(),
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

/** The file that a path names. */
export const mediaParam: PathParam = {
  schema: z.guid().meta({ examples: ['0198c1d2-7b1e-7c7a-9a50-5f0f4e7a9b11'] }),
  notFound: 'media-not-found',
}

/** The 201 of a file: what to send where. */
export const createdMedia = z
  .object({
    mediaId: z.guid(),
    state: z.enum(mediaStates),
    upload: z
      .object({
        method: z.literal('PUT'),
        url: z.url(),
        headers: z.record(z.string(), z.string()).readonly(),
        expiresAt: shownTime,
      })
      .optional(),
  })
  .meta({
    id: 'CreatedMedia',
    examples: [
      {
        mediaId: '0198c1d2-7b1e-7c7a-9a50-5f0f4e7a9b11',
        state: 'PENDING',
        upload: {
          method: 'PUT',
          url: 'https://recado-media.s3.sa-east-1.amazonaws.com/1/0198c1d2?X-Amz-Signature=3f1a',
          headers: { 'content-type': 'application/pdf', 'content-length': '48213' },
          expiresAt: '2026-11-23T12:15:00.000Z',
        },
      },
    ],
  })

/** A file as the API shows it. */
export const shownMedia = z
  .object({
    mediaId: z.guid(),
    kind: z.enum(kinds).meta({ examples: ['document'] }),
    state: z.enum(mediaStates).meta({ examples: ['STORED'] }),
    reason: z.string().optional(),
    mimeType: z.string().meta({ examples: ['application/pdf'] }),
    sizeBytes: z
      .int()
      .nullable()
      .meta({ examples: [48_213] }),
    filename: z
      .string()
      .nullable()
      .meta({ examples: ['boleto.pdf'] }),
    createdAt: shownTime,
    download: z
      .object({ url: z.url(), expiresAt: shownTime })
      .optional()
      .meta({ description: 'Once it is STORED: where its bytes are, for a short time.' }),
  })
  .meta({ id: 'Media' })

interface SignedAddress {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly expiresAt: string
}

export function createdMediaResource(created: {
  readonly mediaId: string
  readonly state: MediaState
  readonly upload: SignedAddress | undefined
}): z.input<typeof createdMedia> {
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

export function mediaResource(media: Media, download?: SignedAddress): z.input<typeof shownMedia> {
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

/** What WhatsApp calls a file. */
export type MediaKind = 'image' | 'video' | 'audio' | 'document' | 'sticker'

/** PENDING: no checked bytes yet. FAILED is final and has a reason. */
export type MediaState = 'PENDING' | 'STORED' | 'FAILED'

/** A file that goes out or came in; its bytes lie in S3. */
export interface Media {
  readonly tenantId: string
  readonly mediaId: string
  readonly direction: 'INBOUND' | 'OUTBOUND'
  readonly kind: MediaKind
  readonly state: MediaState
  readonly reason: string | undefined
  readonly mimeType: string
  readonly sizeBytes: number | undefined
  readonly sha256: Uint8Array | undefined
  readonly filename: string | undefined
  /** Where the checked bytes lie. */
  readonly objectKey: string
  readonly createdAt: string
}

const megabyte = 1024 * 1024
const office = 'application/vnd.openxmlformats-officedocument'

/** What Meta takes, by kind (facts: media). Stickers: 100 KB unless they are animated. */
export const mediaLimits: Readonly<
  Record<MediaKind, { readonly mimeTypes: readonly string[]; readonly maxBytes: number }>
> = {
  image: { mimeTypes: ['image/jpeg', 'image/png'], maxBytes: 5 * megabyte },
  video: { mimeTypes: ['video/mp4', 'video/3gpp'], maxBytes: 16 * megabyte },
  audio: {
    mimeTypes: ['audio/aac', 'audio/amr', 'audio/mpeg', 'audio/mp4', 'audio/ogg'],
    maxBytes: 16 * megabyte,
  },
  document: {
    mimeTypes: [
      'application/pdf',
      'text/plain',
      'application/msword',
      'application/vnd.ms-excel',
      'application/vnd.ms-powerpoint',
      `${office}.wordprocessingml.document`,
      `${office}.spreadsheetml.sheet`,
      `${office}.presentationml.presentation`,
    ],
    maxBytes: 100 * megabyte,
  },
  sticker: { mimeTypes: ['image/webp'], maxBytes: 500 * 1024 },
}

export const staticStickerBytes = 100 * 1024

/** The largest file that WhatsApp carries in either direction. */
export const mostMediaBytes = 100 * megabyte

/** Bytes at the beginning of a file by which its type is told. */
export const headBytes = 4096

/** The type without parameters such as `; codecs=opus`, in lower case. */
export function plainMimeType(mimeType: string): string {
  const [plain = ''] = mimeType.split(';')
  return plain.trim().toLowerCase()
}

/** Where a client puts bytes that nobody has checked; what is never completed expires there. */
export function uploadKey(tenantId: string, mediaId: string): string {
  return `uploads/${tenantId}/${mediaId}`
}

export function objectKey(tenantId: string, mediaId: string): string {
  return `media/${tenantId}/${mediaId}`
}

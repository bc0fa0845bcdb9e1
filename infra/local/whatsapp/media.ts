import { createHash, createHmac } from 'node:crypto'
import type { Clock } from './clock.ts'
import { GraphError } from './graph-error.ts'
import type { Random } from './random.ts'

const megabyte = 1024 * 1024
const office = 'application/vnd.openxmlformats-officedocument'

/** What may be uploaded, by kind. Source: WhatsApp Cloud API, "Media". */
const kinds = {
  audio: {
    maxBytes: 16 * megabyte,
    types: ['audio/aac', 'audio/amr', 'audio/mpeg', 'audio/mp4', 'audio/ogg'],
  },
  document: {
    maxBytes: 100 * megabyte,
    types: [
      'application/pdf',
      'text/plain',
      'application/msword',
      'application/vnd.ms-excel',
      'application/vnd.ms-powerpoint',
      `${office}.wordprocessingml.document`,
      `${office}.spreadsheetml.sheet`,
      `${office}.presentationml.presentation`,
    ],
  },
  image: { maxBytes: 5 * megabyte, types: ['image/jpeg', 'image/png'] },
  sticker: { maxBytes: 500 * 1024, types: ['image/webp'] },
  video: { maxBytes: 16 * megabyte, types: ['video/mp4', 'video/3gpp'] },
} as const

export type MediaKind = keyof typeof kinds

const dayMs = 24 * 3600 * 1000

export interface Media {
  readonly mediaId: string
  readonly phoneNumberId: string
  readonly bytes: Buffer
  readonly mimeType: string
  readonly sha256: Buffer
  readonly expiresAtMs: number
}

interface NewMedia {
  readonly phoneNumberId: string
  readonly bytes: Buffer
  readonly mimeType: string
  /** Uploads live 30 days, what people send 7. */
  readonly origin: 'upload' | 'inbound'
}

/** Uploaded and received files, in memory. */
export class MediaStore {
  readonly #clock: Clock
  readonly #random: Random
  readonly #secret: string
  readonly #media = new Map<string, Media>()

  constructor(clock: Clock, random: Random, secret: string) {
    this.#clock = clock
    this.#random = random
    this.#secret = secret
  }

  /** Throws GraphError 100 for a type nobody takes, 131053 for a file that is too large. */
  add({ phoneNumberId, bytes, mimeType, origin }: NewMedia): Media {
    const kind = mediaKindOf(mimeType)
    if (origin === 'upload') checkUpload(kind, bytes, mimeType)
    const media = {
      mediaId: this.#random.nodeId(),
      phoneNumberId,
      bytes,
      mimeType,
      sha256: createHash('sha256').update(bytes).digest(),
      expiresAtMs: this.#clock.now() + (origin === 'upload' ? 30 : 7) * dayMs,
    }
    this.#media.set(media.mediaId, media)
    return media
  }

  find(mediaId: string): Media | undefined {
    const media = this.#media.get(mediaId)
    return media && media.expiresAtMs > this.#clock.now() ? media : undefined
  }

  remove(mediaId: string): boolean {
    return this.#media.delete(mediaId)
  }

  /** Path and query of a download address that works for `seconds`. */
  addressOf(media: Media, seconds: number): string {
    const expiry = String(this.#clock.now() + seconds * 1000)
    const hash = this.#hash(media.mediaId, expiry)
    const query = new URLSearchParams({ mid: media.mediaId, ext: expiry, hash })
    return `/whatsapp_business/attachments/?${query}`
  }

  /** The file behind a download address, or undefined once that has expired or was altered. */
  download(query: URLSearchParams): Media | undefined {
    const [mediaId = '', expiry = '', hash] = [
      query.get('mid') ?? '',
      query.get('ext') ?? '',
      query.get('hash'),
    ]
    const valid = hash === this.#hash(mediaId, expiry) && Number(expiry) > this.#clock.now()
    return valid ? this.find(mediaId) : undefined
  }

  #hash(mediaId: string, expiry: string): string {
    return createHmac('sha256', this.#secret).update(`${mediaId}:${expiry}`).digest('base64url')
  }
}

/** Kind by MIME type; parameters such as `; codecs=opus` do not matter. */
export function mediaKindOf(mimeType: string): MediaKind | undefined {
  const [plain = ''] = mimeType.split(';')
  const names = Object.keys(kinds) as MediaKind[]
  return names.find((name) => (kinds[name].types as readonly string[]).includes(plain.trim()))
}

function checkUpload(kind: MediaKind | undefined, bytes: Buffer, mimeType: string): void {
  if (kind === undefined) {
    const types = Object.values(kinds).flatMap((row) => row.types)
    throw new GraphError(100, `Param file of type ${mimeType}: must be one of ${types.join(', ')}`)
  }
  if (bytes.length > kinds[kind].maxBytes) {
    throw new GraphError(131053, `${kind} is larger than ${kinds[kind].maxBytes} bytes`)
  }
}

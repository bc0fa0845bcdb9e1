import type { Caller, RequestKey } from '../domain/caller.ts'
import type { Media, MediaKind, MediaState } from '../domain/media.ts'
import type { Job, JobResult, JobStore } from './job-store.ts'

export interface CreateMedia extends Caller {
  readonly request: RequestKey
  readonly kind: MediaKind
  readonly mimeType: string
  readonly sizeBytes: number
  readonly sha256: Uint8Array | undefined
  readonly filename: string | undefined
}

export type CreateMediaAnswer =
  | { readonly outcome: 'created'; readonly mediaId: string; readonly state: MediaState }
  | {
      readonly outcome: 'refused'
      readonly code: 'client-unknown' | 'rate-limited' | 'idempotency-key-mismatch'
      readonly retryAfterSeconds: number | undefined
    }

/** The rows of files that clients bring. Each method is one database call and safe to repeat. */
export interface MediaStore {
  create(command: CreateMedia): Promise<CreateMediaAnswer>
  get(caller: Caller, mediaId: string): Promise<Media | undefined>
  /** Ends the upload of a PENDING file; one that has ended stays as it is. */
  finishUpload(
    media: Pick<Media, 'tenantId' | 'mediaId'>,
    verdict:
      | { readonly state: 'STORED' }
      | { readonly state: 'FAILED'; readonly reason: 'media-mismatch' },
  ): Promise<void>
}

/**
 * An inbound file whose bytes are to be fetched. `nothing-left`: it has ended or is not there;
 * `unreadable`: what the provider calls it does not open.
 */
export interface MediaJob extends Job {
  readonly file: InboundFile | 'nothing-left' | 'unreadable'
}

export interface InboundFile {
  readonly mediaId: string
  readonly providerMediaId: string
  readonly objectKey: string
  readonly mimeType: string
  readonly sender: { readonly phoneNumberId: string; readonly secretName: string }
  /** Seconds until the provider forgets the file; 0 or less: it has. */
  readonly expiresInSeconds: number
}

/** What was kept of a fetched file. */
export interface KeptFile {
  readonly mimeType: string
  readonly sizeBytes: number
  readonly sha256: Uint8Array
}

/** DONE with what was kept makes the file STORED, DEAD makes it FAILED. */
export type MediaJobResult = JobResult & { readonly kept?: KeptFile }

export type MediaJobStore = JobStore<MediaJob, MediaJobResult>

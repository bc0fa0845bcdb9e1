import type { DeliveryResult } from '../domain/delivery.ts'

/** The number in whose name a file is fetched or brought. */
export interface MediaSender {
  readonly phoneNumberId: string
  readonly secretName: string
}

/** A file as the provider begins to hand it out. */
export interface ProviderFile {
  readonly sizeBytes: number
  readonly sha256: Uint8Array
  /**
   * The bytes; throws FileStopped when they end too early, go on too long, come too slowly or are
   * not those that the provider announced. The last ones come only after all were found right.
   */
  readonly body: AsyncIterable<Uint8Array>
}

/**
 * Why a file cannot be had. `gone` and `too-large` are final; `address-refused`: it lies where we do
 * not go; `mismatch`: other bytes than announced; the others pass.
 */
export type FileStop =
  | 'gone'
  | 'too-large'
  | 'address-refused'
  | 'token-refused'
  | 'mismatch'
  | 'throttled'
  | 'unavailable'

export class FileStopped extends Error {
  readonly stop: FileStop

  constructor(stop: FileStop) {
    super(stop)
    this.name = 'FileStopped'
    this.stop = stop
  }
}

export type UploadResult =
  | { readonly outcome: 'uploaded'; readonly providerMediaId: string }
  /** Lost: the provider may have the file; bringing it again harms nobody. */
  | Exclude<DeliveryResult, { readonly outcome: 'accepted' }>

export interface MediaUpload {
  readonly sender: MediaSender
  readonly mimeType: string
  readonly filename: string | undefined
  readonly sizeBytes: number
  /** Opened once for each try. */
  readonly open: (signal: AbortSignal) => Promise<AsyncIterable<Uint8Array>>
  /** Nothing is awaited beyond it. */
  readonly timeoutMs: number
}

/** Files on their way from and to a provider. */
export interface ProviderMedia {
  /** Throws FileStopped. */
  fetch(file: {
    readonly sender: MediaSender
    readonly providerMediaId: string
  }): Promise<ProviderFile>
  /** Throws only for a bug of ours. */
  upload(upload: MediaUpload): Promise<UploadResult>
}

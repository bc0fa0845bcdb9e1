/** A request that somebody without credentials of ours may make until it expires. */
export interface SignedRequest {
  readonly url: string
  /** To be sent exactly so. */
  readonly headers: Readonly<Record<string, string>>
  readonly expiresAt: string
}

/** Bytes as they lie in the bucket, looked at without reading all of them. */
export interface SeenObject {
  readonly sizeBytes: number
  /** Undefined when the storage was not asked to keep it. */
  readonly sha256: Uint8Array | undefined
  readonly head: Uint8Array
  /** Changes with every writing. */
  readonly version: string
}

/** The bytes of files, in a bucket of ours. */
export interface MediaObjects {
  /** A PUT of exactly this type, size and (where given) hash. */
  signUpload(object: {
    readonly key: string
    readonly mimeType: string
    readonly sizeBytes: number
    readonly sha256: Uint8Array | undefined
  }): Promise<SignedRequest>
  /** A GET whose answer carries these headers, whatever the object says of itself. */
  signDownload(object: {
    readonly key: string
    readonly contentType: string
    readonly contentDisposition: string
    /** Default 5 minutes. */
    readonly expiresInSeconds?: number
  }): Promise<SignedRequest>
  /** Undefined when nothing lies there. */
  look(key: string): Promise<SeenObject | undefined>
  /** Copies what was looked at; false when it has been written again since. */
  copy(copy: {
    readonly from: string
    readonly version: string
    readonly to: string
    readonly contentType: string
  }): Promise<boolean>
  /** All of the bytes or nothing: what `body` throws is thrown, and no object is there. */
  write(object: {
    readonly key: string
    readonly contentType: string
    readonly sizeBytes: number
    readonly body: AsyncIterable<Uint8Array>
  }): Promise<void>
  /** Throws when nothing lies there. */
  read(key: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>
}

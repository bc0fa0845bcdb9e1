/** Takes parts of a webhook body for later; what it accepted is durable. */
export interface ChunkQueue {
  /** Resolves when every chunk is stored; throws when any is not, so that the provider retries. */
  put(chunks: readonly string[]): Promise<void>
}

/** Opens what `ChunkQueue` put on the queue. */
export interface ChunkReader {
  open(body: string): Promise<string>
}

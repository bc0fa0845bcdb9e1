/** Texts by key, in a bucket of ours. */
export interface ObjectStore {
  put(key: string, text: string): Promise<void>
  /** Throws when there is none. */
  get(key: string): Promise<string>
}

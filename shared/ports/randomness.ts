/** Every id and every jitter of ours comes from here, so that a run can be repeated from a seed. */
export interface Randomness {
  /** A UUID, version 4 or 7. */
  uuid(): string
  /** 0 ≤ n < 1. */
  fraction(): number
}

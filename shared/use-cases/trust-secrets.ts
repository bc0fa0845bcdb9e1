import type { Clock } from '../ports/clock.ts'

/** Between two looks that somebody's bad signature causes. */
const looksApartMs = 10_000

export interface TrustParts {
  /** The secrets that are live; `fresh`: as they are now, not as they were kept. */
  readonly secrets: (options?: { readonly fresh: boolean }) => Promise<readonly string[]>
  readonly clock: Clock
}

/**
 * Asks whether one of the live secrets matches. When none does, they are read anew, at most every 10
 * seconds: a secret that was added a moment ago counts at once, and forgeries cost next to nothing.
 */
export function makeTrustSecrets({ secrets, clock }: TrustParts) {
  let lookedAt = Number.NEGATIVE_INFINITY
  return async (matches: (secrets: readonly string[]) => boolean): Promise<boolean> => {
    if (matches(await secrets())) return true
    if (clock.now() - lookedAt < looksApartMs) return false
    lookedAt = clock.now()
    return matches(await secrets({ fresh: true }))
  }
}

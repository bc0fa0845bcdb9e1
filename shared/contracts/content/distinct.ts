import type * as z from 'zod'

/** A value that must not come twice, and where it stands. */
export interface Placed {
  readonly value: unknown
  readonly path: readonly (string | number)[]
}

/** Reports every value that an earlier one already has, at its own place. */
export function refuseCopies(
  places: readonly Placed[],
  context: Pick<z.RefinementCtx, 'addIssue'>,
): void {
  const seen = new Set<unknown>()
  for (const { value, path } of places) {
    if (seen.has(value)) {
      context.addIssue({ code: 'custom', message: 'must be unique', path: [...path] })
    }
    seen.add(value)
  }
}

import * as z from 'zod'

/** Ids of ours are decimal strings; anything else names nothing. */
export const idPattern = /^[1-9]\d{0,17}$/

export const pageQuery = z.strictObject({
  limit: z
    .string()
    .regex(/^\d{1,3}$/)
    .transform(Number)
    .pipe(z.int().min(1).max(100))
    .default(50),
  cursor: z.string().min(1).max(512).optional(),
})

export const shownId = z.string().regex(idPattern)

/** RFC 3339 in UTC. */
export const shownTime = z.iso.datetime()

/** A page of a list: `nextCursor` is null on the last one. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() })
}

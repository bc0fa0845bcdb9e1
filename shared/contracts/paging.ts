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
  cursor: z
    .string()
    .min(1)
    .max(512)
    .optional()
    .meta({ description: '`nextCursor` of the page before; of the same list and filters.' }),
})

export const shownId = z
  .string()
  .regex(idPattern)
  .meta({ examples: ['1042'] })

/** RFC 3339 in UTC. */
export const shownTime = z.iso.datetime().meta({ examples: ['2026-11-23T12:00:00.000Z'] })

/** A page of a list: `nextCursor` is null on the last one. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    nextCursor: z
      .string()
      .nullable()
      .meta({ description: 'Asks for the next page; null on the last one.', examples: [null] }),
  })
}

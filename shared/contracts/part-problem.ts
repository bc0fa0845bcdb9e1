import * as z from 'zod'

/** What is wrong with one of many things that were asked for; an answer of its own would be a problem. */
export const partProblem = z
  .object({
    type: z.string(),
    title: z.string(),
    text: z.string(),
    status: z.int(),
    code: z.string(),
    retryable: z.boolean(),
    retryAfterSeconds: z.int().optional(),
    /** Paths are those of the message that is wrong, e.g. `content.variables.body`. */
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .readonly()
      .optional(),
    expected: z.record(z.string(), z.unknown()).readonly().optional(),
  })
  .meta({ id: 'PartProblem' })

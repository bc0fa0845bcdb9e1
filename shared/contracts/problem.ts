import * as z from 'zod'

/** A row of the catalogue of problems. */
export interface ProblemRow {
  readonly status: number
  /** For programmers, in English. */
  readonly title: string
  /** For people, in Portuguese. */
  readonly text: string
  /** The same request may succeed later. */
  readonly retryable?: true
}

/** Every refusal of the API: Problem Details (RFC 9457). Programs branch on `code`. */
export const shownProblem = z
  .object({
    type: z.string().meta({ description: '`urn:recado:problem:` and the code.' }),
    title: z.string().meta({ description: 'What is wrong, for programmers.' }),
    text: z.string().meta({ description: 'What is wrong, for people, in Portuguese.' }),
    status: z.int().meta({ description: 'The HTTP status.' }),
    code: z.string().meta({ description: 'Stable; see the catalogue in docs/errors.md.' }),
    retryable: z.boolean().meta({ description: 'The same request may succeed later.' }),
    errors: z
      .array(
        z.object({
          path: z.string().meta({
            description: 'Dotted, e.g. `contacts.0.address`; `?` stands for a key that is no name.',
          }),
          message: z.string(),
        }),
      )
      .optional()
      .meta({ description: 'The fields that are wrong, at most 50.' }),
    expected: z
      .record(z.string(), z.unknown())
      .optional()
      .meta({ description: 'Of `template-parameters`: what the template takes.' }),
    requestId: z.string().meta({ description: 'Finds the request in our logs.' }),
    traceId: z.string().meta({ description: 'Finds the request in AWS X-Ray.' }),
  })
  .meta({ id: 'Problem', description: 'Problem Details (RFC 9457).' })

/** What API Gateway answers before any code of ours runs. */
export const gatewayRefusal = z.object({ message: z.string().nullable() }).meta({
  id: 'GatewayRefusal',
  description: 'An answer of the gateway itself, before the request reached Recado.',
  examples: [{ message: 'Unauthorized' }],
})

import * as z from 'zod'

/** What a request is for, in the client's words. */
export const purpose = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,59}$/)
  .meta({ examples: ['support'] })

/** Of a request that says nothing. */
export const unspecifiedPurpose = 'unspecified'

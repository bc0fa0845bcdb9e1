import * as z from 'zod'

/**
 * The parts of Meta's webhook that we read. Meta adds, drops and moves fields, so each object is
 * open and a field that is missing or of another form reads as undefined. Only what an event
 * cannot do without (its id, its time, its status) is demanded.
 */

/** Ids leave as clear columns: short, well-formed, no control characters. */
export const metaId = z
  .string()
  .min(1)
  .max(512)
  .regex(/^\P{Cc}+$/u)
  .refine((text) => text.isWellFormed())
const optionalId = metaId.optional().catch(undefined)
const optionalText = z.string().optional().catch(undefined)
/** Digits without `+`; anything else reads as undefined. */
export const waId = z
  .string()
  .regex(/^\d{1,20}$/)
  .optional()
  .catch(undefined)
const unixSeconds = z.string().regex(/^\d{1,12}$/)

const contact = z.looseObject({
  profile: z.looseObject({ name: optionalText }).optional().catch(undefined),
  wa_id: waId,
  user_id: optionalId,
})

/** One item as it travels from the webhook's edge to its processor. */
export const webhookItem = z.object({
  kind: z.enum(['message', 'status', 'other']),
  reason: z
    .string()
    .regex(/^[a-z-]{1,64}$/)
    .optional()
    .catch(undefined),
  wabaId: optionalId,
  metadata: z.looseObject({ phone_number_id: optionalId }).optional().catch(undefined),
  contact: contact.optional().catch(undefined),
  payload: z.unknown(),
})

export const inboundMessage = z.looseObject({
  id: metaId,
  timestamp: unixSeconds,
  from: waId,
  from_user_id: optionalId,
  group_id: optionalText,
  type: optionalText,
  text: z.looseObject({ body: z.string() }).optional().catch(undefined),
  context: z.looseObject({ id: optionalId }).optional().catch(undefined),
})

export const statusReport = z.looseObject({
  id: metaId,
  timestamp: unixSeconds,
  status: z.string(),
  biz_opaque_callback_data: z.guid().optional().catch(undefined),
  errors: z.array(z.unknown()).optional().catch(undefined),
})

export const reportedError = z.looseObject({
  code: z.int32(),
  title: optionalText,
  error_data: z.looseObject({ details: optionalText }).optional().catch(undefined),
})

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
/** Ids that Meta writes as text or as a number. */
const looseId = z
  .union([metaId, z.int().nonnegative().transform(String)])
  .optional()
  .catch(undefined)

const contact = z.looseObject({
  profile: z.looseObject({ name: optionalText }).optional().catch(undefined),
  wa_id: waId,
  user_id: optionalId,
  parent_user_id: optionalId,
})

/** One item as it travels from the webhook's edge to its processor. */
export const webhookItem = z.object({
  kind: z.enum(['message', 'echo', 'preference', 'status', 'account', 'other']),
  reason: z
    .string()
    .regex(/^[a-z-]{1,64}$/)
    .optional()
    .catch(undefined),
  wabaId: optionalId,
  /** Seconds, of `entry`; absent beside messages. */
  time: z.int().nonnegative().max(999_999_999_999).optional().catch(undefined),
  field: optionalId,
  metadata: z.looseObject({ phone_number_id: optionalId }).optional().catch(undefined),
  contact: contact.optional().catch(undefined),
  payload: z.unknown(),
})

const flag = z.literal(true).optional().catch(undefined)

const context = z
  .looseObject({
    id: optionalId,
    forwarded: flag,
    frequently_forwarded: flag,
    referred_product: z
      .looseObject({ catalog_id: optionalText, product_retailer_id: optionalText })
      .optional()
      .catch(undefined),
  })
  .optional()
  .catch(undefined)

const referral = z
  .looseObject({
    source_url: optionalText,
    source_id: optionalText,
    source_type: optionalText,
    headline: optionalText,
    body: optionalText,
    media_type: optionalText,
    image_url: optionalText,
    video_url: optionalText,
    thumbnail_url: optionalText,
    ctwa_clid: optionalText,
    welcome_message: z.looseObject({ text: optionalText }).optional().catch(undefined),
  })
  .optional()
  .catch(undefined)

const edit = z
  .looseObject({ original_message_id: metaId, message: z.looseObject({ type: optionalText }) })
  .optional()
  .catch(undefined)
const revoke = z.looseObject({ original_message_id: metaId }).optional().catch(undefined)

export const inboundMessage = z.looseObject({
  id: metaId,
  timestamp: unixSeconds,
  from: waId,
  from_user_id: optionalId,
  from_parent_user_id: optionalId,
  group_id: optionalText,
  type: optionalText,
  context,
  referral,
  edit,
  revoke,
})

/** A message that the business wrote on its own phone. */
export const messageEcho = inboundMessage.extend({ to: waId, to_user_id: optionalId })

/** `system` of a message; older ones say `customer_…` and name less. */
export const systemNews = z.looseObject({
  type: optionalText,
  body: optionalText,
  wa_id: waId,
  user_id: optionalId,
  parent_user_id: optionalId,
  previous_user_id: optionalId,
})

/** A member of `user_preferences`. */
export const userPreference = z.looseObject({
  wa_id: waId,
  user_id: optionalId,
  parent_user_id: optionalId,
  category: z.literal('marketing_messages'),
  value: z.enum(['stop', 'resume']),
  timestamp: z.union([z.int().nonnegative().transform(String), z.string()]).pipe(unixSeconds),
})

export const statusReport = z.looseObject({
  id: metaId,
  timestamp: unixSeconds,
  status: z.string(),
  biz_opaque_callback_data: z.guid().optional().catch(undefined),
  errors: z.array(z.unknown()).optional().catch(undefined),
  pricing: z
    .looseObject({
      category: optionalId,
      type: optionalId,
      pricing_model: optionalId,
      billable: z.boolean().optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
})

export const reportedError = z.looseObject({
  code: z.int32(),
  title: optionalText,
  error_data: z.looseObject({ details: optionalText }).optional().catch(undefined),
})

/** What we read of all the fields that are about accounts, numbers and templates. */
export const accountNews = z.looseObject({
  event: optionalText,
  decision: optionalText,
  reason: optionalText,
  display_phone_number: looseId,
  message_template_id: looseId,
  message_template_name: optionalId,
  message_template_language: optionalId,
  message_template_element: optionalText,
  new_quality_score: optionalId,
  previous_category: optionalId,
  new_category: optionalId,
  correct_category: optionalId,
  entity_type: optionalText,
  entity_id: looseId,
  alert_info: z.looseObject({ alert_severity: optionalText }).optional().catch(undefined),
})

import * as z from 'zod'

/**
 * The parts of SES's notifications that we read (facts: SES §6). Fields and words come without
 * notice, so every object is open and a field of another form reads as undefined. Only what a
 * notice cannot do without is demanded: the mail's id and a time.
 */
const optionalText = z.string().max(4096).optional().catch(undefined)
const isoTime = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT[\d:.]{5,30}(?:Z|[+-]\d\d:?\d\d)$/)
  .refine((text) => !Number.isNaN(Date.parse(text)))
  .transform((text) => new Date(text).toISOString())
const optionalTime = isoTime.optional().catch(undefined)
const texts = z.array(z.unknown()).optional().catch(undefined)

const optionalPart = <S extends z.ZodType>(shape: S) => shape.optional().catch(undefined)

/** SES's ids, outbound (`0103…-000000`) and inbound (40 letters and digits). */
const sesId = z.string().regex(/^[A-Za-z0-9._-]{1,128}$/)

export const sesMail = z.looseObject({
  messageId: sesId,
  timestamp: optionalTime,
  source: optionalText,
  destination: texts,
  tags: optionalPart(z.looseObject({ attempt_id: texts, tenant_id: texts })),
})

/** Someone in a list of recipients, with what their server said. */
export const sesRecipient = z.looseObject({
  emailAddress: optionalText,
  status: optionalText,
  diagnosticCode: optionalText,
})

const people = z.array(z.unknown()).optional().catch(undefined)

export const sesBounce = z.looseObject({
  bounceType: optionalText,
  bounceSubType: optionalText,
  bouncedRecipients: people,
  timestamp: optionalTime,
})

export const sesComplaint = z.looseObject({
  complainedRecipients: people,
  complaintSubType: optionalText,
  complaintFeedbackType: optionalText,
  timestamp: optionalTime,
})

export const sesDelivery = z.looseObject({ recipients: texts, timestamp: optionalTime })

export const sesDelay = z.looseObject({
  delayType: optionalText,
  delayedRecipients: people,
  expirationTime: optionalTime,
  timestamp: optionalTime,
})

/** Reject, Rendering Failure, Send, Open, Click: what they have in common, and their own. */
export const sesOther = z.looseObject({
  reason: optionalText,
  errorMessage: optionalText,
  link: z.string().max(2048).optional().catch(undefined),
  timestamp: optionalTime,
})

const topic = z.looseObject({ topicName: z.string().max(256), subscriptionStatus: optionalText })

export const sesSubscription = z.looseObject({
  contactList: optionalText,
  timestamp: optionalTime,
  newTopicPreferences: optionalPart(
    z.looseObject({
      unsubscribeAll: z.boolean().optional().catch(undefined),
      topicSubscriptionStatus: z
        .array(topic.optional().catch(undefined))
        .optional()
        .catch(undefined),
    }),
  ),
})

const verdict = optionalPart(
  z.looseObject({ status: z.enum(['PASS', 'FAIL', 'GRAY', 'PROCESSING_FAILED', 'DISABLED']) }),
)

export const sesReceipt = z.looseObject({
  timestamp: optionalTime,
  recipients: texts,
  spamVerdict: verdict,
  virusVerdict: verdict,
  spfVerdict: verdict,
  dkimVerdict: verdict,
  dmarcVerdict: verdict,
  dmarcPolicy: z
    .string()
    .transform((text) => text.toLowerCase())
    .pipe(z.enum(['none', 'quarantine', 'reject']))
    .optional()
    .catch(undefined),
  action: optionalPart(
    z.looseObject({
      type: optionalText,
      bucketName: z.string().min(3).max(63),
      objectKey: z.string().min(1).max(1024),
    }),
  ),
})

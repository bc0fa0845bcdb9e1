import * as z from 'zod'

const milliseconds = z.number().int().min(0).max(86_400_000)

const groups = {
  /** Wait after acceptance before each report; `late` and `slow` serve the behaviours so named. */
  delays: z.strictObject({
    sentMs: milliseconds,
    deliveredMs: milliseconds,
    readMs: milliseconds,
    lateMs: milliseconds,
    slowMs: milliseconds,
  }),
  webhooks: z.strictObject({
    /** Updates packed into one POST; Meta packs up to 1,000. */
    maxUpdatesPerPost: z.number().int().min(1).max(1000),
    /** How long an update may wait for company. */
    lingerMs: milliseconds,
    maxConnections: z.number().int().min(1).max(256),
    timeoutMs: milliseconds,
    /** The wait before the second attempt; it doubles with each further one. */
    firstRetryMs: milliseconds,
    maxRetryMs: milliseconds,
    maxAttempts: z.number().int().min(1).max(100),
    /** Graph version of the subscription: statuses below 24 carry `conversation`. */
    version: z.number().int().min(21).max(99),
  }),
  limits: z.strictObject({
    /** 24-hour window (131047): `answer` refuses the call, `report` accepts it and then fails. */
    window: z.enum(['off', 'answer', 'report']),
    /** One message per 6 s to one person, 45 at once (131056). */
    pair: z.boolean(),
    /** Messages per second of a number that has a throughput (130429). */
    throughput: z.boolean(),
  }),
}

const settingsSchema = z.strictObject({
  ...groups,
  /** `GET /{phone number id}/message_history` answers. */
  messageHistory: z.boolean(),
  /** Brazilian area codes whose WhatsApp ids lack the ninth digit. */
  shortAreaCodes: z.array(z.string().regex(/^\d\d$/)),
  mediaUrlSeconds: z.number().int().min(0).max(86_400),
})

/** Only what is given changes; groups are merged key by key. */
export const settingsChangeSchema = settingsSchema.partial().extend({
  delays: groups.delays.partial().optional(),
  webhooks: groups.webhooks.partial().optional(),
  limits: groups.limits.partial().optional(),
})

export type Settings = z.output<typeof settingsSchema>
export type SettingsChange = z.input<typeof settingsChangeSchema>

export const defaultSettings: Settings = {
  delays: { sentMs: 20, deliveredMs: 40, readMs: 60, lateMs: 2000, slowMs: 2000 },
  webhooks: {
    maxUpdatesPerPost: 1,
    lingerMs: 0,
    maxConnections: 16,
    timeoutMs: 20_000,
    firstRetryMs: 500,
    maxRetryMs: 30_000,
    maxAttempts: 12,
    version: 26,
  },
  limits: { window: 'off', pair: false, throughput: true },
  messageHistory: false,
  shortAreaCodes: ['31', '41', '51', '61', '71', '81', '91'],
  mediaUrlSeconds: 300,
}

/** The settings with these changes. Throws a ZodError on an unknown key or a value out of range. */
export function changeSettings(current: Settings, change: SettingsChange): Settings {
  const given = settingsChangeSchema.parse(change)
  return settingsSchema.parse({
    ...current,
    ...given,
    delays: { ...current.delays, ...given.delays },
    webhooks: { ...current.webhooks, ...given.webhooks },
    limits: { ...current.limits, ...given.limits },
  })
}

import type { Node } from 'constructs'
import * as z from 'zod'

/** A deployment with these cannot create its authorizer: `.invalid` never resolves. */
const placeholderIssuer = 'https://set-the-issuer-context.invalid'
const placeholderAudience = 'set-the-audience-context'

/** What a deployment chooses, as CDK context (`-c key=value`); every value arrives as text. */
const settingsSchema = z.object({
  /** OIDC issuer whose tokens the API takes; its discovery document must be reachable. */
  issuer: z.url().default(placeholderIssuer),
  /** Accepted `aud` values, comma separated. */
  audience: z
    .string()
    .min(1)
    .default(placeholderAudience)
    .transform((text) => text.split(',').map((audience) => audience.trim())),
  graphUrl: z.url().default('https://graph.facebook.com'),
  graphVersion: z
    .string()
    .regex(/^v\d+\.0$/)
    .default('v26.0'),
  timeScale: z.coerce.number().positive().max(1).default(1),
  /** Whether what happens is also put on an EventBridge bus, which costs by the event. */
  eventBus: z.enum(['on', 'off']).default('on'),
  /** Highest Aurora capacity, in ACU (2 GiB each). */
  maxAcu: z.coerce.number().min(1).max(256).default(8),
  /** Gets a mail for every alarm once its owner has confirmed the subscription. */
  alarmEmail: z.email().optional(),
})

export type Settings = z.infer<typeof settingsSchema>

/**
 * Reads the settings from CDK context.
 * @throws Error that names each wrong key.
 */
export function settingsOf(node: Node): Settings {
  const given = Object.keys(settingsSchema.shape).map((key) => [key, node.tryGetContext(key)])
  const parsed = settingsSchema.safeParse(Object.fromEntries(given))
  if (!parsed.success) throw new Error(`CDK context is wrong:\n${z.prettifyError(parsed.error)}`)
  return parsed.data
}

/** Keys that still hold a placeholder; such a template is for looking at, not for deploying. */
export function unsetSettings(settings: Settings): string[] {
  return [
    ...(settings.issuer === placeholderIssuer ? ['issuer'] : []),
    ...(settings.audience.includes(placeholderAudience) ? ['audience'] : []),
  ]
}

import type { Node } from 'constructs'
import * as z from 'zod'
import { receivesMail, receivingRegions } from '#infra/aws/receiving-regions.ts'

/** A deployment with these cannot create its authorizer: `.invalid` never resolves. */
const placeholderIssuer = 'https://set-the-issuer-context.invalid'
const placeholderAudience = 'set-the-audience-context'

const domain = z.string().regex(/^(?=.{1,253}$)([a-z0-9-]{1,63}\.)+[a-z]{2,63}$/, {
  error: 'takes a domain in small letters',
})

/** Text as it comes from a command line, with a default. */
const yesOrNo = (fallback: boolean) => z.stringbool().default(fallback)

/** What a deployment chooses, as CDK context (`-c key=value`); every value arrives as text. */
const fields = z.object({
  /** Where it is deployed, if that is known already. */
  region: z.string().optional(),
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
  /** So long nobody can remove the daily ends of the audit's chains, the account's root neither. */
  auditLockYears: z.coerce.number().int().min(1).max(100).default(5),
  /** Gets a mail for every alarm once its owner has confirmed the subscription. */
  alarmEmail: z.email().optional(),
  /** Mails leave from its addresses; without it nothing of mail is made but the queues. */
  mailDomain: domain.optional(),
  /** Answers to mails come in there, and to its subdomains. */
  replyDomain: domain.optional(),
  /** Receives mail for `replyDomain`. */
  inboundMail: yesOrNo(false),
  /** Opens and clicks are told; SES puts a pixel into mails and rewrites their links for it. */
  mailTracking: yesOrNo(true),
  /** `required`: a mail to a server without TLS bounces. */
  mailTls: z.enum(['optional', 'required']).default('optional'),
})

type Fields = z.output<typeof fields>

/** What does not go together: a sentence each, and the key to change. */
const contradictions: readonly {
  readonly key: keyof Fields
  readonly sentence: string
  readonly holds: (given: Fields) => boolean
}[] = [
  {
    key: 'mailDomain',
    sentence: 'inboundMail=true wants a mailDomain, which the answers are to',
    holds: ({ inboundMail, mailDomain }) => inboundMail && mailDomain === undefined,
  },
  {
    key: 'replyDomain',
    sentence: 'inboundMail=true wants a replyDomain, which mail is received for',
    holds: ({ inboundMail, replyDomain }) => inboundMail && replyDomain === undefined,
  },
  {
    key: 'replyDomain',
    sentence: 'must not be mailDomain: its MX record would take all mail of that domain',
    holds: ({ mailDomain, replyDomain }) => replyDomain !== undefined && replyDomain === mailDomain,
  },
  {
    key: 'inboundMail',
    sentence: `SES receives no mail in this region, only in ${receivingRegions.join(', ')}`,
    holds: ({ inboundMail, region }) =>
      inboundMail && region !== undefined && !receivesMail(region),
  },
]

const settingsSchema = fields.superRefine((given, context) => {
  for (const { key, sentence, holds } of contradictions) {
    if (holds(given)) context.addIssue({ code: 'custom', path: [key], message: sentence })
  }
})

export type Settings = z.infer<typeof settingsSchema>

/** Of a deployment that sends mail. */
export type MailSettings = Settings & { readonly mailDomain: string }

export function sendsMail(settings: Settings): settings is MailSettings {
  return settings.mailDomain !== undefined
}

/**
 * Reads the settings from CDK context.
 * @throws Error that names each wrong key.
 */
export function settingsOf(node: Node): Settings {
  const given = Object.keys(fields.shape).map((key) => [key, node.tryGetContext(key)])
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

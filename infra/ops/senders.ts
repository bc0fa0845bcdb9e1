import * as z from 'zod'
import { senderSecretPrefix } from '#infra/topology.ts'
import type { NewSender } from '#shared/adapters/database/administration.ts'
import { cleanLine } from '#shared/contracts/text.ts'
import { readOptions, tenantId } from './arguments.ts'

const digits = z.string().regex(/^\d{1,64}$/, { error: 'takes digits only, as Meta shows it' })

const senderOptions = {
  tenant: tenantId,
  channel: z.enum(['WHATSAPP', 'EMAIL'], { error: 'takes WHATSAPP or EMAIL' }),
  default: z.boolean().default(false),
}

const numberSender = z.object({
  ...senderOptions,
  'phone-number-id': digits,
  'waba-id': digits,
  secret: z
    .string()
    .regex(/^[A-Za-z0-9/_+=.@-]{1,200}$/, {
      error: `takes the name of a secret under ${senderSecretPrefix}`,
    })
    .transform((name) => name.replace(senderSecretPrefix, '')),
})

const mailSender = z.object({
  ...senderOptions,
  from: z.email({ error: 'takes a mail address' }).max(320).toLowerCase(),
  'from-name': cleanLine(200).optional(),
  'reply-domain': z
    .string()
    .regex(/^(?=.{1,253}$)([a-z0-9-]{1,63}\.)+[a-z]{2,63}$/, { error: 'takes a domain' })
    .optional(),
  'unsubscribe-url': z
    .url({ protocol: /^https$/, error: 'takes an https address' })
    .max(500)
    .transform((url) => url.replace(/\/$/, ''))
    .optional(),
  'configuration-set': z
    .string()
    .regex(/^[\w-]{1,64}$/, { error: 'takes the name of a configuration set' })
    .optional(),
})

/** By the channel that the arguments name. */
export function readSender(argv: readonly string[]): NewSender {
  const isMail = argv[argv.indexOf('--channel') + 1] === 'EMAIL' || argv.includes('--channel=EMAIL')
  if (isMail) {
    const given = readOptions(argv, mailSender)
    return {
      tenantId: given.tenant,
      channel: given.channel,
      mail: {
        fromAddress: given.from,
        fromName: given['from-name'],
        replyDomain: given['reply-domain'],
        configurationSet: given['configuration-set'],
        unsubscribeUrl: given['unsubscribe-url'],
      },
      isDefault: given.default,
    }
  }
  const given = readOptions(argv, numberSender)
  return {
    tenantId: given.tenant,
    channel: given.channel,
    phoneNumberId: given['phone-number-id'],
    wabaId: given['waba-id'],
    secretName: given.secret,
    isDefault: given.default,
  }
}

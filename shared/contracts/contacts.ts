import * as z from 'zod'
import { parsePhone } from '../domain/phone.ts'

export const channel = z.enum(['WHATSAPP', 'EMAIL'])

const whatsAppContact = z.strictObject({
  channel: z.literal('WHATSAPP'),
  address: z
    .string()
    .max(40)
    .meta({ description: 'A phone, best in E.164.', examples: ['+5511987654321'] })
    .transform((input, context) => {
      const phone = parsePhone(input)
      if (phone !== undefined) return phone.e164
      context.addIssue({ code: 'custom', message: 'must be a phone in E.164, e.g. +5511987654321' })
      return z.NEVER
    }),
})

const emailContact = z.strictObject({
  channel: z.literal('EMAIL'),
  address: z.email().max(320),
})

/** Where to reach a person, as programs give it. */
export const givenContact = z.discriminatedUnion('channel', [whatsAppContact, emailContact])

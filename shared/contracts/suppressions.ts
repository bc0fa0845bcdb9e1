import * as z from 'zod'
import { type Suppression, suppressionReasons, suppressionSources } from '../domain/suppression.ts'
import { channel, givenContact } from './contacts.ts'
import { pageQuery, shownId, shownTime } from './paging.ts'
import { instant } from './post-message.ts'

/** `GET /suppressions`: an address is looked for exactly, and wants its channel. */
export const suppressionsQuery = pageQuery
  .extend({ channel: channel.optional(), address: z.string().max(320).optional() })
  .superRefine(({ channel: given, address }, context) => {
    if (address === undefined) return
    if (givenContact.safeParse({ channel: given, address }).success) return
    context.addIssue({
      code: 'custom',
      path: ['address'],
      message: 'must be an address of the channel that is named with it',
    })
  })

/** The page that a query asks for, the address in the spelling that its channel has. */
export function suppressionPageOf(query: z.output<typeof suppressionsQuery>) {
  const { limit, cursor, channel: given, address } = query
  const filter =
    address === undefined ? { channel: given } : givenContact.parse({ channel: given, address })
  return { limit, cursor, filter }
}

/** `POST /suppressions`: the reasons are those that a list of another system may have. */
const wish = {
  reason: z.enum(['manual', 'hard-bounce', 'complaint', 'unsubscribed']).default('manual'),
  expiresAt: instant.optional(),
}
const [whatsApp, email] = givenContact.options
export const addSuppressionBody = z.discriminatedUnion('channel', [
  whatsApp.extend(wish),
  email.extend(wish),
])

/** A suppression as the API shows it: the address is the tenant's own. */
export const shownSuppression = z
  .object({
    suppressionId: shownId,
    channel,
    address: z.string(),
    reason: z.enum(suppressionReasons),
    source: z.enum(suppressionSources),
    clientId: shownId.nullable(),
    createdAt: shownTime,
    expiresAt: shownTime.nullable(),
  })
  .meta({ id: 'Suppression' })

export function suppressionResource(suppression: Suppression): z.input<typeof shownSuppression> {
  return {
    suppressionId: suppression.suppressionId,
    channel: suppression.channel,
    address: suppression.address,
    reason: suppression.reason,
    source: suppression.source,
    clientId: suppression.clientId ?? null,
    createdAt: suppression.createdAt,
    expiresAt: suppression.expiresAt ?? null,
  }
}

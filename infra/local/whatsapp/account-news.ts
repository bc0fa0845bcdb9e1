import * as z from 'zod'
import { metadataOf } from './reports.ts'
import type { Simulation } from './simulation.ts'

/** Fields whose news name the number they are about by its digits. */
const numberFields: readonly string[] = [
  'phone_number_quality_update',
  'phone_number_name_update',
  'security',
  'business_username_update',
]

export const accountNewsSchema = z.strictObject({
  /** Meta's name of the webhook field, e.g. `account_update`; `messages` for `{errors: […]}`. */
  field: z.string().regex(/^[a-z_]{1,60}$/),
  /** As Meta documents it; what names the number is filled in. */
  value: z.record(z.string(), z.unknown()),
  /** A number of the account; the first one without it. */
  phoneNumberId: z.string().optional(),
})

export type AccountNews = z.input<typeof accountNewsSchema>

/**
 * Tells a webhook about an account or a number, delivered like any other. Throws a ZodError on a
 * malformed request, a RangeError for a number that is not there.
 */
export function tellAccountNews(simulation: Simulation, news: AccountNews): { eventId: string } {
  const { field, value, phoneNumberId } = accountNewsSchema.parse(news)
  const number = simulation.numbers.find(phoneNumberId)
  if (!number) throw new RangeError(`no number with id ${phoneNumberId}`)
  const digits = number.displayPhoneNumber.replace(/\D/g, '')
  const filledIn = {
    ...(numberFields.includes(field) ? { display_phone_number: digits } : {}),
    ...(field === 'messages'
      ? { messaging_product: 'whatsapp', metadata: metadataOf(number) }
      : {}),
  }
  const { eventId } = simulation.tell(number, { field, value: { ...filledIn, ...value } })
  return { eventId }
}

import * as z from 'zod'
import { cleanLine } from '../text.ts'
import { webAddress } from './web-address.ts'

const part = cleanLine(256).optional()
/** Meta's words are HOME, WORK, CELL, MAIN, IPHONE; others are shown as they are. */
const kind = cleanLine(40).optional()

const nameParts = ['firstName', 'lastName', 'middleName', 'prefix', 'suffix'] as const

const name = z
  .strictObject({
    formattedName: cleanLine(1024),
    firstName: part,
    lastName: part,
    middleName: part,
    prefix: part,
    suffix: part,
  })
  .refine((given) => nameParts.some((key) => given[key] !== undefined), {
    error: 'needs one more part of the name beside formattedName',
  })

const phone = z.strictObject({
  phone: cleanLine(40),
  type: kind,
  waId: z
    .string()
    .regex(/^\d{7,15}$/)
    .optional(),
})

const address = z.strictObject({
  street: part,
  city: part,
  state: part,
  zip: part,
  country: part,
  countryCode: part,
  type: kind,
})

const card = z.strictObject({
  name,
  phones: z.array(phone).max(20).optional(),
  emails: z
    .array(z.strictObject({ email: z.email().max(320), type: kind }))
    .max(20)
    .optional(),
  urls: z
    .array(z.strictObject({ url: webAddress, type: kind }))
    .max(20)
    .optional(),
  addresses: z.array(address).max(20).optional(),
  org: z.strictObject({ company: part, department: part, title: part }).optional(),
  birthday: z.iso.date().optional(),
})

/** Meta documents 257 cards in one place and 5 in another: the lower limit is safe. */
export const contactsContent = z
  .strictObject({
    type: z.literal('contacts'),
    contacts: z.array(card).min(1).max(5),
  })
  .meta({ id: 'ContactsContent' })

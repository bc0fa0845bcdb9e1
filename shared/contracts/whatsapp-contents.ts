import * as z from 'zod'
import { metaId } from './whatsapp-webhook.ts'

/** What a message says, by its type, as Meta writes it; see whatsapp-webhook.ts for the manner. */
const text = z.string().optional().catch(undefined)
const typed = z.looseObject({ type: text })
const amount = z.union([
  z.number(),
  z
    .string()
    .regex(/^\d{1,12}(\.\d{1,6})?$/)
    .transform(Number),
])
const optionalAmount = amount.optional().catch(undefined)

/** Members that cannot be read are left out; a list of another form reads as undefined. */
function listOf<S extends z.ZodType>(member: S) {
  return z
    .array(member.optional().catch(undefined))
    .transform((members) => members.filter((each) => each !== undefined))
    .optional()
    .catch(undefined)
}

export const textBody = z.looseObject({ body: z.string() })

/** `image`, `video`, `audio`, `document`, `sticker`. */
export const mediaBody = z.looseObject({
  id: metaId,
  mime_type: text,
  sha256: text,
  caption: text,
  filename: text,
  voice: z.boolean().optional().catch(undefined),
})

const degrees = (most: number) =>
  z
    .union([
      z.number(),
      z
        .string()
        .regex(/^-?\d{1,3}(\.\d{1,20})?$/)
        .transform(Number),
    ])
    .pipe(z.number().min(-most).max(most))

export const locationBody = z.looseObject({
  latitude: degrees(90),
  longitude: degrees(180),
  name: text,
  address: text,
})

const card = z.looseObject({
  name: z.looseObject({
    formatted_name: z.string(),
    first_name: text,
    last_name: text,
    middle_name: text,
    prefix: text,
    suffix: text,
  }),
  phones: listOf(typed.extend({ phone: z.string(), wa_id: text })),
  emails: listOf(typed.extend({ email: z.string() })),
  urls: listOf(typed.extend({ url: z.string() })),
  addresses: listOf(
    typed.extend({
      street: text,
      city: text,
      state: text,
      zip: text,
      country: text,
      country_code: text,
    }),
  ),
  org: z.looseObject({ company: text, department: text, title: text }).optional().catch(undefined),
  birthday: text,
})
export const contactsBody = z.array(card).min(1)

export const reactionBody = z.looseObject({ message_id: metaId, emoji: text })

export const buttonBody = z.looseObject({ payload: text, text })

export const interactiveBody = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('button_reply'),
    button_reply: z.looseObject({ id: text, title: text }),
  }),
  z.looseObject({
    type: z.literal('list_reply'),
    list_reply: z.looseObject({ id: text, title: text, description: text }),
  }),
  z.looseObject({
    type: z.literal('nfm_reply'),
    nfm_reply: z.looseObject({ name: text, body: text, response_json: z.unknown() }),
  }),
])

export const orderBody = z.looseObject({
  catalog_id: text,
  text,
  product_items: z
    .array(
      z.looseObject({
        product_retailer_id: z.string(),
        quantity: optionalAmount,
        item_price: optionalAmount,
        currency: text,
      }),
    )
    .min(1),
})

export const unsupportedBody = z.looseObject({ type: text })

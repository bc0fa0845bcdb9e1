import * as z from 'zod'

/**
 * The content object of every message type with Meta's limits.
 * Source: WhatsApp Cloud API, "Send messages" reference; where the pages disagree (contacts: 257
 * or 5), the lower limit.
 */
const filled = (max: number) => z.string().min(1).max(max)
const link = z
  .url({ protocol: /^https?$/ })
  .describe('an http or https address that Meta can fetch')

const reference = { id: filled(512).optional(), link: link.optional() }
const oneSource = (media: { id?: string | undefined; link?: string | undefined }) =>
  (media.id === undefined) !== (media.link === undefined)
const either = { message: 'exactly one of id and link is required' }
const caption = z.string().max(1024).optional()

const image = z.object({ ...reference, caption }).refine(oneSource, either)
const video = z.object({ ...reference, caption }).refine(oneSource, either)
const document = z
  .object({ ...reference, caption, filename: filled(240).optional() })
  .refine(oneSource, either)
const audio = z
  .object({ ...reference, voice: z.boolean().optional(), caption: z.undefined().optional() })
  .refine(oneSource, either)
const sticker = z
  .object({ ...reference, caption: z.undefined().optional() })
  .refine(oneSource, either)

const degrees = (limit: number) =>
  z
    .union([z.string().regex(/^-?\d{1,3}(\.\d+)?$/), z.number()])
    .transform(Number)
    .pipe(z.number().min(-limit).max(limit))
const location = z.object({
  latitude: degrees(90),
  longitude: degrees(180),
  name: z.string().max(1000).optional(),
  address: z.string().max(1000).optional(),
})

const nameParts = ['first_name', 'last_name', 'middle_name', 'suffix', 'prefix'] as const
const contactName = z
  .looseObject({ formatted_name: filled(1024) })
  .refine((name) => nameParts.some((part) => typeof name[part] === 'string' && name[part] !== ''), {
    message: 'formatted_name needs one more part of the name beside it',
  })
const contacts = z
  .array(z.looseObject({ name: contactName }))
  .min(1)
  .max(5)

const reaction = z.object({ message_id: filled(512), emoji: z.string().max(32) })

const header = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: filled(60) }),
  z.object({ type: z.literal('image'), image }),
  z.object({ type: z.literal('video'), video }),
  z.object({ type: z.literal('document'), document }),
])
const textHeader = z.object({ type: z.literal('text'), text: filled(60) })
const footer = z.object({ text: filled(60) }).optional()
const bodyUpTo = (max: number) => z.object({ text: filled(max) })
const distinct = (values: readonly string[]) => new Set(values).size === values.length

const replyButton = z.object({
  type: z.literal('reply'),
  reply: z.object({ id: filled(256), title: filled(20) }),
})
const buttonAction = z.object({
  buttons: z
    .array(replyButton)
    .min(1)
    .max(3)
    .refine((buttons) => distinct(buttons.map(({ reply }) => reply.title)), {
      message: 'button titles must be unique',
    })
    .refine((buttons) => distinct(buttons.map(({ reply }) => reply.id)), {
      message: 'button ids must be unique',
    }),
})

const row = z.object({
  id: filled(200),
  title: filled(24),
  description: z.string().max(72).optional(),
})
const section = z.object({ title: z.string().max(24).optional(), rows: z.array(row).min(1) })
const rowsOf = (sections: z.output<typeof section>[]) => sections.flatMap(({ rows }) => rows)
const listAction = z.object({
  button: filled(20),
  sections: z
    .array(section)
    .min(1)
    .max(10)
    .refine((sections) => rowsOf(sections).length <= 10, { message: 'at most 10 rows in total' })
    .refine((sections) => distinct(rowsOf(sections).map(({ id }) => id)), {
      message: 'row ids must be unique',
    })
    .refine((sections) => sections.length === 1 || sections.every(({ title }) => title), {
      message: 'each of several sections needs a title',
    }),
})

const ctaAction = z.object({
  name: z.literal('cta_url'),
  parameters: z.object({ display_text: filled(20), url: link }),
})
const kinds = {
  button: z.object({
    header: header.optional(),
    body: bodyUpTo(1024),
    footer,
    action: buttonAction,
  }),
  list: z.object({
    header: textHeader.optional(),
    body: bodyUpTo(4096),
    footer,
    action: listAction,
  }),
  cta_url: z.object({ header: header.optional(), body: bodyUpTo(1024), footer, action: ctaAction }),
  location_request_message: z.object({
    body: bodyUpTo(1024),
    action: z.object({ name: z.literal('send_location') }),
  }),
}

/** Kinds that are taken as they come: their insides are checked by other products of Meta. */
const passedThrough = [
  'flow',
  'product',
  'product_list',
  'catalog_message',
  'carousel',
  'product_carousel',
  'address_message',
  'call_permission_request',
  'request_contact_info',
  'voice_call',
] as const

const interactive = z.discriminatedUnion('type', [
  kinds.button.extend({ type: z.literal('button') }),
  kinds.list.extend({ type: z.literal('list') }),
  kinds.cta_url.extend({ type: z.literal('cta_url') }),
  kinds.location_request_message.extend({ type: z.literal('location_request_message') }),
  z.looseObject({ type: z.enum(passedThrough), action: z.looseObject({}) }),
])

const templateParameter = z.looseObject({
  type: z.string().min(1),
  parameter_name: z
    .string()
    .regex(/^[a-z0-9_]+$/)
    .optional(),
})
const template = z.object({
  name: z
    .string()
    .max(512)
    .regex(/^[a-z0-9_]+$/),
  language: z.looseObject({ code: filled(32) }),
  components: z
    .array(
      z.looseObject({
        type: z
          .string()
          .toLowerCase()
          .pipe(z.enum(['header', 'body', 'button', 'carousel'])),
        sub_type: z.string().toLowerCase().optional(),
        index: z.coerce.number().int().min(0).max(9).optional(),
        parameters: z.array(templateParameter).default([]),
      }),
    )
    .default([]),
})

export const contentSchemas = {
  text: z.object({ body: filled(4096), preview_url: z.boolean().optional() }),
  image,
  video,
  document,
  audio,
  sticker,
  location,
  contacts,
  reaction,
  interactive,
  template,
} as const

export type MessageType = keyof typeof contentSchemas
export type TemplateSend = z.output<typeof template>
export type TemplateComponent = TemplateSend['components'][number]
export type TemplateParameter = z.output<typeof templateParameter>

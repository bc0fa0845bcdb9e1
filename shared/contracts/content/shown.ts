import * as z from 'zod'
import { pixKeyTypes } from '../../domain/billing/pix-key.ts'

/**
 * What a message says, as it is read back: what clients send and what people send, by `type`. Wider
 * than what can be sent, because WhatsApp lets people do more.
 */
const text = z.string()
const optionalText = text.optional()

const shownText = z
  .object({ type: z.literal('text'), text, previewUrl: z.boolean().optional() })
  .meta({ id: 'ShownText', examples: [{ type: 'text', text: 'Oi! Já paguei.' }] })

const values = z.union([z.array(text).readonly(), z.record(text, text).readonly()])
const headerFile = z.object({
  type: z.enum(['image', 'video', 'document']),
  mediaId: text,
  filename: optionalText,
})
const shownBill = z.object({
  referenceId: text,
  totalCents: z.int(),
  description: text,
  payments: z
    .array(
      z.discriminatedUnion('type', [
        z.object({
          type: z.literal('pix'),
          code: text,
          merchantName: text,
          key: text,
          keyType: z.enum(pixKeyTypes),
        }),
        z.object({ type: z.literal('boleto'), line: text }),
        z.object({ type: z.literal('link'), url: text }),
      ]),
    )
    .readonly(),
})
const button = z.discriminatedUnion('type', [
  z.object({ index: z.int(), type: z.literal('url'), text }),
  z.object({ index: z.int(), type: z.literal('quick_reply'), payload: text }),
  z.object({ index: z.int(), type: z.literal('copy_code'), code: text }),
  z.object({ index: z.int(), type: z.literal('order_details'), order: shownBill }),
])
export const shownTemplateSend = z
  .object({
    type: z.literal('template'),
    name: text,
    language: text,
    variables: z
      .object({
        header: values.optional(),
        headerMedia: headerFile.optional(),
        body: values.optional(),
        buttons: z.array(button).readonly().optional(),
      })
      .optional(),
    ttlSeconds: z.int().optional(),
  })
  .meta({ id: 'ShownTemplate', description: 'A template that was sent, with its variables.' })

const day = text.meta({ description: '`YYYY-MM-DD`.' })
const shownValue = z.union([
  text,
  z.object({ type: z.literal('money'), cents: z.int(), currency: text }),
  z.object({ type: z.literal('date'), date: day }),
  z.object({ type: z.literal('count'), count: z.int() }),
  z.object({
    type: z.literal('installments'),
    installments: z
      .array(z.object({ number: z.int(), total: z.int(), dueOn: day, cents: z.int() }))
      .readonly(),
  }),
  z.object({ type: z.literal('bill'), order: shownBill }),
])
const attachments = z
  .array(z.object({ mediaId: text, filename: optionalText }))
  .readonly()
  .optional()
  .meta({ description: 'Their bytes: `GET /media/{mediaId}`.' })
const shownNamedTemplate = z
  .object({
    type: z.literal('named-template'),
    name: text,
    language: text,
    variables: z.record(text, shownValue).readonly(),
    attachments,
  })
  .meta({ id: 'ShownNamedTemplate', description: 'A template of yours, with its variables.' })

const shownFile = z
  .object({
    type: z.enum(['image', 'video', 'audio', 'document', 'sticker']),
    mediaId: text,
    caption: optionalText,
    filename: optionalText,
    voice: z.boolean().optional().meta({ description: 'Recorded as a voice message.' }),
  })
  .meta({ id: 'ShownFile', description: 'Its bytes: `GET /media/{mediaId}`.' })

const shownLocation = z
  .object({
    type: z.literal('location'),
    latitude: z.number(),
    longitude: z.number(),
    name: optionalText,
    address: optionalText,
  })
  .meta({ id: 'ShownLocation' })

const card = z.object({
  name: z.object({
    formattedName: text,
    firstName: optionalText,
    lastName: optionalText,
    middleName: optionalText,
    prefix: optionalText,
    suffix: optionalText,
  }),
  phones: z
    .array(z.object({ phone: text, type: optionalText, waId: optionalText }))
    .readonly()
    .optional(),
  emails: z
    .array(z.object({ email: text, type: optionalText }))
    .readonly()
    .optional(),
  urls: z
    .array(z.object({ url: text, type: optionalText }))
    .readonly()
    .optional(),
  addresses: z
    .array(
      z.object({
        street: optionalText,
        city: optionalText,
        state: optionalText,
        zip: optionalText,
        country: optionalText,
        countryCode: optionalText,
        type: optionalText,
      }),
    )
    .readonly()
    .optional(),
  org: z
    .object({ company: optionalText, department: optionalText, title: optionalText })
    .optional(),
  birthday: optionalText.meta({ description: '`YYYY-MM-DD`.' }),
})
const shownContacts = z
  .object({ type: z.literal('contacts'), contacts: z.array(card).readonly() })
  .meta({ id: 'ShownContacts', description: 'Business cards.' })

const shownReaction = z
  .object({
    type: z.literal('reaction'),
    emoji: text.meta({ description: 'Empty: the reaction was taken back.' }),
  })
  .meta({ id: 'ShownReaction', description: 'Put on the message of `replyToMessageId`.' })

const header = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text }),
  z.object({ type: z.enum(['image', 'video']), mediaId: text }),
  z.object({ type: z.literal('document'), mediaId: text, filename: optionalText }),
])
const interactive = { type: z.literal('interactive'), body: text, footer: optionalText }
const row = z.object({ id: text, title: text, description: optionalText })
const shownInteractive = z
  .discriminatedUnion('kind', [
    z.object({
      ...interactive,
      kind: z.literal('buttons'),
      header: header.optional(),
      buttons: z.array(z.object({ id: text, title: text })).readonly(),
    }),
    z.object({
      ...interactive,
      kind: z.literal('list'),
      header: z.object({ type: z.literal('text'), text }).optional(),
      button: text,
      sections: z
        .array(z.object({ title: optionalText, rows: z.array(row).readonly() }))
        .readonly(),
    }),
    z.object({
      ...interactive,
      kind: z.literal('cta_url'),
      header: header.optional(),
      displayText: text,
      url: text,
    }),
  ])
  .meta({ id: 'ShownInteractive' })

const shownReply = z
  .object({
    type: z.literal('reply'),
    kind: z.enum(['button', 'list', 'template-button', 'flow']),
    id: optionalText.meta({ description: 'Yours, as it was offered.' }),
    title: optionalText,
    description: optionalText,
    response: z.unknown().optional().meta({ description: 'Of a flow: its answers.' }),
  })
  .meta({ id: 'ShownReply', description: 'The person chose something that was offered.' })

const shownOrder = z
  .object({
    type: z.literal('order'),
    catalogId: optionalText,
    text: optionalText,
    items: z
      .array(
        z.object({
          productRetailerId: text,
          quantity: z.number().optional(),
          itemPrice: z.number().optional(),
          currency: optionalText,
        }),
      )
      .readonly(),
  })
  .meta({ id: 'ShownOrder', description: 'A cart of the catalogue.' })

const shownSystem = z
  .object({
    type: z.literal('system'),
    event: z.enum(['number-changed', 'user-id-changed', 'identity-changed', 'other']),
    text: optionalText,
  })
  .meta({ id: 'ShownSystem', description: "The provider's own word about the person." })

const shownUnsupported = z
  .object({
    type: z.literal('unsupported'),
    providerType: optionalText,
    code: z.int().optional(),
  })
  .meta({ id: 'ShownUnsupported', description: 'What WhatsApp does not pass on.' })

const shownOther = z
  .object({
    type: z.literal('other'),
    providerType: text.meta({ description: "The provider's word for it, e.g. `poll`." }),
    raw: z.unknown(),
  })
  .meta({ id: 'ShownOther', description: 'Kept whole until there is a richer form for it.' })

/** Every content that a message may show. */
const shownEmail = z
  .object({
    type: z.literal('email'),
    subject: text,
    text,
    html: optionalText,
    quotedText: optionalText.meta({
      description: 'What an answer quotes, apart from what is new.',
    }),
    attachments,
    category: z.enum(['transactional', 'marketing']).optional(),
  })
  .meta({ id: 'ShownEmail', description: 'A mail, sent or received.' })

export const shownContent = z
  .discriminatedUnion('type', [
    shownText,
    shownTemplateSend,
    shownNamedTemplate,
    shownFile,
    shownLocation,
    shownContacts,
    shownReaction,
    shownInteractive,
    shownEmail,
    shownReply,
    shownOrder,
    shownSystem,
    shownUnsupported,
    shownOther,
  ])
  .meta({
    id: 'ShownContent',
    examples: [{ type: 'text', text: 'Olá, Ana! Sua parcela vence amanhã.' }],
  })

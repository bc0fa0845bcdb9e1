import * as z from 'zod'

const filled = z.string().min(1)
const reply = { id: z.string(), title: z.string() }

const text = z.strictObject({ type: z.literal('text'), text: z.string() })
const media = z.strictObject({
  type: z.literal('media'),
  mimeType: z.string(),
  base64: z.base64(),
  caption: z.string().optional(),
  filename: z.string().optional(),
  /** Audio recorded in the chat. */
  voice: z.boolean().optional(),
})

/** What a person can do in a chat, in few words; `raw` says everything else. */
export const inboundContent = z.discriminatedUnion('type', [
  text,
  media,
  z.strictObject({ type: z.literal('button'), text: z.string(), payload: z.string() }),
  z.strictObject({ type: z.literal('button_reply'), ...reply }),
  z.strictObject({
    type: z.literal('list_reply'),
    ...reply,
    description: z.string().optional(),
  }),
  /** A flow was filled in. */
  z.strictObject({
    type: z.literal('flow_reply'),
    response: z.record(z.string(), z.unknown()),
  }),
  z.strictObject({
    type: z.literal('reaction'),
    messageId: z.string(),
    emoji: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal('location'),
    latitude: z.number(),
    longitude: z.number(),
    name: z.string().optional(),
    address: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal('contacts'),
    contacts: z.array(z.strictObject({ name: filled, phone: filled })).min(1),
  }),
  z.strictObject({
    type: z.literal('order'),
    catalogId: z.string().default('1000'),
    text: z.string().optional(),
    items: z
      .array(
        z.strictObject({
          productRetailerId: filled,
          quantity: z.number().int().min(1).default(1),
          itemPrice: z.number().min(0).default(0),
          currency: z.string().length(3).default('BRL'),
        }),
      )
      .min(1),
  }),
  /** Rewrites an earlier message of the same person. */
  z.strictObject({
    type: z.literal('edit'),
    messageId: filled,
    content: z.discriminatedUnion('type', [text, media]),
  }),
  z.strictObject({ type: z.literal('revoke'), messageId: filled }),
  /** From now on the person writes from `phone`. */
  z.strictObject({ type: z.literal('number_changed'), phone: filled }),
  z.strictObject({ type: z.literal('user_id_changed'), userId: filled }),
  /** Something that WhatsApp does not pass on. */
  z.strictObject({ type: z.literal('unsupported'), kind: z.string().optional() }),
  /** The chat was opened for the first time. */
  z.strictObject({ type: z.literal('welcome') }),
  /** Somebody of the business answered from its phone: `from` is whom they wrote to. */
  z.strictObject({ type: z.literal('echo'), text: z.string() }),
  /** The person's switch for marketing messages. */
  z.strictObject({ type: z.literal('preference'), value: z.enum(['stop', 'resume']) }),
])

export type InboundContent = z.output<typeof inboundContent>
export type InboundMedia = z.output<typeof media>

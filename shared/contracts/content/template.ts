import * as z from 'zod'
import { cleanLine } from '../text.ts'
import { refuseCopies } from './distinct.ts'
import { filename, mediaId } from './media.ts'
import { paymentOrder } from './payment-order.ts'

/** Meta refuses newlines, tabs and more than four spaces in a row inside a parameter. */
const variable = cleanLine(1024).refine((text) => !/ {5}/.test(text), {
  error: 'must not hold more than four spaces in a row',
})

const positional = z.array(variable).min(1).max(50)
// zod leaves out a key named `__proto__`; what remains must not be empty.
const named = z
  .record(z.string().regex(/^[a-z][a-z0-9_]{0,59}$/), variable)
  .refine((values) => Object.keys(values).length > 0, { error: 'must not be empty' })

/** A list for positional templates, a record for named ones; problems name the very value. */
const variableValues = z
  .unknown()
  .meta({ documentedAs: z.union([positional, named]) })
  .transform((values, context) => {
    const parsed = (Array.isArray(values) ? positional : named).safeParse(values)
    if (parsed.success) return parsed.data
    for (const { message, path } of parsed.error.issues) {
      context.addIssue({ code: 'custom', message, path: [...path] })
    }
    return z.NEVER
  })

const headerMedia = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('image'), mediaId }),
  z.strictObject({ type: z.literal('video'), mediaId }),
  z.strictObject({ type: z.literal('document'), mediaId, filename: filename.optional() }),
])

const index = z.int().min(0).max(9)
const buttonVariable = z.discriminatedUnion('type', [
  z.strictObject({ index, type: z.literal('url'), text: variable }),
  z.strictObject({ index, type: z.literal('quick_reply'), payload: cleanLine(256) }),
  z.strictObject({ index, type: z.literal('copy_code'), code: variable }),
  z.strictObject({ index, type: z.literal('order_details'), order: paymentOrder }),
])

const variables = z
  .strictObject({
    header: variableValues.optional(),
    headerMedia: headerMedia.optional(),
    body: variableValues.optional(),
    buttons: z
      .array(buttonVariable)
      .max(10)
      .superRefine((buttons, context) => {
        const places = buttons.map((button, at) => ({ value: button.index, path: [at, 'index'] }))
        refuseCopies(places, context)
      })
      .optional(),
  })
  .superRefine(({ header, headerMedia: file, body }, context) => {
    if (header !== undefined && file !== undefined) {
      const message = 'a header is a text or a file, not both'
      context.addIssue({ code: 'custom', message, path: ['headerMedia'] })
    }
    const forms = [header, body].filter((values) => values !== undefined).map(Array.isArray)
    if (new Set(forms).size > 1) {
      const message = 'a template is either positional or named'
      context.addIssue({ code: 'custom', message, path: ['body'] })
    }
  })

/** A send of a provider template; its counts and names are checked against the synced definition. */
export const templateContent = z
  .strictObject({
    type: z.literal('template'),
    name: z.string().regex(/^[a-z0-9_]{1,512}$/),
    language: z
      .string()
      .regex(/^[a-z]{2,3}(_[A-Z]{2})?$/)
      .meta({ description: 'As Meta writes it, e.g. `pt_BR`.' }),
    variables: variables.optional(),
    // Meta: authentication 30–900, utility 30–43,200, marketing 43,200–2,592,000, -1 is 30 days.
    ttlSeconds: z.union([z.literal(-1), z.int().min(30).max(2_592_000)]).optional(),
  })
  .meta({ id: 'TemplateContent' })

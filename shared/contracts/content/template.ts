import * as z from 'zod'
import { cleanLine } from '../text.ts'
import { refuseCopies } from './distinct.ts'
import { filename, mediaId } from './media.ts'
import { paymentOrder } from './payment-order.ts'

/** Meta refuses newlines, tabs and more than four spaces in a row inside a parameter. */
export const parameterText = cleanLine(1024).refine((text) => !/ {5}/.test(text), {
  error: 'must not hold more than four spaces in a row',
})

// zod leaves out a key named `__proto__`; what remains must not be empty.
const parameterName = z.string().regex(/^[a-z][a-z0-9_]{0,59}$/)

/** A list for positional templates, a record for named ones; problems name the very value. */
export function parameterValues(text: z.ZodType<string>) {
  const positional = z.array(text).min(1).max(50)
  const named = z
    .record(parameterName, text)
    .refine((values) => Object.keys(values).length > 0, { error: 'must not be empty' })
  return z
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
}

const index = z.int().min(0).max(9)

function parameterButton(text: z.ZodType<string>, payload: z.ZodType<string>) {
  return z.discriminatedUnion('type', [
    z.strictObject({ index, type: z.literal('url'), text }),
    z.strictObject({ index, type: z.literal('quick_reply'), payload }),
    z.strictObject({ index, type: z.literal('copy_code'), code: text }),
  ])
}

/** Each button once. */
function buttonList<B extends z.ZodType<{ readonly index: number }>>(button: B) {
  return z
    .array(button)
    .max(10)
    .superRefine((buttons, context) => {
      const places = buttons.map((each, at) => ({ value: each.index, path: [at, 'index'] }))
      refuseCopies(places, context)
    })
}

/** Buttons of a template of ours; a bill is given by the name of its variable. */
export function sourceButtons(
  text: z.ZodType<string>,
  payload: z.ZodType<string>,
  variable: z.ZodType<string>,
) {
  return buttonList(
    z.discriminatedUnion('type', [
      ...parameterButton(text, payload).options,
      z.strictObject({ index, type: z.literal('order_details'), variable }),
    ]),
  )
}

const sentButtons = buttonList(
  z.discriminatedUnion('type', [
    ...parameterButton(parameterText, cleanLine(256)).options,
    z.strictObject({ index, type: z.literal('order_details'), order: paymentOrder }),
  ]),
)

/** A template's parameters are all of one form. */
export function refuseTwoForms(
  { header, body }: { readonly header?: unknown; readonly body?: unknown },
  context: z.RefinementCtx,
): void {
  const forms = [header, body].filter((values) => values !== undefined).map(Array.isArray)
  if (new Set(forms).size > 1) {
    const message = 'a template is either positional or named'
    context.addIssue({ code: 'custom', message, path: ['body'] })
  }
}

/** What Meta calls a template. */
export const providerTemplate = {
  name: z.string().regex(/^[a-z0-9_]{1,512}$/),
  language: z
    .string()
    .regex(/^[a-z]{2,3}(_[A-Z]{2})?$/)
    .meta({ description: 'As Meta writes it, e.g. `pt_BR`.' }),
}

// Meta: authentication 30–900, utility 30–43,200, marketing 43,200–2,592,000, -1 is 30 days.
export const ttlSeconds = z.union([z.literal(-1), z.int().min(30).max(2_592_000)])

const headerMedia = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('image'), mediaId }),
  z.strictObject({ type: z.literal('video'), mediaId }),
  z.strictObject({ type: z.literal('document'), mediaId, filename: filename.optional() }),
])

const texts = parameterValues(parameterText)

const variables = z
  .strictObject({
    header: texts.optional(),
    headerMedia: headerMedia.optional(),
    body: texts.optional(),
    buttons: sentButtons.optional(),
  })
  .superRefine((given, context) => {
    if (given.header !== undefined && given.headerMedia !== undefined) {
      const message = 'a header is a text or a file, not both'
      context.addIssue({ code: 'custom', message, path: ['headerMedia'] })
    }
    refuseTwoForms(given, context)
  })

/** A send of a provider template; its counts and names are checked against the synced definition. */
export const templateContent = z
  .strictObject({
    type: z.literal('template'),
    ...providerTemplate,
    variables: variables.optional(),
    ttlSeconds: ttlSeconds.optional(),
  })
  .meta({ id: 'TemplateContent' })

import * as z from 'zod'
import { addressFault } from '../domain/mail-template.ts'
import type { TemplateSource } from '../domain/message-template.ts'
import { placeholderFault, variableName } from '../domain/template-placeholders.ts'
import { variablesOf } from '../domain/template-source.ts'
import {
  parameterValues,
  providerTemplate,
  refuseTwoForms,
  sourceButtons,
  ttlSeconds,
} from './content/template.ts'
import { cleanLine, cleanText } from './text.ts'

/** What is shown of a source travels in one row, and is compared with the one before. */
const mostSourceBytes = 12_000
/** As many as a message may bring values. */
const mostVariables = 50

const faultless = (schema: z.ZodType<string>, fault: (text: string) => string | undefined) =>
  schema.superRefine((text, context) => {
    const message = fault(text)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  })
const line = (mostLength: number) => faultless(cleanLine(mostLength), placeholderFault)
const label = line(120)
const named = z.string().regex(variableName)

const mailBlock = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('heading'), text: line(250) }),
  z.strictObject({
    type: z.literal('paragraph'),
    text: faultless(cleanText(4000), placeholderFault),
  }),
  z.strictObject({
    type: z.literal('button'),
    label,
    url: faultless(line(2000), addressFault).meta({
      description: 'https once it is filled: a placeholder begins it, or stands behind the host.',
    }),
  }),
  z.strictObject({
    type: z.literal('facts'),
    rows: z
      .array(z.strictObject({ label, value: line(1000) }))
      .min(1)
      .max(20),
  }),
  z.strictObject({
    type: z.literal('installments'),
    variable: named.meta({ description: 'The name of its variable.', examples: ['parcelas'] }),
  }),
  z.strictObject({ type: z.literal('code'), label, value: line(1000) }),
  z.strictObject({ type: z.literal('divider') }),
])

const mailSource = z
  .strictObject({
    channel: z.literal('EMAIL'),
    subject: line(250),
    preheader: line(250).optional(),
    blocks: z.array(mailBlock).min(1).max(50),
  })
  .meta({ id: 'MailSource', description: 'HTML and plain text are both made of it.' })

const texts = parameterValues(line(1024)).optional()
const boundSource = z
  .strictObject({
    channel: z.literal('WHATSAPP'),
    providerTemplate: z.strictObject(providerTemplate),
    header: texts,
    headerMedia: z.enum(['image', 'video', 'document']).optional().meta({
      description: 'The header shows a file of this kind: the only attachment of the message.',
    }),
    body: texts,
    buttons: sourceButtons(line(1024), line(256), named).optional(),
    ttlSeconds: ttlSeconds.optional(),
  })
  .superRefine(refuseTwoForms)
  .refine(({ header, headerMedia }) => header === undefined || headerMedia === undefined, {
    path: ['headerMedia'],
    error: 'a header is a text or a file, not both',
  })
  .meta({
    id: 'BoundSource',
    description: "Meta's approved copy, and what each of its parameters is filled with.",
  })

/** What a template of a tenant's own says; texts hold placeholders. */
export const templateSource = z
  .discriminatedUnion('channel', [mailSource, boundSource])
  .superRefine((source, context) => {
    if (new TextEncoder().encode(JSON.stringify(source)).length > mostSourceBytes) {
      context.addIssue({ code: 'custom', message: 'must be 12,000 bytes or less as JSON' })
    }
    if (variablesOf(sourceOf(source)).length > mostVariables) {
      context.addIssue({ code: 'custom', message: 'must use 50 variables or fewer' })
    }
  })
  .meta({
    description:
      'Texts hold `{{name}}`, and of a count `{{name|dia|dias}}`, which becomes `3 dias`. At most ' +
      '12,000 bytes as JSON and 50 variables.',
  })

/** Its absent options left out, as the domain has it. */
export function sourceOf(source: unknown): TemplateSource {
  return JSON.parse(JSON.stringify(source)) as TemplateSource
}

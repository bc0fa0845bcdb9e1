import * as z from 'zod'
import { variableName } from '../../domain/template-placeholders.ts'
import { paymentOrder } from './payment-order.ts'
import { parameterText } from './template.ts'

/** 10 billion reais: beyond that somebody has mistaken reais for cents twice. */
const cents = z.int().min(0).max(1_000_000_000_000)
const day = z.iso.date().meta({ examples: ['2026-12-05'] })
const place = z.int().min(1).max(999)

const typedValue = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('money'), cents, currency: z.literal('BRL') }),
  z.strictObject({ type: z.literal('date'), date: day }),
  z.strictObject({ type: z.literal('count'), count: z.int().min(0).max(1_000_000_000) }),
  z.strictObject({
    type: z.literal('installments'),
    installments: z
      .array(z.strictObject({ number: place, total: place, dueOn: day, cents }))
      .min(1)
      .max(100),
  }),
  z.strictObject({ type: z.literal('bill'), order: paymentOrder }),
])

/** Problems name what is wrong in the form that was given. */
const templateValue = z
  .unknown()
  .meta({ documentedAs: z.union([parameterText, typedValue]) })
  .transform((value, context) => {
    const parsed = (typeof value === 'string' ? parameterText : typedValue).safeParse(value)
    if (parsed.success) return parsed.data
    for (const { message, path } of parsed.error.issues) {
      context.addIssue({ code: 'custom', message, path: [...path] })
    }
    return z.NEVER
  })

/** What variables of a template of ours are filled with, by their names. */
export const templateValues = z
  .record(z.string().regex(variableName), templateValue)
  .refine((values) => Object.keys(values).length <= 50, { error: 'must hold 50 values or fewer' })
  .meta({
    maxProperties: 50,
    examples: [
      {
        nome: 'Ana',
        valor: { type: 'money', cents: 12_345, currency: 'BRL' },
        vencimento: { type: 'date', date: '2026-12-05' },
        dias: { type: 'count', count: 3 },
      },
    ],
  })

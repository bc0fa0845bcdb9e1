import * as z from 'zod'
import type { TemplateParameter } from './content-schemas.ts'
import { GraphError } from './graph-error.ts'

const amount = z.strictObject({ value: z.int().nonnegative(), offset: z.literal(100) })
const paymentSetting = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('pix_dynamic_code'),
    pix_dynamic_code: z.strictObject({
      code: z.string().min(1),
      merchant_name: z.string().min(1),
      key: z.string().min(1),
      key_type: z.enum(['CPF', 'CNPJ', 'EMAIL', 'PHONE', 'EVP']),
    }),
  }),
  z.strictObject({
    type: z.literal('boleto'),
    boleto: z.strictObject({ digitable_line: z.string().min(1) }),
  }),
  z.strictObject({
    type: z.literal('payment_link'),
    payment_link: z.strictObject({ uri: z.url({ protocol: /^https$/ }) }),
  }),
])
const item = z.strictObject({
  retailer_id: z.string().min(1),
  name: z.string().min(1).max(60),
  amount,
  quantity: z.int().positive(),
})

/**
 * Meta's `order_details` of Brazil, as far as its page says what is refused; the code of the refusal
 * is not documented. Source: Meta, "Payments API – Brazil", page orders.
 */
const orderDetails = z
  .strictObject({
    reference_id: z.string().regex(/^[A-Za-z0-9_.-]{1,60}$/),
    type: z.enum(['digital-goods', 'physical-goods']),
    payment_type: z.literal('br'),
    payment_settings: z.array(paymentSetting).min(1),
    currency: z.literal('BRL'),
    total_amount: amount,
    order: z
      .strictObject({
        status: z.literal('pending'),
        tax: amount,
        items: z.array(item).min(1),
        subtotal: amount,
      })
      .optional(),
  })
  .refine(({ order, total_amount: total }) => {
    return order === undefined || total.value === order.subtotal.value + order.tax.value
  }, 'total_amount must be the sum of subtotal and tax')
  .refine(({ order }) => {
    const sum = order?.items.reduce((all, each) => all + each.amount.value * each.quantity, 0)
    return sum === order?.subtotal.value
  }, 'subtotal must be the sum of the items')

const parameter = z.looseObject({
  type: z.literal('action'),
  action: z.strictObject({ order_details: orderDetails }),
})

/** Throws GraphError 131009. */
export function checkOrder(place: string, given: TemplateParameter | undefined): void {
  const parsed = parameter.safeParse(given)
  if (parsed.success) return
  const [issue] = parsed.error.issues
  throw new GraphError(131009, `${place}: ${issue?.path.join('.')} ${issue?.message}`)
}

import type { OrderPayment, PaymentOrder } from '#shared/domain/template-content.ts'
import type { Json } from './json.ts'

/**
 * Meta's `order_details` of Brazil, with one item: what is paid for. No tax, no shipping, so the
 * total is the item's amount. Source: Meta, "Payments API – Brazil", pages orders,
 * orderdetailstemplate, offsite-pix, boleto and payment-links.
 */
export function orderPayload({
  referenceId,
  totalCents,
  description,
  payments,
}: PaymentOrder): Json {
  return {
    reference_id: referenceId,
    type: 'digital-goods',
    payment_type: 'br',
    payment_settings: payments.map(paymentSetting),
    currency: 'BRL',
    total_amount: amount(totalCents),
    order: {
      status: 'pending',
      tax: amount(0),
      items: [
        {
          retailer_id: referenceId,
          name: description,
          amount: amount(totalCents),
          quantity: 1,
        },
      ],
      subtotal: amount(totalCents),
    },
  }
}

function paymentSetting(payment: OrderPayment): Json {
  switch (payment.type) {
    case 'pix': {
      const { code, merchantName, key, keyType } = payment
      return {
        type: 'pix_dynamic_code',
        pix_dynamic_code: { code, merchant_name: merchantName, key, key_type: keyType },
      }
    }
    case 'boleto':
      return { type: 'boleto', boleto: { digitable_line: payment.line } }
    case 'link':
      return { type: 'payment_link', payment_link: { uri: payment.url } }
  }
}

/** Meta: the offset of BRL is 100. */
function amount(cents: number): Json {
  return { value: cents, offset: 100 }
}

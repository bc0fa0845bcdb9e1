import { safeName } from '../clean-text.ts'
import type { OrderPayment, PaymentOrder } from '../template-content.ts'
import { readBoletoLine } from './boleto-line.ts'
import { readPixCode } from './pix-code.ts'
import { pixKeyType } from './pix-key.ts'

export interface OrderFacts {
  /** Unlike that of any other such message, e.g. the message's id. */
  readonly referenceId: string
  readonly installment: {
    readonly balanceCents: number
    readonly pixCode?: string
    readonly boletoLine?: string
    readonly paymentLink?: string
  }
  /** The company's key, which a dynamic code does not hold. */
  readonly pixKey?: string
  readonly description: string
}

export type OrderOutcome =
  | { readonly ok: true; readonly order: PaymentOrder }
  | {
      readonly ok: false
      readonly why: 'reference' | 'amount' | 'description' | 'no-way-to-pay'
    }

/** Meta: an item's name. */
const mostNameCharacters = 60

/**
 * The bill of an installment as WhatsApp shows it, with every way to pay that can be paid. Left out
 * is a code or a line that is wrong, a PIX code that fixes another amount than is open, and one whose
 * key nobody knows.
 */
export function orderDetails(facts: OrderFacts): OrderOutcome {
  const { referenceId, installment } = facts
  const totalCents = installment.balanceCents
  const description = nameOf(facts.description)
  if (!/^[A-Za-z0-9_.-]{1,60}$/.test(referenceId)) return { ok: false, why: 'reference' }
  if (!Number.isSafeInteger(totalCents) || totalCents < 1) return { ok: false, why: 'amount' }
  if (description === '') return { ok: false, why: 'description' }
  const payments = [pixOf(facts), linkOf(facts), boletoOf(facts)].filter(
    (payment) => payment !== undefined,
  )
  return payments.length === 0
    ? { ok: false, why: 'no-way-to-pay' }
    : { ok: true, order: { referenceId, totalCents, description, payments } }
}

/** Whole words as far as they fit. */
function nameOf(description: string): string {
  const line = safeName(description).replace(/\s+/g, ' ')
  if (line.length <= mostNameCharacters) return line
  const cut = line.slice(0, mostNameCharacters - 1).toWellFormed()
  const words = cut.includes(' ') ? cut.slice(0, cut.lastIndexOf(' ')) : cut
  return `${words}…`
}

function pixOf({ installment, pixKey }: OrderFacts): OrderPayment | undefined {
  const reading = readPixCode(installment.pixCode ?? '')
  if (!reading.ok) return undefined
  if ((reading.amountCents ?? installment.balanceCents) !== installment.balanceCents)
    return undefined
  const key = reading.key ?? pixKey ?? ''
  const keyType = pixKeyType(key)
  const { code, merchantName } = reading
  return keyType === undefined ? undefined : { type: 'pix', code, merchantName, key, keyType }
}

/** Whatever its amount: what is due on a late one its bank works out. */
function boletoOf({ installment }: OrderFacts): OrderPayment | undefined {
  const reading = readBoletoLine(installment.boletoLine ?? '')
  return reading.ok ? { type: 'boleto', line: reading.digits } : undefined
}

function linkOf({ installment }: OrderFacts): OrderPayment | undefined {
  const url = URL.parse(installment.paymentLink?.trim() ?? '')
  return url?.protocol === 'https:' ? { type: 'link', url: url.href } : undefined
}

import { safeName } from '../clean-text.ts'
import type { ListedInstallment, TemplateValue, TemplateValues } from '../message-template.ts'
import { readBoletoLine } from './boleto-line.ts'
import { orderDetails } from './order-details.ts'
import { personName } from './person-name.ts'
import { readPixCode } from './pix-code.ts'

/** The variables of a message about an installment, and what each one is. */
export const billingVariableKinds = {
  personName: 'text',
  firstName: 'text',
  companyName: 'text',
  movementDescription: 'text',
  movementAmount: 'money',
  installmentAmount: 'money',
  installmentNumber: 'count',
  installmentTotal: 'count',
  installments: 'installments',
  dueDate: 'date',
  daysLate: 'count',
  daysLeft: 'count',
  paymentLink: 'text',
  nfseLink: 'text',
  pixCode: 'text',
  boletoLine: 'text',
  bill: 'bill',
} as const satisfies Readonly<Record<string, 'text' | Exclude<TemplateValue, string>['type']>>

export type BillingVariable = keyof typeof billingVariableKinds

interface BilledInstallment {
  readonly number: number
  readonly total: number
  /** `YYYY-MM-DD`. */
  readonly dueOn: string
  /** What is still to be paid. */
  readonly balanceCents: number
}

export interface BillingFacts {
  readonly movement: {
    readonly amountCents: number
    readonly description?: string
    /** The seller, where it is another name than the company's. */
    readonly companyName?: string
    readonly nfseLink?: string
  }
  readonly installment: BilledInstallment & {
    readonly paymentLink?: string
    readonly pixCode?: string
    readonly boletoLine?: string
  }
  /** Open installments of the movement, with or without this one. */
  readonly siblings: readonly BilledInstallment[]
  readonly person: { readonly name?: string }
  readonly company: { readonly name?: string }
  /** The day where the person is, `YYYY-MM-DD`. */
  readonly today: string
  /** Of the bill, unlike that of any other message; without one there is no bill. */
  readonly reference?: string
}

/** What somebody is called whose name nobody told, so that the ladder's greeting holds for them too. */
const nameless = 'cliente'

const msPerDay = 86_400_000

/**
 * What a message about an installment may say. What is not known is left out, and so is a PIX code
 * or a boleto line that nobody could pay, a code that fixes another amount than is open and a link that
 * is not https. The list holds what is open,
 * this installment among it, by due day.
 */
export function billingVariables(facts: BillingFacts): TemplateValues {
  const { movement, installment, person, company, today } = facts
  const name = personName(person.name ?? '')
  const daysLate = daysFrom(installment.dueOn, today)
  return present({
    personName: name?.whole,
    firstName: name?.first ?? nameless,
    companyName: line(movement.companyName) ?? line(company.name),
    movementDescription: line(movement.description),
    movementAmount: money(movement.amountCents),
    installmentAmount: money(installment.balanceCents),
    installmentNumber: count(installment.number),
    installmentTotal: count(installment.total),
    installments: { type: 'installments', installments: openInstallments(facts) },
    dueDate: { type: 'date', date: installment.dueOn },
    daysLate: count(Math.max(0, daysLate)),
    daysLeft: count(Math.max(0, -daysLate)),
    paymentLink: link(installment.paymentLink),
    nfseLink: link(movement.nfseLink),
    pixCode: pix(installment),
    boletoLine: boleto(installment.boletoLine),
    bill: bill(facts),
  })
}

/** Whole days from one day to another, both `YYYY-MM-DD`; below 0 when it lies before. */
function daysFrom(day: string, other: string): number {
  return Math.round((Date.parse(`${other}T00:00Z`) - Date.parse(`${day}T00:00Z`)) / msPerDay)
}

function openInstallments({ installment, siblings }: BillingFacts): readonly ListedInstallment[] {
  return [installment, ...siblings.filter(({ number }) => number !== installment.number)]
    .filter(({ balanceCents }) => balanceCents > 0)
    .toSorted((one, other) => one.dueOn.localeCompare(other.dueOn) || one.number - other.number)
    .map(({ number, total, dueOn, balanceCents }) => ({
      number,
      total,
      dueOn,
      cents: balanceCents,
    }))
}

function present(
  values: Readonly<Record<BillingVariable, TemplateValue | undefined>>,
): TemplateValues {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

function money(cents: number): TemplateValue {
  return { type: 'money', cents, currency: 'BRL' }
}

function count(of: number): TemplateValue {
  return { type: 'count', count: of }
}

function line(text: string | undefined): string | undefined {
  const cleaned = safeName(text ?? '').replace(/\s+/g, ' ')
  return cleaned === '' ? undefined : cleaned
}

function link(text: string | undefined): string | undefined {
  const url = URL.parse(text?.trim() ?? '')
  return url?.protocol === 'https:' ? url.href : undefined
}

function pix({ pixCode, balanceCents }: BillingFacts['installment']): string | undefined {
  const reading = readPixCode(pixCode ?? '')
  if (!reading.ok) return undefined
  return (reading.amountCents ?? balanceCents) === balanceCents ? reading.code : undefined
}

function boleto(text: string | undefined): string | undefined {
  const reading = readBoletoLine(text ?? '')
  return reading.ok ? reading.shown : undefined
}

function bill({ reference = '', installment, movement }: BillingFacts): TemplateValue | undefined {
  const description = movement.description ?? ''
  const outcome = orderDetails({ referenceId: reference, installment, description })
  return outcome.ok ? { type: 'bill', order: outcome.order } : undefined
}

import type { TemplateValue, TemplateValues } from '../message-template.ts'

export interface StepFigures {
  readonly movement: {
    readonly amountCents: number
    readonly description?: string
    readonly companyName?: string
    readonly nfseLink?: string
  }
  readonly installment: ListedDebt & {
    readonly paymentLink?: string
    readonly pixCode?: string
    readonly boletoLine?: string
  }
  /** Open installments of the movement, with or without this one. */
  readonly siblings: readonly ListedDebt[]
  readonly person: { readonly name?: string }
  readonly company: { readonly name?: string }
  /** The day where the person is, `YYYY-MM-DD`. */
  readonly today: string
}

interface ListedDebt {
  readonly number: number
  readonly total: number
  /** `YYYY-MM-DD`. */
  readonly dueOn: string
  readonly balanceCents: number
}

const dayMs = 86_400_000

/** What a message of a step may say; what is not known is left out. */
export function stepVariables(figures: StepFigures): TemplateValues {
  const { movement, installment, person, company, today } = figures
  const late = Math.round((Date.parse(today) - Date.parse(installment.dueOn)) / dayMs)
  const others = figures.siblings.filter(({ number }) => number !== installment.number)
  const installments = [installment, ...others]
    .toSorted((one, other) => one.number - other.number)
    .map(({ number, total, dueOn, balanceCents }) => ({
      number,
      total,
      dueOn,
      cents: balanceCents,
    }))
  const known: Readonly<Record<string, TemplateValue | undefined>> = {
    personName: person.name,
    companyName: movement.companyName ?? company.name,
    movementDescription: movement.description,
    movementAmount: { type: 'money', cents: movement.amountCents, currency: 'BRL' },
    installmentAmount: { type: 'money', cents: installment.balanceCents, currency: 'BRL' },
    installments: { type: 'installments', installments },
    dueDate: { type: 'date', date: installment.dueOn },
    daysLate: { type: 'count', count: Math.max(0, late) },
    daysLeft: { type: 'count', count: Math.max(0, -late) },
    paymentLink: installment.paymentLink,
    nfseLink: movement.nfseLink,
    pixCode: installment.pixCode,
    boletoLine: installment.boletoLine,
  }
  return Object.fromEntries(
    Object.entries(known).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

import type { BillingVariable } from './billing-variables.ts'

/** The steps of a ladder, from the invoice to the last word about it. */
export const billingSteps = [
  'new-invoice',
  'reminder',
  'due-today',
  'first-notice',
  'second-notice',
  'final-notice',
] as const
export type BillingStep = (typeof billingSteps)[number]

const early: readonly BillingVariable[] = ['daysLate']
const late: readonly BillingVariable[] = ['daysLeft']

/** Variables that say nothing at a step: days late before the due day, days left after it. */
export const absentAtStep: Readonly<Record<BillingStep, readonly BillingVariable[]>> = {
  'new-invoice': early,
  reminder: early,
  'due-today': [...early, ...late],
  'first-notice': late,
  'second-notice': late,
  'final-notice': late,
}

import type { TemplateValue } from '../message-template.ts'
import type { BillingVariable } from './billing-variables.ts'

/** Values as long as they may well get: what fits with them fits. */
export const longestValues: Readonly<Record<BillingVariable, TemplateValue>> = {
  personName: 'Maria Aparecida dos Santos Albuquerque Cavalcanti',
  firstName: 'Maria Aparecida',
  companyName: 'Escola de Idiomas Nova Aurora',
  movementDescription: 'Curso anual de inglês para adultos, turma da noite, com material',
  movementAmount: { type: 'money', cents: 123_456_789, currency: 'BRL' },
  installmentAmount: { type: 'money', cents: 123_456_789, currency: 'BRL' },
  installmentNumber: { type: 'count', count: 120 },
  installmentTotal: { type: 'count', count: 120 },
  installments: {
    type: 'installments',
    installments: Array.from({ length: 12 }, (_, at) => ({
      number: at + 1,
      total: 12,
      dueOn: '2026-12-31',
      cents: 123_456_789,
    })),
  },
  dueDate: { type: 'date', date: '2026-12-31' },
  daysLate: { type: 'count', count: 365 },
  daysLeft: { type: 'count', count: 365 },
  paymentLink: `https://pagar.exemplo.com.br/${'a'.repeat(170)}`,
  nfseLink: `https://nfse.exemplo.com.br/${'a'.repeat(170)}`,
  pixCode: 'x'.repeat(300),
  boletoLine: '83640000001-1 33120138000-2 81288462711-6 08013618155-1',
  bill: {
    type: 'bill',
    order: {
      ...{ referenceId: 'a'.repeat(60), totalCents: 123_456_789, description: 'a'.repeat(60) },
      payments: [{ type: 'link', url: `https://pagar.exemplo.com.br/${'a'.repeat(170)}` }],
    },
  },
}

/** Bodies of `POST /business-events`. */
const movement = {
  movementId: 'mov-2026-0042',
  description: 'Mensalidade de novembro',
  companyName: 'Escola Exemplo',
  amountCents: 30_000,
  currency: 'BRL',
  nfseLink: 'https://nfse.exemplo.com.br/42',
  person: {
    externalId: '8812',
    name: 'Ana Lima',
    contacts: [
      { channel: 'WHATSAPP', address: '+5511987654321' },
      { channel: 'EMAIL', address: 'ana@example.com' },
    ],
  },
}

const installment = {
  installmentId: 'par-2026-0042-1',
  movementId: 'mov-2026-0042',
  number: 1,
  total: 3,
  dueOn: '2026-12-10',
  amountCents: 10_000,
  paymentLink: 'https://pagar.exemplo.com.br/42-1',
}

const told = (type: string, version: number, more: object) => ({
  eventId: `evt-${type}-${version}`,
  type,
  version,
  occurredAt: '2026-11-20T09:00:00-03:00',
  schemaVersion: 1,
  ...more,
})

export const businessEventsExamples = {
  'a sale in installments': {
    events: [
      told('movement.created', 1, { movement }),
      told('installment.created', 1, { installment }),
    ],
  },
  'another due date, and a part of it paid': {
    events: [
      told('installment.updated', 2, {
        installment: { ...installment, dueOn: '2026-12-20', balanceCents: 4_000 },
      }),
    ],
  },
  renegotiated: {
    events: [
      told('installment.updated', 3, { installment: { ...installment, status: 'RENEGOTIATED' } }),
    ],
  },
  paid: {
    events: [
      told('installment.paid', 4, {
        installment: { ...installment, paidAt: '2026-12-09T15:30:00-03:00' },
      }),
    ],
  },
  cancelled: {
    events: [
      told('installment.cancelled', 5, { installment }),
      told('movement.cancelled', 2, { movement }),
    ],
  },
} as const

import type { BoundSource, MailSource } from '#shared/domain/message-template.ts'

export const mailSource = (subject: string): MailSource => ({
  channel: 'EMAIL',
  subject,
  blocks: [
    { type: 'paragraph', text: 'Olá, {{nome}}. Vence em {{dias|dia|dias}}.' },
    { type: 'button', label: 'Pagar', url: 'https://a.test/{{nome}}' },
  ],
})
export const boundSource: BoundSource = {
  channel: 'WHATSAPP',
  providerTemplate: { name: 'parcela_a_vencer', language: 'pt_BR' },
  body: ['{{nome}}: {{parcelas}}'],
}
export const variables = { nome: '<b>Ana</b>', dias: { type: 'count', count: 1 } } as const
export const parcelas = {
  type: 'installments',
  installments: [1, 2].map((number) => ({ number, total: 2, dueOn: '2026-12-05', cents: 5000 })),
} as const

import type { MailReceipt } from '#shared/domain/email-notice.ts'
import type { EmailDelivery } from '#shared/ports/email-provider.ts'

export const attemptId = '0198c1d2-7b1e-4c3e-9d52-0a4b8f1d6e01'

/** A mail with everything usual, or with something else in its place. */
export const delivery = (more: Partial<EmailDelivery> = {}): EmailDelivery => ({
  attemptId,
  tenantId: '7',
  from: { address: 'atendimento@exemplo.com.br', name: 'Cobrança Exemplo' },
  to: { address: 'ana@cliente.com.br', name: 'Ana "Aninha" Souza' },
  replyTo: 'chat+01j9abcdefghijkl@in.exemplo.com.br',
  subject: 'Olá, Ana 👋',
  text: 'Segue a nota.\nAtenção: vence amanhã.',
  attachments: [],
  messageRefs: { references: [] },
  configurationSet: 'chat',
  ...more,
})

/** How SES took a mail in, usually. */
export const receipt = (more: Partial<MailReceipt> = {}): MailReceipt => ({
  sesMessageId: 'o3vrnil0e2ic28tr',
  returnPath: 'ana@cliente.com.br',
  recipients: ['chat+01j9abcdefghijkl@in.exemplo.com.br'],
  verdicts: { spam: 'PASS', virus: 'PASS', spf: 'PASS', dkim: 'PASS', dmarc: 'GRAY' },
  occurredAt: '2026-11-23T12:00:00.000Z',
  ...more,
})

/** A raw mail. */
export const message = (headers: readonly string[], body = 'oi') =>
  `${headers.join('\r\n')}\r\n\r\n${body}`

export const from = 'From: Ana <ana@cliente.com.br>'

export const b64 = (text: string) => Buffer.from(text).toString('base64')

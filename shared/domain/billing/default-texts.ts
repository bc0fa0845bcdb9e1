import type { BillingStep } from './billing-steps.ts'

export type WayToPay = 'link' | 'pix' | 'boleto'

interface StepTexts {
  /** Of a mail; what the mailbox shows beside it is the first paragraph. */
  readonly subject: string
  readonly heading: string
  readonly paragraphs: readonly string[]
  /** Whether the mail lists all that is open. */
  readonly hasList: boolean
  /** What WhatsApp says between greeting and way to pay; names are those of `metaParameters`. */
  readonly whatsapp: string
}

const paid = 'Se o pagamento já foi feito, desconsidere esta mensagem.'
const talk = 'Se preferir outra forma de pagar ou outra data, responda a esta mensagem.'
const about =
  'parcela {{installmentNumber}} de {{installmentTotal}} de {{movementDescription}}, no valor de {{installmentAmount}}'
const shortAbout = 'parcela {{parcela}} de {{descricao}}, no valor de {{valor}}'

/** What each step says: short, without a threat, with who writes, what it is about and what to do. */
export const stepTexts: Readonly<Record<BillingStep, StepTexts>> = {
  'new-invoice': {
    subject: 'Nova fatura de {{companyName}}',
    heading: 'Sua fatura chegou',
    paragraphs: [`Olá, {{firstName}}. Segue a ${about}. O vencimento é em {{dueDate}}.`],
    hasList: true,
    whatsapp: `Aqui é {{empresa}}. Já está disponível a ${shortAbout}, com vencimento em {{vencimento}}.`,
  },
  reminder: {
    subject: 'Lembrete: sua fatura vence em {{dueDate}}',
    heading: 'Sua fatura vence em {{daysLeft|dia|dias}}',
    paragraphs: [`Olá, {{firstName}}. Este é um lembrete da ${about}.`, paid],
    hasList: false,
    whatsapp: `Aqui é {{empresa}}. Lembramos que a ${shortAbout}, vence em {{vencimento}}.`,
  },
  'due-today': {
    subject: 'Sua fatura de {{companyName}} vence hoje',
    heading: 'Sua fatura vence hoje',
    paragraphs: [`Olá, {{firstName}}. Hoje é o vencimento da ${about}.`, paid],
    hasList: false,
    whatsapp: `Aqui é {{empresa}}. Hoje, {{vencimento}}, vence a ${shortAbout}.`,
  },
  'first-notice': {
    subject: 'Sua fatura de {{companyName}} está em aberto',
    heading: 'Não encontramos o seu pagamento',
    paragraphs: [
      `Olá, {{firstName}}. Ainda não encontramos o pagamento da ${about}, com vencimento em {{dueDate}}.`,
      paid,
    ],
    hasList: false,
    whatsapp: `Aqui é {{empresa}}. Ainda não encontramos o pagamento da ${shortAbout}, com vencimento em {{vencimento}}.`,
  },
  'second-notice': {
    subject: 'Sua fatura de {{companyName}} continua em aberto',
    heading: 'Sua fatura continua em aberto',
    paragraphs: [
      `Olá, {{firstName}}. Há {{daysLate|dia|dias}} está em aberto a ${about}, com vencimento em {{dueDate}}.`,
      paid,
      talk,
    ],
    hasList: true,
    whatsapp: `Aqui é {{empresa}}. Continua em aberto a ${shortAbout}, com vencimento em {{vencimento}}. ${talk}`,
  },
  'final-notice': {
    subject: 'Podemos ajudar com a sua fatura de {{companyName}}?',
    heading: 'Podemos ajudar?',
    paragraphs: [
      `Olá, {{firstName}}. A ${about}, venceu em {{dueDate}} e segue em aberto há {{daysLate|dia|dias}}.`,
      talk,
      paid,
    ],
    hasList: true,
    whatsapp: `Aqui é {{empresa}}. Segue em aberto a ${shortAbout}, com vencimento em {{vencimento}}. ${talk}`,
  },
}

/** Meta's named parameters and what fills them. */
export const metaParameters = {
  nome: '{{firstName}}',
  empresa: '{{companyName}}',
  parcela: '{{installmentNumber}}/{{installmentTotal}}',
  descricao: '{{movementDescription}}',
  valor: '{{installmentAmount}}',
  vencimento: '{{dueDate}}',
} as const

/** How people pay, as WhatsApp says it, and the variable behind it. */
export const metaWays: Readonly<
  Record<WayToPay, { readonly text: string; readonly parameter: string; readonly fill: string }>
> = {
  link: { text: 'Para ver e pagar: {{link}}', parameter: 'link', fill: '{{paymentLink}}' },
  pix: { text: 'PIX copia e cola: {{pix}}', parameter: 'pix', fill: '{{pixCode}}' },
  boleto: { text: 'Linha do boleto: {{boleto}}', parameter: 'boleto', fill: '{{boletoLine}}' },
}

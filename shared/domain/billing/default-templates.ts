import type { BoundSource, MailBlock, MailSource } from '../message-template.ts'
import { absentAtStep, type BillingStep } from './billing-steps.ts'
import { metaParameters, metaWays, stepTexts, type WayToPay } from './default-texts.ts'

/** A template that a company may begin with, on both channels. */
export interface DefaultTemplate {
  readonly step: BillingStep
  /** Of ours, the same on both channels. */
  readonly name: BillingStep
  readonly language: 'pt-BR'
  readonly mail: MailSource
  readonly whatsapp: BoundSource
  /** What Meta has to approve first. */
  readonly metaTemplate: MetaTemplate
}

/** A definition for `POST /{WABA_ID}/message_templates`, whose parameters are named. */
interface MetaTemplate {
  readonly name: string
  readonly language: 'pt_BR'
  readonly category: 'UTILITY'
  readonly parameterFormat: 'NAMED'
  readonly body: string
  /** A value of each parameter, which Meta asks for. */
  readonly examples: Readonly<Record<string, string>>
  readonly footer: string
}

const steps = Object.keys(absentAtStep) as BillingStep[]
const footer = 'Mensagem automática. Responda para falar com a gente.'
const closing = 'Se já pagou, desconsidere.'
const metaExamples: Readonly<Record<string, string>> = {
  nome: 'Maria',
  empresa: 'Escola Aurora',
  parcela: '2/3',
  descricao: 'Curso de inglês',
  valor: 'R$ 300,00',
  vencimento: '01/03/2026',
  link: 'https://pagar.exemplo.com.br/abc',
  pix: '00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***63041D3D',
  boleto: '00190.50095 40144.816069 06809.350314 3 37370000000100',
}

const mailWays: Readonly<Record<WayToPay, MailBlock>> = {
  link: { type: 'button', label: 'Ver e pagar', url: '{{paymentLink}}' },
  pix: { type: 'code', label: 'PIX copia e cola', value: '{{pixCode}}' },
  boleto: { type: 'code', label: 'Linha digitável do boleto', value: '{{boletoLine}}' },
}

const openList: readonly MailBlock[] = [
  { type: 'paragraph', text: 'Parcelas em aberto:' },
  { type: 'installments', variable: 'installments' },
]

/** One template for each step, in their order. Each one names one way to pay: what has none waits. */
export function defaultTemplates(way: WayToPay): readonly DefaultTemplate[] {
  return steps.map((step) => ({
    step,
    name: step,
    language: 'pt-BR',
    mail: mailOf(step, way),
    whatsapp: boundOf(step, way),
    metaTemplate: metaOf(step, way),
  }))
}

function mailOf(step: BillingStep, way: WayToPay): MailSource {
  const { subject, heading, paragraphs, hasList } = stepTexts[step]
  const [first = '', ...others] = paragraphs
  return {
    channel: 'EMAIL',
    subject,
    preheader: 'Parcela {{installmentNumber}}/{{installmentTotal}}: {{installmentAmount}}',
    blocks: [
      { type: 'heading', text: heading },
      { type: 'paragraph', text: first },
      {
        type: 'facts',
        rows: [
          { label: 'Empresa', value: '{{companyName}}' },
          { label: 'Referente a', value: '{{movementDescription}}' },
          { label: 'Valor', value: '{{installmentAmount}}' },
          { label: 'Vencimento', value: '{{dueDate}}' },
        ],
      },
      mailWays[way],
      ...(hasList ? openList : []),
      ...others.map((text) => ({ type: 'paragraph', text }) as const),
    ],
  }
}

function boundOf(step: BillingStep, way: WayToPay): BoundSource {
  const { parameter, fill } = metaWays[way]
  return {
    channel: 'WHATSAPP',
    providerTemplate: { name: metaName(step, way), language: 'pt_BR' },
    body: { ...metaParameters, [parameter]: fill },
  }
}

/** A body neither begins nor ends with a parameter: Meta refuses it. */
function metaOf(step: BillingStep, way: WayToPay): MetaTemplate {
  const { text, parameter } = metaWays[way]
  const names = [...Object.keys(metaParameters), parameter]
  return {
    name: metaName(step, way),
    language: 'pt_BR',
    category: 'UTILITY',
    parameterFormat: 'NAMED',
    body: `Olá, {{nome}}. ${stepTexts[step].whatsapp}\n\n${text}\n\n${closing}`,
    examples: Object.fromEntries(names.map((name) => [name, metaExamples[name] ?? ''])),
    footer,
  }
}

function metaName(step: BillingStep, way: WayToPay): string {
  return `recado_${step.replaceAll('-', '_')}_${way}`
}

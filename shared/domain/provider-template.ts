import type { TemplateShape } from './template-shape.ts'

/** Meta's approved copy of a text, as last synced or told by webhook. */
export interface ProviderTemplate {
  /** Meta's account that owns it. */
  readonly wabaId: string
  readonly name: string
  readonly language: string
  readonly category: string
  /** The category that sends count on; another one that Meta gives blocks until it is accepted. */
  readonly acceptedCategory: string
  readonly status: string
  readonly quality: string | undefined
  readonly parameterFormat: 'POSITIONAL' | 'NAMED'
  readonly components: readonly unknown[]
  readonly shape: TemplateShape
  readonly syncedAt: string | undefined
  readonly updatedAt: string
}

/** Why a template is not sent now; the keys are stable, the sentences are for people (pt-BR). */
const blockSentences = {
  'template-disabled': 'O modelo foi desativado pelo WhatsApp. Crie outro no lugar dele.',
  'template-not-approved': 'O modelo não está aprovado pelo WhatsApp.',
  'template-paused':
    'O modelo está pausado pelo WhatsApp por baixa qualidade. Costuma voltar em algumas horas.',
  'template-recategorised':
    'O WhatsApp mudou a categoria do modelo, o que pode custar mais e exigir outro consentimento. Aceite a nova categoria para voltar a enviar.',
  'template-unsupported': 'O modelo tem partes que ainda não sabemos enviar.',
} as const

export interface TemplateBlock {
  readonly reason: keyof typeof blockSentences
  readonly text: string
}

const reasonsByStatus: Readonly<Record<string, TemplateBlock['reason']>> = {
  DISABLED: 'template-disabled',
  PAUSED: 'template-paused',
}

/** Undefined for a template that can be sent. A status that is not known to be good blocks. */
export function blockOf(template: ProviderTemplate): TemplateBlock | undefined {
  const reason = reasonFor(template)
  return reason && { reason, text: blockSentences[reason] }
}

function reasonFor(template: ProviderTemplate): TemplateBlock['reason'] | undefined {
  if (template.category !== template.acceptedCategory) return 'template-recategorised'
  if (template.status !== 'APPROVED') {
    return reasonsByStatus[template.status] ?? 'template-not-approved'
  }
  return template.shape.unsupported === undefined ? undefined : 'template-unsupported'
}

/**
 * Every reason for which a message may fail, with the sentence that a person reads (pt-BR).
 * The keys are stable: they are stored, counted and answered by the API.
 */
export const failureSentences = {
  'attachment-rejected': 'O servidor de e-mail da pessoa recusou um anexo da mensagem.',
  'billing-unreachable':
    'O sistema financeiro da empresa não respondeu. O envio será tentado de novo.',
  complaint: 'A pessoa marcou um e-mail da empresa como spam.',
  'contact-retired': 'Este contato foi retirado do cadastro da pessoa antes do envio.',
  'content-gone': 'O conteúdo da mensagem foi apagado antes do envio.',
  'content-rejected': 'O conteúdo do e-mail foi recusado.',
  'country-restricted': 'O WhatsApp não permite que a empresa escreva para pessoas deste país.',
  'ecosystem-limit':
    'O WhatsApp limitou as mensagens de marketing para esta pessoa. Tente de novo depois de 24 horas.',
  'email-daily-quota':
    'O limite diário de e-mails foi atingido. A entrega será tentada mais tarde.',
  'email-sending-paused': 'O envio de e-mails da empresa está suspenso.',
  'email-setup': 'O envio de e-mails da empresa não está corretamente configurado.',
  erased: 'Os dados desta pessoa foram apagados.',
  expired: 'O prazo para entregar a mensagem terminou.',
  'flow-blocked': 'O formulário usado na mensagem está bloqueado pelo WhatsApp.',
  'hard-bounce': 'O endereço de e-mail não existe ou não recebe mensagens.',
  'installment-cancelled': 'A cobrança foi cancelada antes do envio.',
  'installment-changed': 'A cobrança mudou antes do envio.',
  'installment-moved': 'O vencimento da cobrança mudou antes do envio.',
  'installment-paid': 'A cobrança foi paga antes do envio.',
  'installment-renegotiated': 'A cobrança foi renegociada antes do envio.',
  'invalid-request': 'O pedido de envio tem um dado inválido. Avise o suporte técnico.',
  'mailbox-full': 'A caixa de e-mail da pessoa está cheia.',
  'marketing-channel-required':
    'Este modelo não pode ser enviado por este canal do WhatsApp (marketing).',
  'marketing-stopped': 'A pessoa pediu para não receber mensagens de marketing.',
  'media-failed': 'O arquivo da mensagem não pôde ser enviado ou recebido.',
  'message-too-large': 'O e-mail é grande demais para ser entregue.',
  'opted-out': 'A pessoa pediu para não receber mensagens.',
  'provider-error': 'O WhatsApp respondeu com um erro sem explicação.',
  'provider-unavailable': 'O serviço de mensagens está fora do ar. A entrega será tentada de novo.',
  'rate-limited': 'O limite de envios foi atingido. A entrega será tentada mais tarde.',
  'recipient-address-invalid': 'O endereço de e-mail da pessoa não é válido.',
  'recipient-blocked': 'A empresa bloqueou este contato no WhatsApp.',
  'recipient-identity-changed':
    'A identidade da pessoa no WhatsApp mudou e precisa ser confirmada antes do envio.',
  'recipient-in-experiment':
    'O WhatsApp não entrega este tipo de mensagem a esta pessoa no momento. Use outro canal.',
  'recipient-is-sender': 'O número de destino é o próprio número da empresa.',
  'recipient-needs-phone': 'Esta mensagem só pode ser enviada a um número de telefone.',
  'recipient-not-allowed': 'O destino não está na lista de destinos permitidos para testes.',
  'recipient-suppressed':
    'O provedor de e-mail não entrega mais a este endereço, que já recusou mensagens.',
  'recipient-unreachable': 'O número não está no WhatsApp ou não pode receber mensagens.',
  'sender-identity': 'O endereço de e-mail da empresa não está confirmado no provedor.',
  'sender-payment': 'Há um problema de pagamento na conta do WhatsApp da empresa.',
  'sender-permission': 'A conta da empresa não tem permissão para enviar mensagens.',
  'sender-quality': 'O WhatsApp reduziu os envios deste número por causa da qualidade.',
  'sender-restricted': 'O WhatsApp bloqueou ou restringiu a conta da empresa.',
  'sender-setup': 'O número da empresa não está corretamente registrado no WhatsApp.',
  'sender-token': 'A chave de acesso do número da empresa é inválida ou venceu.',
  'service-window-closed':
    'Passaram mais de 24 horas desde a última mensagem da pessoa. Use um modelo aprovado.',
  'soft-bounce': 'O servidor de e-mail da pessoa não aceitou a mensagem.',
  suppressed:
    'O endereço da pessoa está bloqueado: já recusou mensagens ou alguém pediu que nada fosse enviado.',
  'template-disabled': 'O modelo de mensagem foi desativado pelo WhatsApp.',
  'template-missing': 'O modelo de mensagem não existe ou não foi aprovado neste idioma.',
  'template-not-approved': 'O modelo de mensagem não está aprovado pelo WhatsApp.',
  'template-parameters': 'As variáveis não combinam com o modelo de mensagem.',
  'template-paused': 'O modelo de mensagem está pausado pelo WhatsApp.',
  'template-policy': 'O conteúdo do modelo fere as regras do WhatsApp.',
  'template-recategorised':
    'O WhatsApp mudou a categoria do modelo de mensagem. Confirme a nova categoria antes de enviar.',
  'unknown-error': 'O envio falhou por um motivo que ainda não conhecemos.',
  'unsupported-content': 'Este tipo de conteúdo não pode ser enviado por este canal.',
  'virus-found': 'O provedor encontrou um vírus no e-mail e não o enviou.',
} as const satisfies Record<string, string>

export type FailureReason = keyof typeof failureSentences

/**
 * What a failure asks for.
 * - `retry`: certainly not sent, try again later
 * - `rate-limited`: told to wait
 * - `permanent`: this message will never go
 * - `stop-sender`: nothing will go from this number until somebody acts
 * - `configuration`: a mistake of ours in the request or the account; this message will never go
 * - `recipient-stopped`: permanent, and the recipient is to be suppressed
 */
export type FailureClass =
  | 'retry'
  | 'rate-limited'
  | 'permanent'
  | 'stop-sender'
  | 'configuration'
  | 'recipient-stopped'

/** The sentence of a stored reason; one of no known form has the sentence of the unknown. */
export function failureSentence(reason: string | undefined): string {
  const known: Readonly<Record<string, string>> = failureSentences
  return Object.hasOwn(known, reason ?? '')
    ? (known[reason ?? ''] ?? '')
    : failureSentences['unknown-error']
}

/** Who takes part in the story, what they say and when the phones report. */

/** Far enough apart that each report can be seen on its own. */
export const unhurried = { sentMs: 300, deliveredMs: 600, readMs: 900 }
/** Late enough that the message is seen as UNKNOWN before a report tells better. */
export const silent = { sentMs: 2000, deliveredMs: 2300, readMs: 2600 }

export const ana = { externalId: '8812', name: 'Ana Lima', phone: '+5511987654321' }
/** The simulator takes a message to this number and resets the connection instead of answering. */
export const bruno = { externalId: '8813', name: 'Bruno Reis', phone: '+5519900000011' }

export const greeting = { type: 'template', name: 'aviso_geral', language: 'pt_BR' }
export const welcome = {
  type: 'text',
  text: 'Olá, Ana! Sua parcela de novembro vence no dia 10. Posso ajudar?',
}
export const reminder = {
  type: 'template',
  name: 'parcela_a_vencer',
  language: 'pt_BR',
  variables: { body: { nome: 'Ana', valor: 'R$ 412,50', vencimento: '10/12/2026' } },
}
export const consent = 'Oi! Podem falar comigo por aqui.'
export const answer = 'Já paguei hoje cedo, obrigada.'
export const receipt = {
  type: 'template',
  name: 'pagamento_confirmado',
  language: 'pt_BR',
  variables: { body: ['Bruno', 'R$ 412,50'] },
}

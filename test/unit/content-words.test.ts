import { describe, expect, it } from 'vitest'
import type { MessageContent } from '#shared/domain/content.ts'
import { contentWords } from '#shared/domain/content-words.ts'

const rows: readonly (readonly [MessageContent, string])[] = [
  [{ type: 'text', text: 'Olá' }, 'Olá'],
  [
    { type: 'email', subject: 'Boleto', text: 'Segue.', html: '<p>Segue.</p>', quotedText: '> Oi' },
    'Boleto\nSegue.\n> Oi',
  ],
  [
    {
      ...{ type: 'interactive', kind: 'buttons', body: 'Como prefere?', footer: 'Loja' },
      header: { type: 'text', text: 'Pagamento' },
      buttons: [
        { id: 'p', title: 'Pix' },
        { id: 'b', title: 'Boleto' },
      ],
    },
    'Pagamento\nComo prefere?\nLoja\nPix\nBoleto',
  ],
  [
    {
      ...{ type: 'interactive', kind: 'list', body: 'Escolha', button: 'Abrir' },
      sections: [
        { title: 'Datas', rows: [{ id: '1', title: 'Dia 5', description: 'sem juros' }] },
        { rows: [{ id: '2', title: 'Dia 20' }] },
      ],
    },
    'Escolha\nDatas\nDia 5: sem juros\nDia 20',
  ],
  [
    {
      ...{ type: 'interactive', kind: 'cta_url', body: 'Pague aqui' },
      ...{ displayText: 'Pagar', url: 'https://loja.example/1' },
    },
    'Pague aqui\nPagar: https://loja.example/1',
  ],
  [
    { type: 'reply', kind: 'list', id: '1', title: 'Dia 5', description: 'sem juros' },
    'Dia 5\nsem juros',
  ],
  [{ type: 'reaction', emoji: '👍' }, '👍'],
]

describe('the words of a content', () => {
  it.each(rows)('are what somebody reads: %j', (content, words) => {
    expect(contentWords(content)).toBe(words)
  })

  it.each<MessageContent>([
    { type: 'template', name: 'cobranca', language: 'pt_BR', variables: { body: ['Ana'] } },
    { type: 'document', mediaId: 'm', filename: 'boleto.pdf' },
    { type: 'reply', kind: 'flow', title: 'Enviado', response: { cpf: '1' } },
    { type: 'reply', kind: 'button', id: 'sim' },
  ])('are all of it where it has none of its own: %j', (content) => {
    expect(JSON.parse(contentWords(content))).toEqual(content)
  })
})

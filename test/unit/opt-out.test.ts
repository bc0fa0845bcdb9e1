import { describe, expect, it } from 'vitest'
import { optOutConfirmation, optOutWord } from '#shared/domain/opt-out.ts'

const said = (text: string) => optOutWord({ type: 'text', text })

describe('a word against or for being written to', () => {
  it.each([
    'SAIR',
    'sair',
    'Sair.',
    '  SAIR  ',
    '"sair"',
    '*SAIR*',
    '🛑 SAIR 🛑',
    'sáir',
    'ＳＡＩＲ',
    'SA\u200bIR',
    '…sair!!!\n',
    'Parar',
    'PÁRAR',
    'stop',
    'STOP!',
    '✋🏽stop',
    'Cancelar',
    'cancelar 🙏',
  ])('%j is a stop', (text) => {
    expect(said(text)).toBe('stop')
  })

  it.each(['VOLTAR', 'voltar', ' Voltar. ', '🙂 voltar'])('%j is a resumption', (text) => {
    expect(said(text)).toBe('resume')
  })

  it.each([
    'Quero sair',
    'sair da lista',
    'não quero parar',
    'SAIR 1',
    'sairam',
    'cancelar boleto',
    'posso voltar?',
    'stop stop',
    's a i r',
    'SAIR, VOLTAR',
    '',
    '🛑',
    `sair${'!'.repeat(200)}`,
  ])('%j is none', (text) => {
    expect(said(text)).toBeUndefined()
  })

  it('a button counts by its title or its id, a row of a list does not', () => {
    const reply = { type: 'reply', kind: 'template-button' } as const
    expect(optOutWord({ ...reply, title: 'Parar', id: 'x' })).toBe('stop')
    expect(optOutWord({ ...reply, kind: 'button', title: 'Não quero mais', id: 'STOP' })).toBe(
      'stop',
    )
    expect(optOutWord({ ...reply, title: 'Pagar', id: 'x' })).toBeUndefined()
    expect(optOutWord({ ...reply, kind: 'list', title: 'Voltar' })).toBeUndefined()
    expect(optOutWord({ type: 'image', mediaId: '1', caption: 'SAIR' })).toBeUndefined()
  })

  it('is confirmed in the words of the tenant, else of the product', () => {
    expect(optOutConfirmation('stop', 'Até mais!')).toBe('Até mais!')
    expect(optOutConfirmation('stop', '')).toBeUndefined()
    expect(optOutConfirmation('stop', undefined)).toMatch(/^Pronto: você não vai mais receber/)
    expect(optOutConfirmation('resume', '')).toMatch(/^Pronto: você voltou a receber/)
  })
})

describe('a mail', () => {
  const mail = (text: string, subject = 'Re: Cobrança') =>
    optOutWord({ type: 'email', subject, text })

  it.each([
    ['SAIR', 'stop'],
    ['\n\n  Sair.  \n\nAna Souza\nCliente Ltda.', 'stop'],
    ['Voltar\nAna', 'resume'],
    [`parar\n${'x'.repeat(490)}`, 'stop'],
  ])('%j says by its first line: %s', (text, word) => {
    expect(mail(text)).toBe(word)
  })

  it.each(['Quero sair\n', 'Bom dia\nSAIR', `parar\n${'x'.repeat(500)}`, 'Sair da lista\nAna'])(
    '%j asks for something else',
    (text) => {
      expect(mail(text)).toBeUndefined()
    },
  )

  it('without a text says it by its subject, and never by it otherwise', () => {
    expect(mail('', 'SAIR')).toBe('stop')
    expect(mail(' \n', 'Voltar')).toBe('resume')
    expect(mail('Oi', 'SAIR')).toBeUndefined()
    expect(mail('', 'Re: SAIR')).toBeUndefined()
  })
})

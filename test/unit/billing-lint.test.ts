import { describe, expect, it } from 'vitest'
import { type LintRules, lintTemplate } from '#shared/domain/billing/billing-lint.ts'
import { didYouMean } from '#shared/domain/billing/did-you-mean.ts'
import type { BoundSource, MailBlock, MailSource } from '#shared/domain/message-template.ts'

const rules: LintRules = {
  knownVariables: [
    'companyName',
    'firstName',
    'daysLate',
    'dueDate',
    'paymentLink',
    'installments',
  ],
  absentVariables: ['daysLate'],
}
const sampled = (values: NonNullable<LintRules['sample']>['values']): LintRules => ({
  ...rules,
  absentVariables: [],
  sample: {
    values,
    write: (value) => (typeof value === 'string' ? value : value.type === 'count' ? '10' : '?'),
  },
})

/** Nothing is wrong with it. */
const good: MailSource = {
  channel: 'EMAIL',
  subject: 'Fatura de {{companyName}}',
  blocks: [
    { type: 'paragraph', text: 'Olá, {{firstName}}.' },
    { type: 'button', label: 'Ver e pagar', url: '{{paymentLink}}' },
  ],
}
const mail = (block: MailBlock): MailSource => ({ ...good, blocks: [...good.blocks, block] })
const say = (text: string) => mail({ type: 'paragraph', text })
const bound = (body: BoundSource['body']): BoundSource => ({
  channel: 'WHATSAPP',
  providerTemplate: { name: 'aviso', language: 'pt_BR' },
  header: { empresa: '{{companyName}}' },
  ...(body !== undefined && { body }),
})

const found = (source: MailSource | BoundSource, given = rules) =>
  lintTemplate(source, given).map(({ code, severity, path }) => [code, severity, path])

describe('lintTemplate', () => {
  it('finds nothing in a good template', () => {
    expect(lintTemplate(good, rules)).toEqual([])
    expect(lintTemplate(bound({ nome: '{{firstName}}', link: '{{paymentLink}}' }), rules)).toEqual(
      [],
    )
  })

  it.each<[string, MailSource, string]>([
    ['an unknown variable', say('{{valor}}'), 'unknown-variable blocks.2.text'],
    ['one of another case', say('{{duedate}}'), 'unknown-variable blocks.2.text'],
    ['one that the step lacks', say('{{daysLate|dia|dias}}'), 'absent-variable blocks.2.text'],
    ['a space within', say('{{ dueDate }}'), 'malformed-variable blocks.2.text'],
    ['one form of two', say('{{daysLate|dia}}'), 'malformed-variable blocks.2.text'],
    ['an empty form', say('{{daysLate|dia| }}'), 'malformed-variable blocks.2.text'],
    ['an open brace', say('{{dueDate'), 'malformed-variable blocks.2.text'],
    ['a closed brace', say('dueDate}}'), 'malformed-variable blocks.2.text'],
    ['no text', say(' '), 'empty blocks.2.text'],
    [
      'an unknown list',
      mail({ type: 'installments', variable: 'parcelas' }),
      'unknown-variable blocks.2.variable',
    ],
    [
      'a fact',
      mail({ type: 'facts', rows: [{ label: 'Até', value: '{{x}}' }] }),
      'unknown-variable blocks.2.rows.0.value',
    ],
    [
      'a code',
      mail({ type: 'code', label: 'PIX', value: '{{x}}' }),
      'unknown-variable blocks.2.value',
    ],
    [
      'a link that is not https',
      mail({ type: 'button', label: 'Ver', url: 'http://a.com.br' }),
      'not-https blocks.2.url',
    ],
    ['a preheader', { ...good, preheader: '{{x}}' }, 'unknown-variable preheader'],
    ['a threat', say('Evite o protesto.'), 'threat blocks.2.text'],
    [
      'a label',
      mail({ type: 'button', label: 'Limpe seu nome', url: 'https://a.com.br' }),
      'threat blocks.2.label',
    ],
  ])('refuses %s', (_, source, fault) => {
    expect(found(source)).toEqual([[fault.split(' ')[0], 'error', fault.split(' ')[1]]])
  })

  it('names the nearest variable', () => {
    const texts = (name: string) => lintTemplate(say(`{{${name}}}`), rules).map(({ text }) => text)
    expect(texts('dueDat')).toEqual(['A variável “dueDat” não existe. Você quis dizer “dueDate”?'])
    expect(texts('valor')).toEqual(['A variável “valor” não existe.'])
  })

  it('wants a number where there are two forms', () => {
    const counts = sampled({ daysLate: { type: 'count', count: 10 }, firstName: 'Ana' })
    expect(found(say('{{daysLate|dia|dias}}'), counts)).toEqual([])
    expect(found(say('{{firstName|dia|dias}}'), counts)).toEqual([
      ['not-a-count', 'error', 'blocks.2.text'],
    ])
  })

  it.each([
    [78, []],
    [79, [['subject-too-long', 'warning', 'subject']]],
  ])('of a subject of %i characters says %j', (length, findings) => {
    const subject = `{{companyName}}${'é'.repeat(length - 6)}`
    expect(found({ ...good, subject }, sampled({ companyName: 'Aurora' }))).toEqual(findings)
  })

  it('warns of a mail that says neither who writes nor how to pay', () => {
    expect(found({ channel: 'EMAIL', subject: 'Aviso', blocks: [] })).toEqual([
      ['no-way-to-pay', 'warning', ''],
      ['no-company-name', 'warning', ''],
    ])
  })

  it('counts a mail as a whole', () => {
    const long = 'palavra '.repeat(6300)
    expect(found(say(long))).toEqual([['total-too-long', 'error', 'blocks']])
  })
})

describe('lintTemplate of WhatsApp', () => {
  const pay = { link: '{{paymentLink}}' }

  it.each<[string, BoundSource['body'], readonly (readonly string[])[]]>([
    ['a line break', { ...pay, a: 'um\ndois' }, [['not-one-line', 'error', 'body.a']]],
    ['a tab', { ...pay, a: 'um\tdois' }, [['not-one-line', 'error', 'body.a']]],
    ['five spaces', { ...pay, a: 'um     dois' }, [['not-one-line', 'error', 'body.a']]],
    ['nothing', { ...pay, a: '' }, [['empty', 'error', 'body.a']]],
    [
      'a threat',
      { ...pay, a: 'cobrança judicial' },
      [
        ['threat', 'error', 'body.a'],
        ['debt-collection', 'warning', 'body.a'],
      ],
    ],
  ])('refuses %s', (_, body, findings) => {
    expect(found(bound(body))).toEqual(findings)
  })

  it('counts a parameter and the body as they may be filled', () => {
    const of = (length: number) => sampled({ firstName: 'x'.repeat(length) })
    expect(found(bound(['{{firstName}}', '{{paymentLink}}']), of(1024))).toEqual([])
    expect(found(bound(['{{firstName}}', '{{paymentLink}}']), of(1025))).toEqual([
      ['too-long', 'error', 'body.0'],
      ['total-too-long', 'error', 'body'],
    ])
    expect(found(bound(['{{firstName}}', '{{firstName}}', '{{paymentLink}}']), of(600))).toEqual([
      ['total-too-long', 'error', 'body'],
    ])
  })

  it('reads buttons', () => {
    const buttons: BoundSource['buttons'] = [
      { index: 0, type: 'url', text: '{{paymentLink}}' },
      { index: 1, type: 'quick_reply', payload: '{{x}}' },
      { index: 2, type: 'copy_code', code: '{{companyName}}{{y}}' },
    ]
    expect(found({ ...bound(undefined), buttons })).toEqual([
      ['unknown-variable', 'error', 'buttons.1.payload'],
      ['unknown-variable', 'error', 'buttons.2.code'],
    ])
  })
})

describe('didYouMean', () => {
  const known = ['dueDate', 'daysLate', 'daysLeft', 'pixCode']
  it.each([
    ['DUEDATE', 'dueDate'],
    ['dayLate', 'daysLate'],
    ['daysLeff', 'daysLeft'],
    ['pix', undefined],
    ['', undefined],
  ])('%j: %j', (word, near) => {
    expect(didYouMean(word, known)).toBe(near)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { boundContent } from '#shared/domain/bound-template.ts'
import { addressFault, mailParts, mailText } from '#shared/domain/mail-template.ts'
import type {
  BoundSource,
  MailBlock,
  MailSource,
  TemplateValue,
  TemplateValues,
} from '#shared/domain/message-template.ts'
import { fillText } from '#shared/domain/template-fill.ts'
import { placeholderFault } from '#shared/domain/template-placeholders.ts'
import { boundShape, variablesOf } from '#shared/domain/template-source.ts'
import { valueText } from '#shared/domain/template-values.ts'

const language = 'pt-BR'
const count = (of: number) => ({ type: 'count', count: of }) as const
const money = (cents: number) => ({ type: 'money', cents, currency: 'BRL' }) as const
const installments = (total: number) =>
  ({
    type: 'installments',
    installments: Array.from({ length: total }, (_, place) => ({
      ...{ number: place + 1, total, dueOn: '2026-12-05', cents: 10_000 },
    })),
  }) as const

/** A value, and how it is written in pt-BR. */
const written: readonly (readonly [TemplateValue, string])[] = [
  [money(123_456), 'R$ 1.234,56'],
  [money(5), 'R$ 0,05'],
  [money(-10_000), '-R$ 100,00'],
  [money(1_000_000_000_000), 'R$ 10.000.000.000,00'],
  [{ type: 'date', date: '2026-12-05' }, '05/12/2026'],
  [{ type: 'date', date: '2026-01-01' }, '01/01/2026'],
  [count(1234), '1.234'],
  [installments(2), '1/2 – 05/12/2026 – R$ 100,00; 2/2 – 05/12/2026 – R$ 100,00'],
  ['Ana\r\nBcc: x@y.z\u2028\u0000fim', 'Ana Bcc: x@y.z fim'],
  ['\ud800', '\ufffd'],
]

const faults: readonly (readonly [string, boolean])[] = [
  ['Olá, {{nome}}', false],
  ['{{dias|dia|dias}}', false],
  ['{ "a": { } } 100% {um}', false],
  ['{{}}', true],
  ['{{ nome }}', true],
  ['{{Nome}}', true],
  ['{{a-b}}', true],
  ['{{a|b}}', true],
  ['{{a|b|c|d}}', true],
  ['{{a||c}}', true],
  ['{{__proto__}}', true],
  ['{{#if a}}', true],
  ['{{{a}}}', true],
  ['{{a', true],
  ['a}}', true],
]

const addresses: readonly (readonly [string, boolean])[] = [
  ['https://a.test', false],
  ['https://a.test/p/{{id}}?x={{y}}', false],
  ['{{link}}', false],
  ['http://a.test', true],
  ['javascript:alert(1)', true],
  ['https://{{host}}/p', true],
  ['https://a.test{{id}}', true],
  ['https://u@a.test/', true],
]

describe('a value of a template', () => {
  it.each(written)('%j is written %s', (value, text) => {
    expect(valueText(value, language)).toBe(text)
  })

  it('follows the language', () => {
    expect(valueText(money(123_456), 'en-US')).toBe('R$1,234.56')
    expect(valueText({ type: 'date', date: '2026-12-05' }, 'en-US')).toBe('12/05/2026')
  })

  it('is one legal line of a WhatsApp parameter, however many installments there are', () => {
    const line = valueText(installments(60), language)
    expect(line).toMatch(/; 21\/60 – 05\/12\/2026 – R\$ 100,00 e mais 39$/)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), (total) => {
        const text = valueText(installments(total), language)
        expect(text.length).toBeLessThanOrEqual(700)
        expect(text).not.toMatch(/[\n\r\t\u00a0]| {5}/)
        const shown = text.split('; ').length
        expect(text.endsWith(` e mais ${total - shown}`) || shown === total).toBe(true)
      }),
    )
  })
})

describe('a text of a template', () => {
  it.each(faults)('%s has faults: %s', (text, isFaulty) => {
    expect(placeholderFault(text) !== undefined).toBe(isFaulty)
  })

  it('is filled in one pass: what a value holds is never read again', () => {
    const values = fc.dictionary(
      fc.constantFrom('a', 'b', 'c'),
      fc.constantFrom('{{a}}', '{{b}}', '{{b|x|y}}', '$&', '{{', '}}', 'x'),
      { noNullPrototype: true, minKeys: 3 },
    )
    fc.assert(
      fc.property(values, (given) => {
        const text = fillText('{{a}}-{{b}}-{{c}}', given, { language })
        expect(text).toBe(`${given.a}-${given.b}-${given.c}`)
      }),
    )
  })

  it.each([
    [0, '0 dia'],
    [1, '1 dia'],
    [2, '2 dias'],
    [1_000_000, '1.000.000 dias'],
  ])('says %i by the rules of the language: %s', (days, said) => {
    const text = fillText('vence em {{dias|dia|dias}}.', { dias: count(days) }, { language })
    expect(text).toBe(`vence em ${said}.`)
  })
})

const bound = (parts: Partial<BoundSource>): BoundSource => ({
  channel: 'WHATSAPP',
  providerTemplate: { name: 'lembrete', language: 'pt_BR' },
  ...parts,
})

describe('a source that is bound to a provider template', () => {
  const source = bound({
    header: { titulo: 'Olá, {{nome}}' },
    body: { valor: '{{valor}}', prazo: 'em {{dias|dia|dias}}' },
    buttons: [
      { index: 0, type: 'url', text: '{{id}}' },
      { index: 1, type: 'quick_reply', payload: 'paguei:{{id}}' },
      { index: 2, type: 'copy_code', code: '{{codigo}}' },
    ],
    ttlSeconds: 3600,
  })
  const values = { nome: 'Ana', valor: money(100), dias: count(1), id: 'x/1', codigo: 'ABC' }

  it('becomes its send', () => {
    expect(boundContent(source, { language, values })).toEqual({
      outcome: 'filled',
      content: {
        ...{ type: 'template', name: 'lembrete', language: 'pt_BR', ttlSeconds: 3600 },
        variables: {
          header: { titulo: 'Olá, Ana' },
          body: { valor: 'R$ 1,00', prazo: 'em 1 dia' },
          buttons: [
            { index: 0, type: 'url', text: 'x/1' },
            { index: 1, type: 'quick_reply', payload: 'paguei:x/1' },
            { index: 2, type: 'copy_code', code: 'ABC' },
          ],
        },
      },
    })
    expect(variablesOf(source)).toEqual(['codigo', 'dias', 'id', 'nome', 'valor'])
    expect(boundShape(source)).toEqual({
      header: { format: 'TEXT', params: ['titulo'] },
      body: ['prazo', 'valor'],
      buttons: [
        { index: 0, type: 'url' },
        { index: 2, type: 'copy_code' },
      ],
    })
  })

  it('shows the file that the message brings in its header', () => {
    const withFile = bound({ headerMedia: 'document' })
    const file = { mediaId: 'm', filename: 'boleto.pdf' }
    const filled = (source: BoundSource, attachments?: readonly (typeof file)[]) =>
      boundContent(source, { language, values: {}, attachments })
    expect(boundShape(withFile)).toEqual({ header: { format: 'DOCUMENT' } })
    expect(filled(withFile, [file])).toMatchObject({
      content: { variables: { headerMedia: { type: 'document', ...file } } },
    })
    expect(filled(bound({ headerMedia: 'image' }), [file])).toMatchObject({
      content: { variables: { headerMedia: { type: 'image', mediaId: 'm' } } },
    })
    for (const refused of [
      filled(withFile),
      filled(withFile, [file, file]),
      filled(bound({}), [file]),
    ]) {
      expect(refused).toMatchObject({ outcome: 'refused', problems: [{ path: 'attachments' }] })
    }
  })

  it('shows a bill by the name of its variable', () => {
    const button = { index: 0, type: 'order_details', variable: 'conta' } as const
    const source = bound({ buttons: [button] })
    const order = {
      ...{ referenceId: 'par-1', totalCents: 10_000, description: 'Mensalidade' },
      payments: [{ type: 'link', url: 'https://pagar.exemplo.com.br/1' } as const],
    }
    expect(variablesOf(source)).toEqual(['conta'])
    const filled = (values: TemplateValues) => boundContent(source, { language, values })
    expect(filled({ conta: { type: 'bill', order } })).toMatchObject({
      content: { variables: { buttons: [{ index: 0, type: 'order_details', order }] } },
    })
    for (const values of [{}, { conta: 'R$ 100,00' }]) {
      expect(filled(values)).toMatchObject({
        ...{ outcome: 'refused', problems: [{ path: 'variables.conta' }] },
      })
    }
  })

  it('without variables is filled by nothing', () => {
    expect(boundContent(bound({}), { language, values: {} })).toEqual({
      outcome: 'filled',
      content: { type: 'template', name: 'lembrete', language: 'pt_BR' },
    })
  })

  const days = '{{dias|dia|dias}}'
  const known = { dias: count(1) }
  it.each<{ what: string; body: readonly string[]; values: TemplateValues; problem: object }>([
    {
      what: 'a missing value',
      ...{ body: [days], values: {} },
      problem: { path: 'variables.dias', message: 'is missing' },
    },
    {
      what: 'a text for a count',
      ...{ body: [days], values: { dias: '3' } },
      problem: { path: 'variables.dias', message: 'must be a count' },
    },
    {
      what: 'what every object has',
      ...{ body: ['{{constructor}}', '{{constructor}}'], values: known },
      problem: { path: 'variables.constructor', message: 'is missing' },
    },
    {
      what: 'a parameter that Meta refuses',
      ...{ body: [days, '{{nome}}'], values: { ...known, nome: 'a     b' } },
      problem: {
        path: 'content.variables.body.1',
        message: expect.stringContaining('four spaces'),
      },
    },
    {
      what: 'a parameter that came out empty',
      ...{ body: [days, '{{nome}}'], values: { ...known, nome: ' ' } },
      problem: { path: 'content.variables.body.1', message: 'must not be empty' },
    },
  ])('is refused for $what', ({ body, values: given, problem }) => {
    expect(boundContent(bound({ body }), { language, values: given })).toEqual({
      outcome: 'refused',
      problems: [problem],
    })
  })
})

const mail = (blocks: readonly MailBlock[], subject = 'Aviso'): MailSource => ({
  ...{ channel: 'EMAIL', subject, blocks },
})
const button = (url: string) => mail([{ type: 'button', label: 'Pagar', url }])

describe('a source of mails', () => {
  it.each(addresses)('may hold a button to %s: fault %s', (url, isFaulty) => {
    expect(addressFault(url) !== undefined).toBe(isFaulty)
  })

  it('escapes what stands inside of an address, and takes a whole one as it is', () => {
    const url = (source: MailSource, values: TemplateValues) => {
      const filled = mailParts(source, { language, values })
      return filled.outcome === 'filled' ? filled.content.blocks[0] : filled.problems
    }
    expect(url(button('https://a.test/p/{{id}}?v={{v}}'), { id: 'a/../b', v: 'x&y=1#"' })).toEqual({
      type: 'button',
      label: 'Pagar',
      url: 'https://a.test/p/a%2F..%2Fb?v=x%26y%3D1%23%22',
    })
    expect(url(button('{{link}}?v={{v}}'), { link: 'https://b.test/é', v: '&' })).toMatchObject({
      url: 'https://b.test/é?v=%26',
    })
    for (const link of [
      'javascript:alert(1)',
      'data:text/html,x',
      'http://b.test',
      '//b.test',
      ' ',
      'https://',
      'https://a.test@b.test/',
      'https://a.test\\b',
      'https://a.test/ "x',
    ]) {
      const problem = { path: 'blocks.0.url', message: expect.stringContaining('https') }
      expect(url(button('{{link}}'), { link }), link).toEqual([problem])
    }
  })

  it('has a subject of one line that fits', () => {
    const subject = (nome: string) => {
      const filled = mailParts(mail([], '{{nome}}, sua parcela'), { language, values: { nome } })
      return filled.outcome === 'filled' ? filled.content.subject : ''
    }
    expect(subject('Ana\r\nBcc: x@y.z')).toBe('Ana Bcc: x@y.z, sua parcela')
    expect(subject('a\u2028b\u0085c')).toBe('a b c, sua parcela')
    const long = subject('😀'.repeat(300))
    expect(long).toBe(`${'😀'.repeat(124)}…`)
  })

  it('is also a plain text', () => {
    const source = mail([
      { type: 'heading', text: 'Olá, {{nome}}' },
      { type: 'facts', rows: [{ label: 'Valor', value: '{{valor}}' }] },
      { type: 'button', label: 'Pagar', url: 'https://a.test/{{nome}}' },
      { type: 'code', label: 'PIX', value: '{{pix}}' },
      { type: 'divider' },
      { type: 'installments', variable: 'parcelas' },
    ])
    const values = { nome: 'Ana', valor: money(100), pix: '000', parcelas: installments(2) }
    expect(variablesOf(source)).toEqual(['nome', 'parcelas', 'pix', 'valor'])
    const filled = mailParts(source, { language, values })
    expect(filled.outcome === 'filled' && mailText(filled.content, 'Silva').split('\n')).toEqual([
      ...['Olá, Ana', '', 'Valor: R$ 1,00', '', 'Pagar: https://a.test/Ana', '', 'PIX:', '000'],
      ...['', '---', '', '1/2 – 05/12/2026 – R$ 100,00', '2/2 – 05/12/2026 – R$ 100,00'],
      ...['', '--', 'Silva'],
    ])
    const bare = mailParts(source, { language, values: { ...values, parcelas: 'x' } })
    expect(bare).toEqual({
      outcome: 'refused',
      problems: [{ path: 'variables.parcelas', message: 'must be a list of installments' }],
    })
  })
})

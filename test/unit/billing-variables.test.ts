import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type BillingFacts,
  billingVariableKinds,
  billingVariables,
} from '#shared/domain/billing/billing-variables.ts'
import { personName } from '#shared/domain/billing/person-name.ts'

const pixCode =
  '00020126330014BR.GOV.BCB.PIX0111972124824045204000053039865406300.005802BR5918Victor Julio Rocha6006RECIFE62110507VIPSURF63045577'
const facts: BillingFacts = {
  movement: {
    amountCents: 90_000,
    description: 'Curso de inglês\n1º semestre ',
    companyName: 'Escola Aurora',
    nfseLink: 'https://nfse.exemplo.com.br/1?a=b',
  },
  installment: {
    number: 2,
    total: 3,
    dueOn: '2026-03-01',
    balanceCents: 30_000,
    paymentLink: ' https://pagar.exemplo.com.br/abc ',
    pixCode,
    boletoLine: '00190500954014481606906809350314337370000000100',
  },
  siblings: [
    { number: 3, total: 3, dueOn: '2026-04-01', balanceCents: 30_000 },
    { number: 1, total: 3, dueOn: '2026-02-01', balanceCents: 12_500 },
  ],
  person: { name: 'MARIA  DAS DORES D’ÁVILA' },
  company: { name: 'Grupo Aurora' },
  today: '2026-03-11',
}
const of = (changed: Partial<BillingFacts>) => billingVariables({ ...facts, ...changed })
const installment = (changed: Partial<BillingFacts['installment']>) =>
  of({ installment: { ...facts.installment, ...changed } })

describe('billingVariables', () => {
  it('says all that is known', () => {
    const variables = billingVariables(facts)
    expect(variables).toEqual({
      personName: 'Maria das Dores D’Ávila',
      firstName: 'Maria',
      companyName: 'Escola Aurora',
      movementDescription: 'Curso de inglês 1º semestre',
      movementAmount: { type: 'money', cents: 90_000, currency: 'BRL' },
      installmentAmount: { type: 'money', cents: 30_000, currency: 'BRL' },
      installmentNumber: { type: 'count', count: 2 },
      installmentTotal: { type: 'count', count: 3 },
      installments: {
        type: 'installments',
        installments: [
          { number: 1, total: 3, dueOn: '2026-02-01', cents: 12_500 },
          { number: 2, total: 3, dueOn: '2026-03-01', cents: 30_000 },
          { number: 3, total: 3, dueOn: '2026-04-01', cents: 30_000 },
        ],
      },
      dueDate: { type: 'date', date: '2026-03-01' },
      daysLate: { type: 'count', count: 10 },
      daysLeft: { type: 'count', count: 0 },
      paymentLink: 'https://pagar.exemplo.com.br/abc',
      nfseLink: 'https://nfse.exemplo.com.br/1?a=b',
      pixCode,
      boletoLine: '00190.50095 40144.816069 06809.350314 3 37370000000100',
    })
    expect(Object.keys(variables)).toHaveLength(16)
    expect(billingVariables({ ...facts, reference: 'par-1' }).bill).toMatchObject({
      order: { referenceId: 'par-1' },
    })
  })

  it('says of each variable what its kind promises', () => {
    const kinds = Object.entries(of({ reference: 'par-1' })).map(([name, value]) => [
      name,
      typeof value === 'string' ? 'text' : value.type,
    ])
    expect(Object.fromEntries(kinds)).toEqual(billingVariableKinds)
  })

  it('leaves out what nobody could use', () => {
    const bare = billingVariables({
      movement: { amountCents: 100, description: ' \n', nfseLink: 'http://a.com.br' },
      installment: {
        number: 1,
        total: 1,
        dueOn: '2026-03-01',
        balanceCents: 100,
        paymentLink: 'javascript:alert(1)',
        pixCode: pixCode.slice(1),
        boletoLine: '1234',
      },
      siblings: [],
      person: {},
      company: { name: '\u202e' },
      today: '2026-03-01',
    })
    expect(Object.keys(bare).toSorted()).toEqual([
      'daysLate',
      'daysLeft',
      'dueDate',
      'firstName',
      'installmentAmount',
      'installmentNumber',
      'installmentTotal',
      'installments',
      'movementAmount',
    ])
  })

  it('greets somebody whose name nobody told', () => {
    for (const name of [undefined, '', ' \n', '\u202e']) {
      const { firstName, personName: whole } = of({ person: name === undefined ? {} : { name } })
      expect({ firstName, whole }).toEqual({ firstName: 'cliente', whole: undefined })
    }
  })

  it('leaves out a PIX code that fixes another amount than is open', () => {
    expect(installment({ balanceCents: 29_999 })).not.toHaveProperty('pixCode')
    expect(installment({ balanceCents: 30_000 })).toHaveProperty('pixCode', pixCode)
  })

  it('names the company where the sale names none', () => {
    expect(of({ movement: { amountCents: 1 } })).toMatchObject({ companyName: 'Grupo Aurora' })
  })

  it('lists this installment once, and only while it is open', () => {
    const again = of({ siblings: [...facts.siblings, facts.installment] })
    expect(again.installments).toEqual(billingVariables(facts).installments)
    expect(installment({ balanceCents: 0 }).installments).toMatchObject({
      installments: [{ number: 1 }, { number: 3 }],
    })
  })

  it('counts days across months, leap days and the ends of summer time', () => {
    const days = fc.integer({ min: -4000, max: 4000 })
    fc.assert(
      fc.property(days, fc.integer({ min: 0, max: 20_000 }), (apart, start) => {
        const day = (at: number) => new Date(Date.UTC(2010, 0, 1 + at)).toISOString().slice(0, 10)
        const { daysLate, daysLeft } = of({
          installment: { ...facts.installment, dueOn: day(start) },
          today: day(start + apart),
        })
        expect(daysLate).toEqual({ type: 'count', count: Math.max(0, apart) })
        expect(daysLeft).toEqual({ type: 'count', count: Math.max(0, -apart) })
      }),
    )
  })
})

describe('personName', () => {
  it.each([
    ['JOÃO DA SILVA E SOUZA', 'João da Silva e Souza', 'João'],
    ['joão pedro', 'João Pedro', 'João'],
    ['ANA-LÚCIA D’ÁVILA', 'Ana-Lúcia D’Ávila', 'Ana-Lúcia'],
    ['Ana McDonald', 'Ana McDonald', 'Ana'],
    ['DR. JOSÉ ALVES', 'Dr. José Alves', 'José'],
    ['dona', 'Dona', 'Dona'],
    ['DE PAULA MARIA', 'De Paula Maria', 'De'],
    ['PEDRO HENRIQUE II', 'Pedro Henrique II', 'Pedro'],
    ['JOAO DE SA', 'Joao de Sa', 'Joao'],
    ['PADARIA DO ZÉ LTDA', 'Padaria do Zé LTDA', 'Padaria do Zé LTDA'],
    ['Aurora Ensino S.A.', 'Aurora Ensino S.A.', 'Aurora Ensino S.A.'],
    [' \tZé\u202e\n', 'Zé', 'Zé'],
  ])('%j is %j, called %j', (given, whole, first) => {
    expect(personName(given)).toEqual({ whole, first })
  })

  it.each(['', ' \n', '\u202e'])('%j is nobody', (given) => {
    expect(personName(given)).toBeUndefined()
  })

  it('makes one line of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const name = personName(text)
        expect(name?.whole ?? '').not.toMatch(/[\n\t]| {2}/)
        expect(name?.whole ?? '').toContain(name?.first ?? '')
      }),
    )
  })

  it('leaves what it made as it is', () => {
    const sign = fc.constantFrom(...'aàbcçdeéioósxAÁBDEÉOÓ  .-’/')
    fc.assert(
      fc.property(fc.string({ unit: sign, maxLength: 20 }), (text) => {
        const whole = personName(text)?.whole
        expect(personName(whole ?? '')?.whole).toBe(whole)
      }),
      { numRuns: 2000 },
    )
  })
})

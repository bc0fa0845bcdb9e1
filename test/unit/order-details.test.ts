import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contentSchemas } from '#infra/local/whatsapp/content-schemas.ts'
import { GraphError } from '#infra/local/whatsapp/graph-error.ts'
import { Random } from '#infra/local/whatsapp/random.ts'
import { checkTemplate } from '#infra/local/whatsapp/template-check.ts'
import { TemplateStore } from '#infra/local/whatsapp/templates.ts'
import { templatePayload } from '#shared/adapters/whatsapp/template-payload.ts'
import { templateContent } from '#shared/contracts/content/template.ts'
import { type OrderFacts, orderDetails } from '#shared/domain/billing/order-details.ts'
import type {
  OrderPayment,
  PaymentOrder,
  TemplateContent,
} from '#shared/domain/template-content.ts'
import { explainMismatch, shapeOfContent, shapeOfTemplate } from '#shared/domain/template-shape.ts'
import { textProblems } from '#shared/domain/template-texts.ts'

const fixed =
  '00020126330014BR.GOV.BCB.PIX011197212482404520400005303986540530.005802BR5918Victor Julio Rocha6006RECIFE62110507VIPSURF630425A1'
const dynamic =
  '00020101021226770014BR.GOV.BCB.PIX2555pix.example.com/qr/93598be0-1bd0-4997-8318-81776a1d8a995204000053039865802BR5907EMPRESA6009SAO PAULO62070503***6304EEAB'
const line = '00190500954014481606906809350314337370000000100'

const facts: OrderFacts = {
  referenceId: '8812.1',
  installment: {
    balanceCents: 3000,
    pixCode: fixed,
    boletoLine: '00190.50095 40144.816069 06809.350314 3 37370000000100',
    paymentLink: 'https://pagar.exemplo.com.br/abc',
  },
  description: 'Curso de inglês',
}
const pix: OrderPayment = {
  type: 'pix',
  code: fixed,
  merchantName: 'Victor Julio Rocha',
  key: '97212482404',
  keyType: 'CPF',
}
const link: OrderPayment = { type: 'link', url: 'https://pagar.exemplo.com.br/abc' }
const boleto: OrderPayment = { type: 'boleto', line }
const order: PaymentOrder = {
  referenceId: '8812.1',
  totalCents: 3000,
  description: 'Curso de inglês',
  payments: [pix, link, boleto],
}
const owing = (installment: Partial<OrderFacts['installment']>, pixKey?: string) =>
  orderDetails({
    ...facts,
    installment: { balanceCents: 3000, ...installment },
    ...(pixKey !== undefined && { pixKey }),
  })

describe('orderDetails', () => {
  it('offers every way to pay', () => {
    expect(orderDetails(facts)).toEqual({ ok: true, order })
  })

  it.each<
    [string, Partial<OrderFacts['installment']>, string | undefined, readonly OrderPayment[]]
  >([
    ['one way', { paymentLink: link.url }, undefined, [link]],
    ['a boleto of another amount', { boletoLine: line }, undefined, [boleto]],
    [
      'a dynamic code with the company’s key',
      { pixCode: dynamic },
      '11222333000181',
      [
        {
          type: 'pix',
          code: dynamic,
          merchantName: 'EMPRESA',
          key: '11222333000181',
          keyType: 'CNPJ',
        },
      ],
    ],
    ['no dynamic code without one', { pixCode: dynamic, boletoLine: line }, undefined, [boleto]],
    [
      'no code of another amount',
      { balanceCents: 2999, pixCode: fixed, boletoLine: line },
      undefined,
      [boleto],
    ],
    ['no wrong line', { pixCode: fixed, boletoLine: `${line.slice(0, -1)}1` }, undefined, [pix]],
  ])('offers %s', (...[, installment, key, payments]) => {
    expect(owing(installment, key)).toMatchObject({ ok: true, order: { payments } })
  })

  it.each<[string, Partial<OrderFacts>, string]>([
    ['no reference', { referenceId: '' }, 'reference'],
    ['a long reference', { referenceId: 'x'.repeat(61) }, 'reference'],
    ['signs in the reference', { referenceId: 'a/1' }, 'reference'],
    ['nothing open', { installment: { ...facts.installment, balanceCents: 0 } }, 'amount'],
    ['half a cent', { installment: { ...facts.installment, balanceCents: 0.5 } }, 'amount'],
    ['no description', { description: ' \n' }, 'description'],
    ['no way to pay', { installment: { balanceCents: 3000 } }, 'no-way-to-pay'],
    [
      'a link that is not https',
      { installment: { balanceCents: 3000, paymentLink: 'http://a.com.br' } },
      'no-way-to-pay',
    ],
  ])('refuses %s', (_, changed, why) => {
    expect(orderDetails({ ...facts, ...changed })).toEqual({ ok: false, why })
  })

  it('shortens what is paid for to 60 characters', () => {
    const named = (description: string) => {
      const outcome = orderDetails({ ...facts, description })
      return outcome.ok ? outcome.order.description : outcome.why
    }
    expect(named('x'.repeat(60))).toBe('x'.repeat(60))
    expect(named('x'.repeat(61))).toBe(`${'x'.repeat(59)}…`)
    expect(named(`Curso de inglês\n${'para adultos '.repeat(5)}`)).toBe(
      'Curso de inglês para adultos para adultos para adultos…',
    )
  })
})

const mediaId = '0198c1d2-7b1e-7c7a-9a50-5f0f4e7a9b11'
const content = (shown: unknown): TemplateContent => ({
  type: 'template',
  name: 'fatura',
  language: 'pt_BR',
  variables: {
    headerMedia: { type: 'document', mediaId, filename: 'fatura.pdf' },
    body: ['Ana'],
    buttons: [{ index: 0, type: 'order_details', order: shown as PaymentOrder }],
  },
})
const components = [
  { type: 'HEADER', format: 'DOCUMENT' },
  { type: 'BODY', text: 'Olá, {{1}}. Segue a sua fatura.' },
  { type: 'BUTTONS', buttons: [{ type: 'ORDER_DETAILS', text: 'Copiar código Pix' }] },
]
const expected = shapeOfTemplate({ components, parameterFormat: 'POSITIONAL' })
const media: ReadonlyMap<string, string> = new Map([[mediaId, '1099887766']])

const store = new TemplateStore(new Random(1))
store.put({ name: 'fatura', parameter_format: 'POSITIONAL', components })

/** The code with which the simulated WhatsApp refuses the send; undefined: it takes it. */
function refusal(given: TemplateContent): number | undefined {
  try {
    checkTemplate(store, contentSchemas.template.parse(templatePayload(given, media)))
    return undefined
  } catch (error) {
    if (error instanceof GraphError) return error.code
    throw error
  }
}

describe('a button with an order', () => {
  it('fits a template of that format, and is one that both contract and WhatsApp take', () => {
    const given = content(order)
    expect(templateContent.parse(given)).toEqual(given)
    expect(shapeOfContent(given)).toEqual(expected)
    expect(textProblems(given)).toEqual([])
    expect(refusal(given)).toBeUndefined()
  })

  it('is demanded by the template', () => {
    const { buttons: _, ...others } = content(order).variables ?? {}
    const without: TemplateContent = { ...content(order), variables: others }
    expect(explainMismatch(expected, shapeOfContent(without))).toEqual([
      {
        path: 'content.variables.buttons',
        message: 'must hold a value for the order_details button at index 0',
      },
    ])
    expect(refusal(without)).toBe(132000)
  })

  it('is written as Meta documents it', () => {
    expect(templatePayload(content(order), media)).toMatchObject({
      components: [
        { type: 'header', parameters: [{ type: 'document' }] },
        { type: 'body' },
        {
          type: 'button',
          sub_type: 'order_details',
          index: '0',
          parameters: [
            {
              type: 'action',
              action: {
                order_details: {
                  reference_id: '8812.1',
                  type: 'digital-goods',
                  payment_type: 'br',
                  payment_settings: [
                    {
                      type: 'pix_dynamic_code',
                      pix_dynamic_code: {
                        code: fixed,
                        merchant_name: 'Victor Julio Rocha',
                        key: '97212482404',
                        key_type: 'CPF',
                      },
                    },
                    {
                      type: 'payment_link',
                      payment_link: { uri: 'https://pagar.exemplo.com.br/abc' },
                    },
                    { type: 'boleto', boleto: { digitable_line: line } },
                  ],
                  currency: 'BRL',
                  total_amount: { value: 3000, offset: 100 },
                  order: {
                    status: 'pending',
                    tax: { value: 0, offset: 100 },
                    items: [
                      {
                        retailer_id: '8812.1',
                        name: 'Curso de inglês',
                        amount: { value: 3000, offset: 100 },
                        quantity: 1,
                      },
                    ],
                    subtotal: { value: 3000, offset: 100 },
                  },
                },
              },
            },
          ],
        },
      ],
    })
  })

  it.each<[string, object, string]>([
    ['a reference of 61', { referenceId: 'x'.repeat(61) }, 'referenceId'],
    ['nothing to pay', { totalCents: 0 }, 'totalCents'],
    ['a description of 61', { description: 'x'.repeat(61) }, 'description'],
    ['no way to pay', { payments: [] }, 'payments'],
    ['a way twice', { payments: [link, link] }, 'payments.1.type'],
    ['a wrong code', { payments: [{ ...pix, code: `${fixed}0` }] }, 'payments.0.code'],
    ['a key of another type', { payments: [{ ...pix, keyType: 'EVP' }] }, 'payments.0.key'],
    [
      'a wrong line',
      { payments: [{ ...boleto, line: `${line.slice(0, -1)}1` }] },
      'payments.0.line',
    ],
    ['http', { payments: [{ ...link, url: 'http://a.com.br' }] }, 'payments.0.url'],
    ['card', { payments: [{ type: 'card' }] }, 'payments.0.type'],
  ])('is refused by the contract for %s', (_, changed, path) => {
    const parsed = templateContent.safeParse(content({ ...order, ...changed }))
    expect(parsed.error?.issues.map((issue) => issue.path.join('.'))).toEqual([
      `variables.buttons.0.order.${path}`,
    ])
  })

  it.each<[string, object]>([
    ['a reference with signs', { referenceId: 'a/1' }],
    ['a long description', { description: 'x'.repeat(61) }],
    ['no way to pay', { payments: [] }],
    ['a link that is none', { payments: [{ ...link, url: 'abc' }] }],
  ])('is refused by the simulated WhatsApp for %s', (_, changed) => {
    expect(refusal(content({ ...order, ...changed }))).toBe(131009)
  })

  it('is taken by WhatsApp whenever the contract takes it', () => {
    const some = fc.record({
      referenceId: fc.string({ unit: fc.constantFrom(...'aZ09_.-'), minLength: 1, maxLength: 60 }),
      totalCents: fc.integer({ min: 1, max: 99_999_999_999 }),
      description: fc.string({ minLength: 1, maxLength: 61 }),
      payments: fc.subarray([pix, boleto, link]),
    })
    const taken = fc.sample(some, 300).filter((shown) => {
      const parsed = templateContent.safeParse(content(shown))
      if (parsed.success) expect(refusal(parsed.data as TemplateContent)).toBeUndefined()
      return parsed.success
    })
    expect(taken.length).toBeGreaterThan(0)
  })

  it('is made by orderDetails as the contract takes it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(100_000), (description, cents) => {
        const installment = { ...facts.installment, balanceCents: cents }
        const outcome = orderDetails({ ...facts, installment, description })
        if (outcome.ok) expect(() => templateContent.parse(content(outcome.order))).not.toThrow()
      }),
    )
  })
})

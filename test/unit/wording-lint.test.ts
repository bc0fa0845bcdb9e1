import { describe, expect, it } from 'vitest'
import { lintTemplate } from '#shared/domain/billing/billing-lint.ts'
import { absentAtStep } from '#shared/domain/billing/billing-steps.ts'
import {
  type BillingVariable,
  billingVariableKinds,
} from '#shared/domain/billing/billing-variables.ts'
import { defaultTemplates } from '#shared/domain/billing/default-templates.ts'
import { longestValues } from '#shared/domain/billing/longest-values.ts'
import { lintText } from '#shared/domain/billing/wording-lint.ts'
import { wordingRules } from '#shared/domain/billing/wording-rules.ts'
import type { TemplateValue } from '#shared/domain/message-template.ts'
import type { VariableValues } from '#shared/domain/template-content.ts'
import { shapeOfTemplate } from '#shared/domain/template-shape.ts'
import { valueText } from '#shared/domain/template-values.ts'

/** One sentence for each rule, in the order of the table. */
const sentences: readonly (readonly [string, string])[] = [
  ['Seu título será protestado.', 'threat'],
  ['O título vai ao cartório amanhã.', 'threat'],
  ['Vamos negativar o seu CPF.', 'threat'],
  ['Seu nome irá ao S.P.C. e ao SERASA.', 'threat'],
  ['Não fique com o nome sujo.', 'threat'],
  ['Tomaremos as medidas judiciais cabíveis.', 'threat'],
  ['Vamos acionar a justiça.', 'threat'],
  ['O caso foi passado ao nosso departamento jurídico.', 'threat'],
  ['Seus bens podem ir à penhora.', 'threat'],
  ['Esta é a sua ÚLTIMA CHANCE de pagar.', 'threat'],
  ['Último aviso sobre a fatura.', 'pressure'],
  ['Você está na lista de inadimplentes.', 'threat'],
  ['Não pagar é crime.', 'threat'],
  ['Vamos avisar sua família.', 'threat'],
  ['Pague e evite transtornos.', 'threat'],
  ['Evite a suspensão do seu acesso.', 'pressure'],
  ['Pague agora o boleto.', 'pressure'],
  ['Sua dívida é de R$ 100,00.', 'debt-collection'],
  ['Segue a cobrança.', 'debt-collection'],
  ['Pague com desconto.', 'promotion'],
]

describe('lintText', () => {
  it('has a sentence for each rule', () => {
    expect(sentences).toHaveLength(20)
    expect(wordingRules).toHaveLength(20)
  })

  it.each(sentences.map(([sentence, code], at) => ({ sentence, code, at })))(
    'finds in $sentence: $code',
    ({ sentence, code, at }) => {
      const rule = wordingRules[at]
      const findings = lintText(sentence).filter(({ text }) => text.includes(`“${rule?.says}”`))
      expect(findings).toEqual([
        {
          code,
          severity: code === 'threat' ? 'error' : 'warning',
          path: 'text',
          text: `Evite “${rule?.says}”: ${rule?.why}. Prefira: ${rule?.instead}`,
        },
      ])
    },
  )

  it.each([
    'PROTESTO',
    'protésto',
    'pro\u00adtesto',
    'pro\u200btesto',
    '*protesto*',
    '“protesto”!',
    'protesto_em_cartorio',
    'ｐｒｏｔｅｓｔｏ',
    'prot\u0065\u0301sto',
  ])('is not fooled by %s', (text) => {
    expect(lintText(text)).toContainEqual(expect.objectContaining({ code: 'threat' }))
  })

  it.each([
    'Olá, {{firstName}}. Sua parcela vence em {{dueDate}}.',
    'Pague no débito automático ou pelo PIX.',
    'O PIX da {{companyName}} LTDA, CNPJ 11.222.333/0001-81.',
    'Recebemos uma resposta negativa do banco. Tente de novo.',
    'Ainda não encontramos o pagamento. Se já pagou, desconsidere.',
    'Bermuda e protetor solar: 2 unidades!',
    'Dúvidas? Responda a esta mensagem.',
    '{{protesto}}',
    '',
  ])('finds nothing in %j', (text) => {
    expect(lintText(text)).toEqual([])
  })

  it.each([
    ['ATENÇÃO, cliente', 'capitals'],
    ['Leia TUDO ISTO antes', 'capitals'],
    ['Vence hoje!!', 'marks'],
    ['Já pagou?! Obrigado', 'marks'],
  ])('hears %j shout', (text, code) => {
    expect(lintText(text, 'subject')).toEqual([
      { code, severity: 'warning', path: 'subject', text: expect.stringMatching(/./) },
    ])
  })
})

const write = (value: TemplateValue) => valueText(value, 'pt-BR')

/** Meta's copy as a person reads it at its longest. */
function filled(copy: string, parameters: VariableValues): string {
  return copy.replace(/\{\{(\w+)\}\}/g, (_, parameter: string) => {
    const fill = Object.entries(parameters).find(([name]) => name === parameter)?.[1] ?? ''
    return fill.replace(/\{\{(\w+)\}\}/g, (__, name: string) =>
      write(longestValues[name as BillingVariable] ?? ''),
    )
  })
}

const templates = (['link', 'pix', 'boleto'] as const).flatMap((way) =>
  defaultTemplates(way).map((template) => ({ ...template, way })),
)

describe('the default templates', () => {
  it('are one for each step and way to pay, each with a name of its own at Meta', () => {
    expect(templates).toHaveLength(18)
    expect(new Set(templates.map(({ metaTemplate }) => metaTemplate.name)).size).toBe(18)
  })

  it.each(templates)(
    '$step by $way has nothing to find',
    ({ step, mail, whatsapp, metaTemplate }) => {
      const rules = {
        knownVariables: Object.keys(billingVariableKinds),
        absentVariables: absentAtStep[step],
        sample: { values: longestValues, write },
      }
      expect(lintTemplate(mail, rules)).toEqual([])
      expect(lintTemplate(whatsapp, rules)).toEqual([])
      expect(lintText(metaTemplate.body)).toEqual([])
    },
  )

  it.each(templates)('$step by $way is one that Meta takes', ({ whatsapp, metaTemplate }) => {
    const { body, examples, footer, parameterFormat, name, language } = metaTemplate
    expect(whatsapp.providerTemplate).toEqual({ name, language })
    expect(name).toMatch(/^[a-z0-9_]{1,512}$/)
    const names = Object.keys(whatsapp.body ?? {}).toSorted()
    const components = [{ type: 'BODY', text: body }]
    expect(shapeOfTemplate({ components, parameterFormat })).toEqual({ body: names })
    expect(Object.keys(examples).toSorted()).toEqual(names)
    expect(body).not.toMatch(/^\{\{|\}\}$|\}\}\s*\{\{|\n{3}/)
    expect(filled(body, whatsapp.body ?? {}).length).toBeLessThanOrEqual(1024)
    expect(footer.length).toBeLessThanOrEqual(60)
    expect(Object.values(examples).every((example) => example !== '')).toBe(true)
  })
})

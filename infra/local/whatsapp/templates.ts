import * as z from 'zod'
import type { Random } from './random.ts'

const button = z.looseObject({
  type: z.string().toUpperCase(),
  text: z.string().optional(),
  url: z.string().optional(),
})
const component = z.looseObject({
  type: z
    .string()
    .toUpperCase()
    .pipe(z.enum(['HEADER', 'BODY', 'FOOTER', 'BUTTONS'])),
  format: z
    .string()
    .toUpperCase()
    .pipe(z.enum(['TEXT', 'IMAGE', 'VIDEO', 'DOCUMENT', 'LOCATION']))
    .optional(),
  text: z.string().max(1024).optional(),
  buttons: z.array(button).max(10).optional(),
})

const templateSchema = z.strictObject({
  name: z
    .string()
    .max(512)
    .regex(/^[a-z0-9_]+$/),
  language: z.string().default('pt_BR'),
  status: z
    .enum(['APPROVED', 'PENDING', 'REJECTED', 'PAUSED', 'DISABLED', 'IN_APPEAL', 'DELETED'])
    .default('APPROVED'),
  category: z.enum(['UTILITY', 'MARKETING', 'AUTHENTICATION']).default('UTILITY'),
  parameter_format: z
    .string()
    .toUpperCase()
    .pipe(z.enum(['POSITIONAL', 'NAMED']))
    .optional(),
  components: z.array(component).min(1),
})

/** One template or a list of them. */
const templatesSchema = z.union([
  templateSchema.transform((template) => [template]),
  z.array(templateSchema),
  z.strictObject({ templates: z.array(templateSchema) }).transform(({ templates }) => templates),
])

export type TemplateInput = z.input<typeof templateSchema>
export type Template = Omit<z.output<typeof templateSchema>, 'parameter_format'> & {
  readonly id: string
  readonly parameter_format: 'POSITIONAL' | 'NAMED'
}

const body = (text: string) => ({ type: 'BODY', text })
const footer = { type: 'FOOTER', text: 'Mensagem automática. Responda para falar com a gente.' }

const firstTemplates: readonly TemplateInput[] = [
  {
    name: 'parcela_a_vencer',
    components: [body('Olá, {{nome}}. Sua parcela de {{valor}} vence em {{vencimento}}.'), footer],
  },
  {
    name: 'parcela_vencida',
    components: [
      body('Olá, {{nome}}. Não encontramos o pagamento de {{valor}}, vencido em {{vencimento}}.'),
      footer,
    ],
  },
  {
    name: 'pagamento_confirmado',
    components: [body('Olá, {{1}}. Recebemos seu pagamento de {{2}}. Obrigado!')],
  },
  {
    name: 'segunda_via',
    components: [
      { type: 'HEADER', format: 'TEXT', text: 'Segunda via' },
      body('Olá, {{1}}. A segunda via da sua parcela de {{2}} está pronta.'),
      {
        type: 'BUTTONS',
        buttons: [
          { type: 'URL', text: 'Abrir boleto', url: 'https://boletos.example/{{1}}' },
          { type: 'QUICK_REPLY', text: 'Já paguei' },
        ],
      },
    ],
  },
  { name: 'aviso_geral', components: [body('Temos uma mensagem para você. Podemos conversar?')] },
]

/** Meta's approved copies, by name and language; there is no fallback between languages. */
export class TemplateStore {
  readonly #random: Random
  readonly #templates = new Map<string, Template>()

  constructor(random: Random) {
    this.#random = random
    this.put(firstTemplates)
  }

  /** Adds or replaces by name and language. Throws a ZodError on a malformed one. */
  put(input: unknown): Template[] {
    return templatesSchema.parse(input).map((given) => {
      const key = keyOf(given.name, given.language)
      const id = this.#templates.get(key)?.id ?? this.#random.nodeId()
      const template = { ...given, id, parameter_format: given.parameter_format ?? formatOf(given) }
      this.#templates.set(key, template)
      return template
    })
  }

  find(name: string, language: string): Template | undefined {
    return this.#templates.get(keyOf(name, language))
  }

  remove(name: string): boolean {
    const keys = this.list().filter((template) => template.name === name)
    for (const { language } of keys) this.#templates.delete(keyOf(name, language))
    return keys.length > 0
  }

  list(): Template[] {
    return [...this.#templates.values()]
  }
}

/** Names or numbers of the variables in a template text, in the order of their first use. */
export function variablesIn(text: string | undefined): string[] {
  return [...new Set([...(text ?? '').matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, key = '']) => key))]
}

const keyOf = (name: string, language: string) => `${name}/${language}`

function formatOf({ components }: z.output<typeof templateSchema>): 'POSITIONAL' | 'NAMED' {
  const keys = components.flatMap(({ text }) => variablesIn(text))
  return keys.some((key) => !/^\d+$/.test(key)) ? 'NAMED' : 'POSITIONAL'
}

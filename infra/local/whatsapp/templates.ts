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
    .enum([
      'APPROVED',
      'PENDING',
      'REJECTED',
      'PAUSED',
      'DISABLED',
      'IN_APPEAL',
      'FLAGGED',
      'LIMIT_EXCEEDED',
      'LOCKED',
      'ARCHIVED',
      'PENDING_DELETION',
      'DELETED',
    ])
    .optional(),
  category: z.enum(['UTILITY', 'MARKETING', 'AUTHENTICATION']).optional(),
  quality_score: z
    .strictObject({ score: z.enum(['GREEN', 'YELLOW', 'RED', 'UNKNOWN']) })
    .optional(),
  /** Told with the status REJECTED. */
  rejected_reason: z.string().max(100).optional(),
  parameter_format: z
    .string()
    .toUpperCase()
    .pipe(z.enum(['POSITIONAL', 'NAMED']))
    .optional(),
  /** Required of a template that is new. */
  components: z.array(component).min(1).optional(),
})

/** One template or a list of them. */
const templatesSchema = z.union([
  templateSchema.transform((template) => [template]),
  z.array(templateSchema),
  z.strictObject({ templates: z.array(templateSchema) }).transform(({ templates }) => templates),
])

export type TemplateInput = z.input<typeof templateSchema>
type Given = z.output<typeof templateSchema>
type Kept = 'status' | 'category' | 'quality_score' | 'components' | 'parameter_format'
export type Template = Omit<Given, Kept> & {
  readonly [Key in Kept]-?: NonNullable<Given[Key]>
} & { readonly id: string }

/** A template as it was, if it was there, and as it is. */
interface Change {
  readonly before: Template | undefined
  readonly after: Template
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

  /**
   * Adds, or changes by name and language: what is not given stays as it was. Throws a ZodError on
   * a malformed one, a RangeError on a new one without components; then none is changed.
   */
  put(input: unknown): Change[] {
    const changes = templatesSchema.parse(input).map((given) => this.#changeBy(given))
    for (const { after } of changes) this.#templates.set(keyOf(after.name, after.language), after)
    return changes
  }

  #changeBy(given: Given): Change {
    const before = this.find(given.name, given.language)
    const components = given.components ?? before?.components
    if (components === undefined) throw new RangeError(`${given.name} is new: give its components`)
    const parameterFormat =
      given.parameter_format ?? (given.components ? formatOf(components) : before?.parameter_format)
    const after = {
      ...before,
      ...given,
      // JSON holds integers up to 2^53; the webhooks tell this id as a number.
      id: before?.id ?? this.#random.nodeId().slice(0, 15),
      status: given.status ?? before?.status ?? 'APPROVED',
      category: given.category ?? before?.category ?? 'UTILITY',
      quality_score: given.quality_score ?? before?.quality_score ?? { score: 'UNKNOWN' as const },
      parameter_format: parameterFormat ?? formatOf(components),
      components,
    }
    return { before, after }
  }

  find(name: string, language: string): Template | undefined {
    return this.#templates.get(keyOf(name, language))
  }

  /** Answers what was removed: every language of the name. */
  remove(name: string): Template[] {
    const removed = this.list().filter((template) => template.name === name)
    for (const { language } of removed) this.#templates.delete(keyOf(name, language))
    return removed
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

function formatOf(components: Template['components']): 'POSITIONAL' | 'NAMED' {
  const keys = components.flatMap(({ text }) => variablesIn(text))
  return keys.some((key) => !/^\d+$/.test(key)) ? 'NAMED' : 'POSITIONAL'
}

import * as z from 'zod'
import { blockOf, type ProviderTemplate } from '../domain/provider-template.ts'
import type { ShapeParameters } from '../domain/template-shape.ts'
import { pageQuery, shownTime } from './paging.ts'

const templateName = z
  .string()
  .regex(/^[^\p{C}]{1,512}$/u, { error: 'must be one line of text' })
  .meta({ examples: ['lembrete_parcela'] })
const language = z
  .string()
  .regex(/^\w{2,3}(?:[_-]\w{1,28})?$/, {
    error: 'must be a language as Meta writes it, e.g. pt_BR',
  })
  .meta({ examples: ['pt_BR'] })
  .transform((code) => code.replace('-', '_'))
const word = z.string().regex(/^[A-Z_]{1,32}$/, { error: 'must be a word in capitals' })

/** What a list of templates can be narrowed to; each of them exact. */
export const templateFilter = {
  name: templateName.optional(),
  language: language.optional(),
  status: word.optional(),
  category: word.optional(),
}

/** `GET /provider-templates`. */
export const templateQuery = pageQuery.extend(templateFilter)

/** What a path that names a template holds. */
export const templateParams = {
  name: { schema: templateName, notFound: 'template-not-found' },
  language: { schema: language, notFound: 'template-not-found' },
} as const

const parameters = z.object({
  count: z.int(),
  names: z.array(z.string()).readonly().nullable().meta({ description: 'Null: positional.' }),
})

/** A provider template as the API shows it. */
export const shownTemplate = z
  .object({
    wabaId: z.string().meta({ description: "Meta's account.", examples: ['102290000000001'] }),
    name: z.string().meta({ examples: ['lembrete_parcela'] }),
    language: z.string().meta({ examples: ['pt_BR'] }),
    category: z.string().meta({ examples: ['UTILITY'] }),
    acceptedCategory: z.string().meta({
      description: 'What sends count on; another category blocks until it is accepted.',
      examples: ['UTILITY'],
    }),
    status: z.string().meta({ description: "Meta's word.", examples: ['APPROVED'] }),
    quality: z
      .string()
      .nullable()
      .meta({ examples: ['GREEN'] }),
    parameterFormat: z.string().meta({ examples: ['POSITIONAL'] }),
    components: z.unknown().meta({
      description: 'As Meta has them.',
      examples: [[{ type: 'BODY', text: 'Olá, {{1}}! A parcela de {{2}} vence em {{3}}.' }]],
    }),
    variables: z.object({
      header: z
        .union([z.object({ format: z.string(), ...parameters.partial().shape }), z.null()])
        .meta({ examples: [null] }),
      body: parameters.meta({ examples: [{ count: 3, names: null }] }),
      buttons: z
        .array(z.unknown())
        .readonly()
        .meta({ examples: [[]] }),
      unsupported: z
        .array(z.unknown())
        .readonly()
        .meta({ description: 'Parts that no content can fill.', examples: [[]] }),
    }),
    blocked: z
      .object({ reason: z.string(), text: z.string() })
      .nullable()
      .meta({ description: 'Why it is not sent now, if it is not.', examples: [null] }),
    syncedAt: shownTime.nullable(),
    updatedAt: shownTime,
  })
  .meta({ id: 'ProviderTemplate' })

/** An account whose templates were asked to be synced. */
export const shownSync = z
  .object({ wabaId: z.string(), sync: z.enum(['PLANNED', 'PENDING', 'LIMITED']) })
  .meta({ id: 'TemplateSync' })

export function templateResource(template: ProviderTemplate): z.input<typeof shownTemplate> {
  return {
    wabaId: template.wabaId,
    name: template.name,
    language: template.language,
    category: template.category,
    acceptedCategory: template.acceptedCategory,
    status: template.status,
    quality: template.quality ?? null,
    parameterFormat: template.parameterFormat,
    components: template.components,
    variables: variablesOf(template),
    blocked: blockOf(template) ?? null,
    syncedAt: template.syncedAt ?? null,
    updatedAt: template.updatedAt,
  }
}

/** What a send must bring, place by place. */
function variablesOf({
  shape: { header, body, buttons = [], unsupported = [] },
}: ProviderTemplate) {
  return {
    header:
      header === undefined
        ? null
        : header.format === 'TEXT'
          ? { format: header.format, ...parametersOf(header.params) }
          : { format: header.format },
    body: parametersOf(body ?? 0),
    buttons,
    unsupported,
  }
}

function parametersOf(params: ShapeParameters) {
  return typeof params === 'number'
    ? { count: params, names: null }
    : { count: params.length, names: params }
}

export function syncResource({
  wabaId,
  state,
}: {
  readonly wabaId: string
  readonly state: 'planned' | 'pending' | 'limited'
}): z.input<typeof shownSync> {
  return { wabaId, sync: syncWords[state] }
}

const syncWords = { planned: 'PLANNED', pending: 'PENDING', limited: 'LIMITED' } as const

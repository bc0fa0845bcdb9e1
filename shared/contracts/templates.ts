import * as z from 'zod'
import { Refusal } from '../domain/errors.ts'
import { blockOf, type ProviderTemplate } from '../domain/provider-template.ts'
import type { ShapeParameters } from '../domain/template-shape.ts'
import { pageQuery } from './paging.ts'

const templateName = z.string().regex(/^[^\p{C}]{1,512}$/u, { error: 'must be one line of text' })
const language = z
  .string()
  .regex(/^\w{2,3}(?:[_-]\w{1,28})?$/, {
    error: 'must be a language as Meta writes it, e.g. pt_BR',
  })
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

/** The template that a path names. Throws Refusal `template-not-found` for what names none. */
export function templateOf(params: Readonly<Record<string, string | undefined>>) {
  const parsed = z.object({ name: templateName, language }).safeParse(params)
  if (!parsed.success) throw new Refusal('template-not-found')
  return parsed.data
}

/** A provider template as the API shows it. */
export function templateResource(template: ProviderTemplate) {
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

/** An account whose templates were asked to be synced. */
export function syncResource({
  wabaId,
  state,
}: {
  readonly wabaId: string
  readonly state: string
}) {
  return { wabaId, sync: state.toUpperCase() }
}

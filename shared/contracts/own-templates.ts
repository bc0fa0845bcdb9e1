import * as z from 'zod'
import { billingSteps } from '../domain/billing/billing-steps.ts'
import type { EmailContent } from '../domain/content.ts'
import type { TemplateFile } from '../domain/message-template.ts'
import type { OwnTemplate, OwnTemplateWithSource } from '../domain/own-template.ts'
import type { TemplateContent } from '../domain/template-content.ts'
import { channel } from './contacts.ts'
import { ownTemplateLanguage, ownTemplateName, templateFiles } from './content/named-template.ts'
import { shownTemplateSend } from './content/shown.ts'
import { templateValues } from './content/template-values.ts'
import { pageQuery, shownTime } from './paging.ts'
import { templateSource } from './template-source.ts'

const notFound = 'template-not-found'

/** What a path that names a template of a tenant's own holds. */
export const ownTemplateParams = {
  name: { schema: ownTemplateName, notFound },
  channel: { schema: channel.meta({ examples: ['EMAIL'] }), notFound },
  language: { schema: ownTemplateLanguage, notFound },
} as const

/** `GET /templates`. */
export const ownTemplatesQuery = pageQuery.extend({ channel: channel.optional() })

const mostVersions = 1_000_000

/** `GET /templates/{name}/{channel}/{language}`. */
export const ownTemplateQuery = z.strictObject({
  version: z
    .string()
    .regex(/^[1-9]\d{0,5}$/)
    .transform(Number)
    .optional()
    .meta({ description: 'Default: the newest.' }),
})

const category = z.enum(['transactional', 'marketing'])

/** `PUT /templates/{name}/{channel}/{language}`. */
export const putOwnTemplateBody = z
  .strictObject({
    source: templateSource,
    category: category.optional().meta({
      description:
        'Of mails; `transactional` unless it is said. `marketing` carries a way to unsubscribe with one click. That of WhatsApp is given by Meta.',
    }),
  })
  .refine(({ source, category: given }) => given === undefined || source.channel === 'EMAIL', {
    path: ['category'],
    error: 'is of mails',
  })

/** `POST …/preview`. */
export const previewOwnTemplateBody = z.strictObject({
  variables: templateValues.default({}),
  attachments: templateFiles.max(10).optional(),
  version: z.int().min(1).max(mostVersions).optional().meta({
    description: 'Default: the newest.',
  }),
})

/** `POST …/lint`. */
export const lintOwnTemplateBody = z.strictObject({
  step: z.enum(billingSteps).optional().meta({
    description: 'Variables that have no value at this step of a ladder are found too.',
  }),
  version: z.int().min(1).max(mostVersions).optional().meta({
    description: 'Default: the newest.',
  }),
})

/** The preview that a body asks for, in the words of the domain. */
export function previewOf(body: z.output<typeof previewOwnTemplateBody>) {
  const { variables: values, version, attachments } = body
  return { values, version, attachments: attachments && filesOf(attachments) }
}

function filesOf(files: z.output<typeof templateFiles>): readonly TemplateFile[] {
  return JSON.parse(JSON.stringify(files)) as TemplateFile[]
}

/** A version as the API shows it. */
export const shownOwnTemplate = z
  .object({
    name: z.string().meta({ examples: ['lembrete-de-parcela'] }),
    channel,
    language: z.string().meta({ examples: ['pt-BR'] }),
    version: z.int().meta({ examples: [3] }),
    category: category.nullable(),
    variables: z
      .array(z.string())
      .readonly()
      .meta({ description: 'The names that it uses.', examples: [['nome', 'valor']] }),
    providerTemplate: z
      .object({ name: z.string(), language: z.string() })
      .nullable()
      .meta({ description: "Of WhatsApp: Meta's approved copy.", examples: [null] }),
    createdAt: shownTime,
  })
  .meta({ id: 'OwnTemplate' })

export const shownOwnTemplateWithSource = shownOwnTemplate
  .extend({
    source: z.unknown().meta({
      description: 'As it was put.',
      examples: [
        {
          channel: 'EMAIL',
          subject: 'Olá',
          blocks: [{ type: 'paragraph', text: 'Olá, {{nome}}' }],
        },
      ],
    }),
  })
  .meta({ id: 'OwnTemplateWithSource' })

/** What a template becomes with some values. */
export const shownPreview = z
  .discriminatedUnion('channel', [
    z.object({
      channel: z.literal('EMAIL'),
      version: z.int(),
      subject: z.string(),
      text: z.string(),
      html: z.string(),
    }),
    z.object({ channel: z.literal('WHATSAPP'), version: z.int(), content: shownTemplateSend }),
  ])
  .meta({
    id: 'TemplatePreview',
    examples: [
      {
        ...{ channel: 'EMAIL', version: 3, subject: 'Sua parcela vence em 3 dias' },
        ...{ text: 'Olá, Ana!', html: '<!doctype html><html><body>Olá, Ana!</body></html>' },
      },
    ],
  })

/** What speaks against a template as a message about a debt. */
export const shownLint = z
  .object({
    version: z.int(),
    findings: z
      .array(
        z.object({
          code: z.string().meta({ examples: ['unknown-variable'] }),
          severity: z.enum(['error', 'warning']),
          path: z.string().meta({ examples: ['blocks.1.text'] }),
          text: z.string().meta({
            description: 'For people.',
            examples: ['A variável “nome” não existe. Você quis dizer “personName”?'],
          }),
        }),
      )
      .readonly(),
  })
  .meta({ id: 'TemplateLint' })

export function ownTemplateResource(template: OwnTemplate): z.input<typeof shownOwnTemplate> {
  const { name, channel: of, language, version, variables, createdAt } = template
  return {
    ...{ name, channel: of, language, version, variables, createdAt },
    category: template.category ?? null,
    providerTemplate: template.providerTemplate ?? null,
  }
}

export function ownTemplatePage(page: {
  readonly items: readonly OwnTemplate[]
  readonly nextCursor: string | undefined
}) {
  return { items: page.items.map(ownTemplateResource), nextCursor: page.nextCursor ?? null }
}

export function ownTemplateSourceResource(
  template: OwnTemplateWithSource,
): z.input<typeof shownOwnTemplateWithSource> {
  return { ...ownTemplateResource(template), source: template.source }
}

export function previewResource(
  version: number,
  content: TemplateContent | (EmailContent & { readonly html: string }),
): z.input<typeof shownPreview> {
  if (content.type === 'template') return { channel: 'WHATSAPP', version, content }
  const { subject, text, html } = content
  return { channel: 'EMAIL', version, subject, text, html }
}

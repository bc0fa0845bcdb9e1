import * as z from 'zod'
import { filename, mediaId } from './media.ts'
import { templateValues } from './template-values.ts'

/** How a tenant calls a template of its own. */
export const ownTemplateName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,63}$/)
  .meta({ examples: ['lembrete-de-parcela'] })

/** BCP 47: a language, or one of a country. */
export const ownTemplateLanguage = z
  .string()
  .regex(/^[a-z]{2,3}(-[A-Z]{2})?$/)
  .meta({ description: 'BCP 47, e.g. `pt-BR`.', examples: ['pt-BR'] })

const named = {
  type: z.literal('named-template'),
  name: ownTemplateName,
  language: ownTemplateLanguage.default('pt-BR'),
  variables: templateValues.default({}),
}

export const templateFiles = z
  .array(z.strictObject({ mediaId, filename: filename.optional() }))
  .min(1)

/** A send of a template of ours, as it is when the message is accepted. */
export const namedTemplateContent = z
  .strictObject({
    ...named,
    attachments: templateFiles.max(1).optional().meta({
      description: 'The file of a header that shows one.',
    }),
  })
  .meta({
    id: 'NamedTemplateContent',
    description: 'A template of yours (`/templates`): its newest version, filled when it is sent.',
  })

/** A content travels in one row of 64 KB, sealed and in base64. */
const mostContentBytes = 40_000

export const namedMailContent = z
  .strictObject({
    ...named,
    attachments: templateFiles.max(10).optional(),
  })
  .refine(
    (content) => new TextEncoder().encode(JSON.stringify(content)).length <= mostContentBytes,
    { error: 'must be 40,000 bytes or less as JSON' },
  )
  .meta({
    id: 'NamedMailContent',
    description:
      'A mail made of a template of yours (`/templates`), with files. At most 40,000 bytes as JSON.',
  })

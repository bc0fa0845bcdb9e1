import * as z from 'zod'
import { type DefaultTemplate, defaultTemplates } from '#shared/domain/billing/default-templates.ts'
import { boundShape, valueTypesOf, variablesOf } from '#shared/domain/template-source.ts'
import { readOptions, tenantId } from './arguments.ts'
import type { Command } from './operations.ts'

const options = z.object({
  tenant: tenantId,
  way: z.enum(['link', 'pix', 'boleto'], { error: 'takes link, pix or boleto' }),
})

/** What a tenant has by a name already stays. */
const insertSql = `
  insert into templates (tenant_id, name, channel, language, version, source, variables, value_types,
    category, provider_name, provider_language, shape)
  select :tenant::bigint, t.name, t.channel, t.language, 1, t.source, t.variables, t."valueTypes",
    t.category, t."providerName", t."providerLanguage", t.shape
  from jsonb_to_recordset(:templates::jsonb) as t (name text, channel text, language text,
    source jsonb, variables jsonb, "valueTypes" jsonb, category text, "providerName" text, "providerLanguage" text,
    shape jsonb)
  where not exists (
    select 1 from templates k
    where k.tenant_id = :tenant::bigint and k.name = t.name and k.channel = t.channel
      and k.language = t.language)
  returning name, channel`

/**
 * Gives a tenant a template for each step of the ladder, on both channels, and prints the copies that
 * Meta has to approve.
 */
export function beginTemplates(argv: readonly string[]): Command {
  const { tenant, way } = readOptions(argv, options)
  return {
    role: 'functions',
    run: async ({ database }) => {
      const templates = defaultTemplates(way)
      const made = await database.query(insertSql, {
        tenant,
        templates: JSON.stringify(templates.flatMap(rowsOf)),
      })
      return JSON.stringify({ made, forMeta: templates.map(({ metaTemplate }) => metaTemplate) })
    },
  }
}

function rowsOf({ name, language, mail, whatsapp }: DefaultTemplate) {
  const both = { name, language }
  return [
    {
      ...{ ...both, channel: 'EMAIL', source: mail },
      ...{ variables: variablesOf(mail), valueTypes: valueTypesOf(mail) },
      category: 'transactional',
    },
    {
      ...{ ...both, channel: 'WHATSAPP', source: whatsapp },
      ...{ variables: variablesOf(whatsapp), valueTypes: valueTypesOf(whatsapp) },
      providerName: whatsapp.providerTemplate.name,
      providerLanguage: whatsapp.providerTemplate.language,
      shape: boundShape(whatsapp),
    },
  ]
}

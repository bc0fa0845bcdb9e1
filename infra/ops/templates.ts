import * as z from 'zod'
import { templateFilter } from '#shared/contracts/templates.ts'
import { blockOf, type ProviderTemplate } from '#shared/domain/provider-template.ts'
import type { PlannedSync } from '#shared/ports/template-store.ts'
import { readOptions, rowLimit, tenantId } from './arguments.ts'
import type { Command, Operations } from './operations.ts'
import { CommandRefused } from './refused.ts'
import { duration, localTime, table } from './table.ts'

const listOptions = z.object({
  tenant: tenantId,
  ...templateFilter,
  limit: rowLimit,
  json: z.boolean().default(false),
})
const syncOptions = z.object({ tenant: tenantId.optional() })
const acceptOptions = z.object({
  tenant: tenantId,
  name: templateFilter.name.unwrap(),
  language: templateFilter.language.unwrap(),
})

/** The provider templates of a tenant, and what blocks them. */
export function listTemplates(argv: readonly string[]): Command {
  const { tenant, limit, json, ...filter } = readOptions(argv, listOptions)
  return {
    role: 'functions',
    run: async ({ templates }) => {
      const found: ProviderTemplate[] = []
      let cursor: string | undefined
      do {
        const page = await templates.list(
          { tenantId: tenant },
          { limit: limit - found.length, cursor, filter },
        )
        found.push(...page.items)
        cursor = page.nextCursor
      } while (cursor !== undefined && found.length < limit)
      if (json) return JSON.stringify(found)
      const more = cursor === undefined ? '' : ' There are more: raise --limit.'
      return found.length === 0 ? 'There are no templates.' : `${shown(found)}${more}`
    },
  }
}

function shown(found: readonly ProviderTemplate[]): string {
  const rows = found.map((template) => ({
    account: template.wabaId,
    name: template.name,
    language: template.language,
    status: template.status,
    category: template.category,
    accepted: template.acceptedCategory,
    quality: template.quality ?? '-',
    blocked: blockOf(template)?.reason ?? '-',
    'synced at (São Paulo)': localTime(template.syncedAt),
  }))
  return `${table(rows)}\n\n${found.length} shown, by name.`
}

/** Plans a sync; the relay sets it to work within a minute. */
export function syncTemplates(argv: readonly string[]): Command {
  const { tenant } = readOptions(argv, syncOptions)
  return {
    role: 'functions',
    run: async ({ templates }: Operations) => {
      const syncs = await templates.planSyncs(
        tenant === undefined ? undefined : { tenantId: tenant },
      )
      if (syncs.length === 0) throw new CommandRefused('There is no WhatsApp sender to sync with.')
      return table(syncs.map(syncRow))
    },
  }
}

function syncRow({ tenantId, wabaId, state, retryAfterSeconds }: PlannedSync) {
  return {
    tenant: tenantId,
    account: wabaId,
    sync: state,
    'again in': state === 'limited' ? duration(retryAfterSeconds) : '-',
  }
}

/** Lets a recategorised template go again, which may cost more. */
export function acceptTemplate(argv: readonly string[]): Command {
  const { tenant, name, language } = readOptions(argv, acceptOptions)
  return {
    role: 'functions',
    run: async ({ templates }) => {
      const accepted = await templates.acceptCategory({ tenantId: tenant }, { name, language })
      if (accepted.length === 0) {
        throw new CommandRefused(`Tenant ${tenant} has no template ${name} in ${language}.`)
      }
      return JSON.stringify(
        accepted.map(({ wabaId, acceptedCategory }) => ({ wabaId, acceptedCategory })),
      )
    },
  }
}

import type { Caller, Operator } from '../../domain/caller.ts'
import type { ProviderTemplate } from '../../domain/provider-template.ts'
import type { TemplateShape } from '../../domain/template-shape.ts'
import type { Page, PageRequest } from '../../ports/chat-store.ts'
import type { Sealer } from '../../ports/sealer.ts'
import type { TemplateFilter, TemplateStore } from '../../ports/template-store.ts'
import { queryAs } from './client-call.ts'
import { readCursor, writeCursor } from './cursor.ts'
import type { DataApi, Row } from './data-api.ts'
import { flag, optionalText, text } from './row-values.ts'

/** Under the Data API's 1 MiB a result. */
const pageBytes = 700_000

const columns = `p.waba_id, p.name, p.language, p.category, p.accepted_category, p.status, p.quality,
  p.parameter_format, p.components::text as components, p.shape::text as shape,
  iso_utc(p.synced_at) as synced_at, iso_utc(p.updated_at) as updated_at`

/** Provider templates in PostgreSQL; rows of other tenants do not exist for it. */
export function makeTemplateStore(parts: { database: DataApi; sealer: Sealer }): TemplateStore {
  return {
    list: (caller, page) => listTemplates(parts, caller, page),
    acceptCategory: async (caller, { name, language }) => {
      const rows = await queryAs(parts.database, caller, {
        sql: `update provider_templates p set accepted_category = p.category,
           updated_at = case when p.accepted_category = p.category then p.updated_at else now() end
         where p.tenant_id = :tenant::bigint and p.name = :name and p.language = :language
           and (select k.outcome from client k) = 'taken'
         returning ${columns}`,
        parameters: { name, language },
      })
      return rows.map(toTemplate)
    },
  }
}

/** Only cursors need the tenant's keys: a list that fits a page asks for none. */
async function listTemplates(
  { database, sealer }: { database: DataApi; sealer: Sealer },
  caller: Caller | Operator,
  { limit, cursor, filter }: PageRequest & { readonly filter: TemplateFilter },
): Promise<Page<ProviderTemplate>> {
  const wanted = [filter.name, filter.language, filter.status, filter.category]
  const scope = `templates:${JSON.stringify(wanted.map((value) => value ?? null))}`
  const after =
    cursor === undefined
      ? undefined
      : readCursor(await sealer.forTenant(caller.tenantId), scope, cursor)
  const rows = await queryAs(database, caller, {
    sql: templatePage(filter, after !== undefined),
    parameters: {
      ...definedOnly(filter),
      ...(after && {
        afterName: after[0] ?? '',
        afterLanguage: after[1] ?? '',
        afterWaba: after[2] ?? '',
      }),
      limit: limit + 1,
      bytes: pageBytes,
    },
  })
  const shown = rows.filter((row) => flag(row, 'fits')).slice(0, limit)
  const last = shown.at(-1)
  const more = last !== undefined && shown.length < rows.length
  return {
    items: shown.map(toTemplate),
    nextCursor: more
      ? writeCursor(await sealer.forTenant(caller.tenantId), scope, positionOf(last))
      : undefined,
  }
}

function positionOf(row: Row): readonly string[] {
  return [text(row, 'name'), text(row, 'language'), text(row, 'waba_id')]
}

function definedOnly(filter: TemplateFilter): Record<string, string> {
  const { name, language, status, category } = filter
  return {
    ...(name !== undefined && { name }),
    ...(language !== undefined && { language }),
    ...(status !== undefined && { status }),
    ...(category !== undefined && { category }),
  }
}

/** Rows past the byte limit come without components: they only tell that more follows. */
function templatePage(filter: TemplateFilter, continued: boolean): string {
  const conditions = Object.keys(definedOnly(filter)).map((key) => `and t.${key} = :${key}`)
  const beyond = `and (t.name, t.language, t.waba_id) > (:afterName, :afterLanguage, :afterWaba)`
  return `select p.fits, p.waba_id, p.name, p.language, p.category, p.accepted_category, p.status,
      p.quality, p.parameter_format,
      case when p.fits then p.components::text end as components,
      case when p.fits then p.shape::text end as shape,
      iso_utc(p.synced_at) as synced_at, iso_utc(p.updated_at) as updated_at
    from (
      select s.*, s.place = 1 or s.total <= :bytes as fits
      from (
        select l.*, row_number() over w as place,
          sum(octet_length(l.components::text) + octet_length(l.shape::text) + 2000) over w as total
        from (
          select * from provider_templates t
          where t.tenant_id = :tenant::bigint ${conditions.join(' ')} ${continued ? beyond : ''}
          order by t.name, t.language, t.waba_id limit :limit) l
        window w as (order by l.name, l.language, l.waba_id)) s) p
    order by p.name, p.language, p.waba_id`
}

function toTemplate(row: Row): ProviderTemplate {
  return {
    wabaId: text(row, 'waba_id'),
    name: text(row, 'name'),
    language: text(row, 'language'),
    category: text(row, 'category'),
    acceptedCategory: text(row, 'accepted_category'),
    status: text(row, 'status'),
    quality: optionalText(row, 'quality'),
    parameterFormat: text(row, 'parameter_format') as ProviderTemplate['parameterFormat'],
    components: JSON.parse(text(row, 'components')) as readonly unknown[],
    shape: JSON.parse(text(row, 'shape')) as TemplateShape,
    syncedAt: optionalText(row, 'synced_at'),
    updatedAt: text(row, 'updated_at'),
  }
}

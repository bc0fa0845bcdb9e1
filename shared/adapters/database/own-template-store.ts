import type { Caller } from '../../domain/caller.ts'
import type { RefusalCode } from '../../domain/errors.ts'
import type { TemplateSource } from '../../domain/message-template.ts'
import type { OwnTemplate } from '../../domain/own-template.ts'
import type { Page } from '../../ports/chat-store.ts'
import type {
  OwnTemplateStore,
  PutTemplate,
  PutTemplateAnswer,
} from '../../ports/own-template-store.ts'
import type { Sealer } from '../../ports/sealer.ts'
import { callAs, queryAs } from './client-call.ts'
import { pageOf, readCursor } from './cursor.ts'
import type { DataApi, Row } from './data-api.ts'
import { flag, optionalNumber, optionalText, text } from './row-values.ts'

interface Parts {
  readonly database: DataApi
  readonly sealer: Sealer
}

const one = `t.tenant_id = :tenant::bigint and t.name = :name and t.channel = :channel
  and t.language = :language`

/** Templates of a tenant's own in PostgreSQL; rows of other tenants do not exist for it. */
export function makeOwnTemplateStore(parts: Parts): OwnTemplateStore {
  return {
    put: async (command) => {
      const [row] = await callAs(parts.database, command, {
        name: 'put_template_v1',
        input: putInput(command),
      })
      return putAnswer(row)
    },
    list: (caller, page) => listTemplates(parts, caller, page),
    versions: (caller, wanted) => listVersions(parts, caller, wanted),
    find: async (caller, { version, ...wanted }) => {
      const [row] = await queryAs(parts.database, caller, {
        sql: `select shown_template_v1(t)::text as template, t.source::text as source,
            (select s.from_name from senders s
              where s.tenant_id = t.tenant_id and s.channel = 'EMAIL' and s.from_name is not null
              order by s.is_default desc, s.sender_id limit 1) as mail_from
          from templates t
          where ${one} ${version === undefined ? '' : 'and t.version = :version::integer'}
          order by t.version desc limit 1`,
        parameters: { ...wanted, ...(version !== undefined && { version }) },
      })
      if (row === undefined) return undefined
      const source = JSON.parse(text(row, 'source')) as TemplateSource
      return {
        template: { ...toTemplate(row), source },
        mailFrom: optionalText(row, 'mail_from'),
      }
    },
  }
}

type Asked<M extends 'list' | 'versions'> = Parameters<OwnTemplateStore[M]>[1]

async function listTemplates(
  { database, sealer: sealers }: Parts,
  caller: Caller,
  { limit, cursor, channel }: Asked<'list'>,
): Promise<Page<OwnTemplate>> {
  const sealer = await sealers.forTenant(caller.tenantId)
  const scope = `own-templates:${channel ?? ''}`
  const after = readCursor(sealer, scope, cursor)
  const [afterName = '', afterChannel = '', afterLanguage = ''] = after ?? []
  const rows = await queryAs(database, caller, {
    sql: newestSql({ isOfChannel: channel !== undefined, isContinued: after !== undefined }),
    parameters: {
      ...(channel !== undefined && { channel }),
      ...(after !== undefined && { afterName, afterChannel, afterLanguage }),
      limit: limit + 1,
    },
  })
  const cursorAfter = (row: Row) => ['name', 'channel', 'language'].map((key) => text(row, key))
  return pageOf(rows, { limit, sealer, scope, cursorAfter, item: toTemplate })
}

/** Names in the order of the key, then the newest version of each: no plan sorts all of them. */
function newestSql(wanted: { readonly isOfChannel: boolean; readonly isContinued: boolean }) {
  return `select shown_template_v1(t)::text as template, t.name, t.channel, t.language
    from (
      select distinct n.name, n.channel, n.language from templates n
      where n.tenant_id = :tenant::bigint
        ${wanted.isOfChannel ? 'and n.channel = :channel' : ''}
        ${wanted.isContinued ? 'and (n.name, n.channel, n.language) > (:afterName, :afterChannel, :afterLanguage)' : ''}
      order by n.name, n.channel, n.language
      limit :limit::integer) w
    cross join lateral (
      select * from templates v
      where v.tenant_id = :tenant::bigint and v.name = w.name and v.channel = w.channel
        and v.language = w.language
      order by v.version desc limit 1) t
    order by t.name, t.channel, t.language`
}

async function listVersions(
  { database, sealer: sealers }: Parts,
  caller: Caller,
  { limit, cursor, of: { name, channel, language } }: Asked<'versions'>,
): Promise<Page<OwnTemplate>> {
  const sealer = await sealers.forTenant(caller.tenantId)
  const scope = `own-template-versions:${JSON.stringify([name, channel, language])}`
  const [after] = readCursor(sealer, scope, cursor) ?? []
  const rows = await queryAs(database, caller, {
    sql: `select shown_template_v1(t)::text as template, t.version::text as position
      from templates t
      where ${one} ${after === undefined ? '' : 'and t.version < :after::integer'}
      order by t.version desc limit :limit::integer`,
    parameters: {
      name,
      channel,
      language,
      ...(after !== undefined && { after }),
      limit: limit + 1,
    },
  })
  const cursorAfter = (row: Row) => [text(row, 'position')]
  return pageOf(rows, { limit, sealer, scope, cursorAfter, item: toTemplate })
}

function putInput({ meter: _, ...command }: PutTemplate): unknown {
  const { source } = command
  return source.channel === 'EMAIL' ? command : { ...command, provider: source.providerTemplate }
}

function putAnswer(row: Row): PutTemplateAnswer {
  const outcome = text(row, 'outcome')
  return outcome === 'kept'
    ? { outcome, template: toTemplate(row), isNew: flag(row, 'is_new') }
    : {
        outcome: 'refused',
        code: outcome as RefusalCode,
        retryAfterSeconds: optionalNumber(row, 'retry_after_seconds'),
      }
}

/** What `shown_template_v1` answers. */
type TemplateJson = Omit<OwnTemplate, 'category' | 'providerTemplate'> & {
  readonly category: OwnTemplate['category'] | null
  readonly providerTemplate: OwnTemplate['providerTemplate'] | null
}

function toTemplate(row: Row): OwnTemplate {
  const { category, providerTemplate, ...template } = JSON.parse(
    text(row, 'template'),
  ) as TemplateJson
  return {
    ...template,
    category: category ?? undefined,
    providerTemplate: providerTemplate ?? undefined,
  }
}

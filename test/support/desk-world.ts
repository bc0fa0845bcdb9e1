import type pg from 'pg'
import { makeMessageDesk } from '#shared/adapters/database/message-desk.ts'
import type { TemplateContent } from '#shared/domain/template-content.ts'
import type { MessageDesk } from '#shared/ports/message-desk.ts'
import type { AcceptAnswer } from '#shared/ports/message-store.ts'
import { systemRandomness } from '#shared/runtime/system.ts'
import { openPostgresWorld, type PostgresWorld } from './stores.ts'
import type { WorldTenant } from './stores-world.ts'

/** The stores with the desk of messages beside them. */
export interface DeskWorld extends PostgresWorld {
  readonly desk: MessageDesk
}

export async function openDeskWorld(): Promise<DeskWorld> {
  const world = await openPostgresWorld()
  const { dataApi: database, sealer, waits } = world
  return {
    ...world,
    desk: makeMessageDesk({ database, sealer, waits, randomness: systemRandomness }),
  }
}

export const template: TemplateContent = {
  type: 'template',
  name: 'parcela_a_vencer',
  language: 'pt_BR',
  variables: { body: ['Ana'] },
}

/** Makes a template known in the account of the tenant's sender, which counts as synced from then on. */
export async function knowTemplate(
  owner: pg.Pool,
  { tenantId, senderId, sender }: WorldTenant,
  more: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await owner.query('update senders set templates_synced_at = now() where sender_id = $1', [
    senderId,
  ])
  const row = {
    ...{ tenant_id: tenantId, waba_id: sender.wabaId, name: template.name, language: 'pt_BR' },
    ...{ category: 'UTILITY', accepted_category: 'UTILITY', status: 'APPROVED' },
    shape: { body: 1 },
    ...more,
  }
  const columns = Object.keys(row)
  await owner.query(
    `insert into provider_templates (${columns.join(', ')})
     values (${columns.map((_, index) => `$${index + 1}`).join(', ')})`,
    Object.values(row),
  )
}

/** A file of the tenant, as far as the rules look at it. */
export async function addFile(
  owner: pg.Pool,
  { tenantId }: WorldTenant,
  state: 'PENDING' | 'STORED',
): Promise<string> {
  const mediaId = crypto.randomUUID()
  await owner.query(
    `insert into media (tenant_id, media_id, direction, kind, state, mime_type, object_key, row_token)
     values ($1, $2, 'OUTBOUND', 'image', $3, 'image/png', $4, gen_random_uuid())`,
    [tenantId, mediaId, state, `media/${mediaId}`],
  )
  return mediaId
}

/** Puts the tenant's sender into a portfolio whose unique users are all used up. */
export async function fillPortfolio(
  owner: pg.Pool,
  { tenantId, senderId }: WorldTenant,
): Promise<void> {
  await owner.query(
    `insert into portfolios (tenant_id, portfolio_id, unique_users_limit) values ($1, 'full', 1)`,
    [tenantId],
  )
  await owner.query(
    `insert into portfolio_hours (tenant_id, portfolio_id, hour, users)
     values ($1, 'full', date_trunc('hour', now()), 1)`,
    [tenantId],
  )
  await owner.query(`update senders set portfolio_id = 'full' where sender_id = $1`, [senderId])
}

/** `accepted`, or why not. */
export function outcomeOf(answer: AcceptAnswer | undefined): string | undefined {
  return answer?.outcome === 'refused' ? answer.code : answer?.outcome
}

/** A digest of every table; of clients without their tokens, which every request spends. */
export async function digestTables(owner: pg.Pool): Promise<Readonly<Record<string, string>>> {
  const { rows: tables } = await owner.query(
    `select table_name as name, string_agg(quote_ident(column_name), ', ' order by column_name)
       filter (where table_name <> 'clients' or column_name not in ('tokens', 'tokens_at'))
       as columns
     from information_schema.columns join information_schema.tables
       using (table_schema, table_name)
     where table_schema = 'public' and table_type = 'BASE TABLE'
     group by table_name order by table_name`,
  )
  const digests = tables.map(
    ({ name, columns }) =>
      `select '${name}' as name, md5(coalesce(string_agg(r::text, '|' order by r::text), ''))
         as digest from (select ${columns} from ${name}) r`,
  )
  const { rows } = await owner.query(digests.join(' union all '))
  return Object.fromEntries(rows.map(({ name, digest }) => [name, digest]))
}

import { makeDirectory } from '#shared/adapters/database/directory.ts'
import { makeKmsDataKeys, makeTenantKeys } from '#shared/adapters/keys/kms-keys.ts'
import { makeSealer } from '#shared/adapters/keys/tenant-sealer.ts'
import type { Cell, Sealer } from '#shared/ports/sealer.ts'
import { systemClock } from '#shared/runtime/system.ts'
import type { PostgresWorld } from '#test/support/stores.ts'
import { accept, fresh, openChat, type WorldTenant } from '#test/support/stores-world.ts'

/** A sealer as of a function that has just started. */
export function freshSealer({ dataApi, kms, kmsClient }: PostgresWorld): Sealer {
  const directory = makeDirectory(dataApi, systemClock)
  return makeSealer(directory, makeTenantKeys(makeKmsDataKeys(kmsClient, kms.keyArn)), systemClock)
}

/** Columns of bytes that hold no cell of a tenant's key: hashes, wrapped keys, transit envelopes. */
export const unsealed = [
  'account_events.event_hash',
  'account_events.raw',
  'audit_links.hash',
  'contact_identities.value_hash',
  'idempotency_keys.body_hash',
  'idempotency_keys.key_hash',
  'media.sha256',
  'message_status.recipient_hash',
  'parked_items.item_hash',
  'parked_items.raw',
  'persons.external_id_hash',
  'suppressions.value_hash',
  'task_failures.body',
  'tenant_keys.wrapped_data_key',
  'tenants.wrapped_index_key',
]

/** A row with cells: `{column: [name that the cell is bound to, column of its token]}`. */
interface SealedRow {
  readonly table: string
  readonly sealed: Readonly<Record<string, readonly [string, string]>>
  readonly more: Readonly<Record<string, unknown>>
}

const rowsOf = (senderId: string, mediaId: string): readonly SealedRow[] => [
  {
    table: 'message_status',
    sealed: {
      detail: ['message_status.detail', 'row_token'],
      recipient: ['suppressions.value', 'row_token'],
    },
    more: {
      ...{ channel: 'EMAIL', provider_message_id: fresh('mail'), status: 'FAILED' },
      occurred_at: new Date(),
    },
  },
  {
    table: 'suppressions',
    sealed: { value: ['suppressions.value', 'row_token'] },
    more: {
      ...{ channel: 'EMAIL', reason: 'manual', source: 'operator' },
      value_hash: Buffer.from(fresh('hash')),
    },
  },
  {
    table: 'media',
    sealed: {
      filename: ['media.filename', 'row_token'],
      provider_media_id: ['media.provider_media_id', 'row_token'],
    },
    more: {
      ...{ media_id: mediaId, direction: 'OUTBOUND', kind: 'image', mime_type: 'image/png' },
      object_key: `media/${mediaId}`,
    },
  },
  {
    table: 'media_uploads',
    sealed: { provider_media_id: ['media_uploads.provider_media_id', 'row_token'] },
    more: { media_id: mediaId, sender_id: senderId },
  },
  {
    table: 'subscriptions',
    sealed: {
      url: ['subscriptions.url', 'url_row_token'],
      secret: ['subscriptions.secret', 'secret_row_token'],
      previous_secret: ['subscriptions.secret', 'previous_secret_row_token'],
    },
    more: { previous_secret_until: new Date(Date.now() + 86_400_000) },
  },
]

/** Writes a row for every place that holds cells, as the stores seal them. */
export async function addSealedRows(
  world: PostgresWorld,
  sealer: Sealer,
  tenant: WorldTenant,
): Promise<void> {
  const { tenantId, senderId } = tenant
  const own = await sealer.forTenant(tenantId)
  const seal = (place: string, rowToken: string) => {
    const [table = '', column = ''] = place.split('.')
    return own.seal({ table, column, rowToken }, fresh('said'))
  }
  const { chatId, person } = await openChat(world, tenant)
  const { messageId } = await accept(world, tenant, { chatId })
  const fallbackToken = crypto.randomUUID()
  const metadataToken = crypto.randomUUID()
  await world.owner.query(
    `update chat_messages set metadata = $3, metadata_row_token = $4, fallback_content = $5,
       fallback_row_token = $6 where tenant_id = $1 and message_id = $2`,
    [
      ...[tenantId, messageId, seal('chat_messages.metadata', metadataToken), metadataToken],
      ...[seal('chat_messages.content', fallbackToken), fallbackToken],
    ],
  )
  const debt = fresh('debt')
  const rows: readonly SealedRow[] = [
    ...rowsOf(senderId, crypto.randomUUID()),
    {
      table: 'movements',
      sealed: { details: ['movements.details', 'row_token'] },
      more: {
        ...{ movement_id: debt, version: 1, person_id: person.personId, status: 'OPEN' },
        ...{ amount_cents: 1, currency: 'BRL', occurred_at: new Date() },
      },
    },
    {
      table: 'installments',
      sealed: { details: ['installments.details', 'row_token'] },
      more: {
        ...{ installment_id: debt, movement_id: debt, version: 1, number: 1, total: 1 },
        ...{ due_on: '2027-01-01', amount_cents: 1, balance_cents: 1, status: 'OPEN' },
        occurred_at: new Date(),
      },
    },
  ]
  for (const row of rows) await insert(world, tenantId, { row, seal })
}

async function insert(
  { owner }: PostgresWorld,
  tenantId: string,
  { row, seal }: { row: SealedRow; seal: (place: string, rowToken: string) => Uint8Array },
): Promise<void> {
  const values: Record<string, unknown> = { tenant_id: tenantId, ...row.more }
  for (const [column, [place, tokenColumn]] of Object.entries(row.sealed)) {
    values[tokenColumn] ??= crypto.randomUUID()
    values[column] = seal(place, String(values[tokenColumn]))
  }
  const columns = Object.keys(values)
  await owner.query(
    `insert into ${row.table} (${columns.join(', ')})
     values (${columns.map((_, index) => `$${index + 1}`).join(', ')})`,
    Object.values(values),
  )
}

interface FoundCell extends Cell {
  readonly tenantId: string
  readonly place: string
  readonly sealed: Buffer
}

/** Every cell of a tenant, in every place, with what it is bound to. */
export async function cellsOf({ owner }: PostgresWorld, tenantId: string): Promise<FoundCell[]> {
  const places = await owner.query('select * from sealed_places_v1()')
  const found: FoundCell[] = []
  for (const place of places.rows) {
    const { rows } = await owner.query(
      `select ${place.row_token}::text as token, t.${place.cell} as sealed
       from ${place.table_name} t where t.tenant_id = $1 and t.${place.cell} is not null
       order by ${place.keys.join(', ')}`,
      [tenantId],
    )
    for (const { token, sealed } of rows) {
      found.push({
        ...{ tenantId, place: place.place, sealed, rowToken: token },
        ...{ table: place.sealed_table, column: place.sealed_column },
      })
    }
  }
  return found
}

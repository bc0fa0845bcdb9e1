import type pg from 'pg'
import type { WorldTenant } from '#test/support/stores-world.ts'

/** A stored file of a tenant. */
export async function media(owner: pg.Pool, { tenantId }: WorldTenant) {
  const mediaId = crypto.randomUUID()
  const objectKey = `media/${tenantId}/${mediaId}`
  await owner.query(
    `insert into media (tenant_id, media_id, direction, kind, state, mime_type, object_key,
       filename, row_token)
     values ($1, $2, 'OUTBOUND', 'image', 'STORED', 'image/png', $3, 'sealed', gen_random_uuid())`,
    [tenantId, mediaId, objectKey],
  )
  return { mediaId, objectKey }
}

/** One row of every kind that only the machine needs, and one of each that somebody should look at. */
export async function addMachineRows(
  owner: pg.Pool,
  { tenantId }: Pick<WorldTenant, 'tenantId'>,
): Promise<void> {
  const statements = [
    `insert into parked_items (tenant_id, channel, reason, item_hash, raw)
     values ($1, 'WHATSAPP', 'unreadable', sha256(gen_random_uuid()::text::bytea), 'raw')`,
    `insert into message_status (tenant_id, channel, provider_message_id, status, occurred_at,
       row_token)
     values ($1, 'WHATSAPP', gen_random_uuid()::text, 'SENT', now(), gen_random_uuid())`,
    `insert into task_failures (tenant_id, queue, queue_message_id, reason, body, resolved_at)
     values ($1, 'q', gen_random_uuid()::text, 'unreadable', 'raw', now())`,
    `insert into task_failures (tenant_id, queue, queue_message_id, reason, body)
     values ($1, 'q', gen_random_uuid()::text, 'unreadable', 'raw')`,
    `insert into account_events (tenant_id, channel, kind, severity, event_hash, raw, occurred_at)
     values ($1, 'WHATSAPP', 'k', 'info', sha256(gen_random_uuid()::text::bytea), 'raw', now())`,
    `insert into account_events (tenant_id, channel, kind, severity, event_hash, raw, occurred_at)
     values ($1, 'WHATSAPP', 'k', 'warning', sha256(gen_random_uuid()::text::bytea), 'raw', now())`,
    `insert into tasks (tenant_id, type, state, due_at) values ($1, 'READ_RECEIPT', 'DONE', now())`,
    `insert into tasks (tenant_id, type, state, due_at)
     values ($1, 'READ_RECEIPT', 'PENDING', now())`,
  ]
  for (const statement of statements) await owner.query(statement, [tenantId])
}

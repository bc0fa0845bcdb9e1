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
    `insert into account_events (tenant_id, channel, kind, severity, event_hash, raw, occurred_at)
     values ($1, 'WHATSAPP', 'k', 'info', sha256(gen_random_uuid()::text::bytea), 'raw', now())`,
    `insert into tasks (tenant_id, type, state, due_at) values ($1, 'READ_RECEIPT', 'DONE', now())`,
    `insert into tasks (tenant_id, type, state, due_at)
     values ($1, 'READ_RECEIPT', 'PENDING', now())`,
  ]
  for (const statement of statements) await owner.query(statement, [tenantId])
  await addUnanswered(owner, { tenantId })
}

/** A dead letter and an alarm that nobody looks at. */
export async function addUnanswered(
  owner: pg.Pool,
  { tenantId }: Pick<WorldTenant, 'tenantId'>,
): Promise<void> {
  await owner.query(
    `insert into task_failures (tenant_id, queue, queue_message_id, reason, body)
     values ($1, 'q', gen_random_uuid()::text, 'unreadable', 'raw')`,
    [tenantId],
  )
  await owner.query(
    `insert into account_events (tenant_id, channel, kind, severity, event_hash, raw, occurred_at)
     values ($1, 'WHATSAPP', 'k', 'warning', sha256(gen_random_uuid()::text::bytea), 'raw', now())`,
    [tenantId],
  )
}

/** A debt of the person of a chat, last told of so many days ago, with an event and a step. */
export async function addOldDebt(
  owner: pg.Pool,
  { tenantId }: Pick<WorldTenant, 'tenantId'>,
  debt: { readonly chatId: string; readonly status: 'OPEN' | 'PAID'; readonly days: number },
): Promise<void> {
  await owner.query(
    `with told as (
       select c.tenant_id, c.person_id, gen_random_uuid()::text as id,
         now() - $4 * interval '1 day' as at
       from chats c where c.tenant_id = $1 and c.chat_id = $2
     ), movement as (
       insert into movements (tenant_id, movement_id, version, person_id, status, amount_cents,
         currency, row_token, occurred_at, updated_at)
       select tenant_id, id, 1, person_id, 'OPEN', 1, 'BRL', gen_random_uuid(), at, at from told
     ), installment as (
       insert into installments (tenant_id, installment_id, movement_id, version, number, total,
         due_on, amount_cents, balance_cents, status, row_token, occurred_at, updated_at)
       select tenant_id, id, id, 1, 1, 1, at::date, 1, 1, $3, gen_random_uuid(), at, at from told
     ), event as (
       insert into business_events (tenant_id, event_id, type, thing_id, version, outcome,
         occurred_at, created_at)
       select tenant_id, id, 'installment.created', id, 1, 'applied', at, at from told
     )
     insert into dunning_steps (tenant_id, installment_id, step, state, planned_on, due_on,
       decided_at)
     select tenant_id, id, 'reminder', 'SENT', at::date, at::date, at from told`,
    [tenantId, debt.chatId, debt.status, debt.days],
  )
}

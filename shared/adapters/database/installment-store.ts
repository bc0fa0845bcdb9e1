import type { DebtMessage, Installment, Movement } from '../../domain/business-event.ts'
import type { Caller } from '../../domain/caller.ts'
import type { Page, PageRequest } from '../../ports/chat-store.ts'
import type { InstallmentFilter, InstallmentStore } from '../../ports/installment-store.ts'
import type { Sealer, TenantSealer } from '../../ports/sealer.ts'
import { openInstallment, openMovement } from './business-cells.ts'
import { queryAs } from './client-call.ts'
import { pageOf, readCursor } from './cursor.ts'
import type { DataApi, Row } from './data-api.ts'
import { text } from './row-values.ts'

interface Parts {
  readonly database: DataApi
  readonly sealer: Sealer
}

/** Movements and installments in PostgreSQL; rows of other tenants do not exist for it. */
export function makeInstallmentStore(parts: Parts): InstallmentStore {
  const { database, sealer: sealers } = parts
  return {
    movement: async (caller, movementId) => {
      const [row] = await queryAs(database, caller, {
        sql: `select ${movementJson} as shown, m.movement_id, m.person_id::text as person_id
          from movements m where m.tenant_id = :tenant::bigint and m.movement_id = :id`,
        parameters: { id: movementId },
        shows: { ids: { movementId: 'w.movement_id', personId: 'w.person_id' } },
      })
      return row && toMovement(await sealers.forTenant(caller.tenantId), row)
    },
    installment: async (caller, installmentId) => {
      const [row] = await queryAs(database, caller, {
        sql: `select ${installmentJson} as shown, i.installment_id, i.movement_id from installments i
          where i.tenant_id = :tenant::bigint and i.installment_id = :id`,
        parameters: { id: installmentId },
        shows: installmentIds,
      })
      return row && toInstallment(await sealers.forTenant(caller.tenantId), row)
    },
    installments: (caller, page) => listInstallments(parts, caller, page),
    messages: (caller, installmentId, page) =>
      listMessages(parts, caller, { ...page, installmentId }),
  }
}

const installmentIds = {
  ids: { installmentId: 'w.installment_id', movementId: 'w.movement_id' },
} as const

const movementJson = `jsonb_build_object('movementId', m.movement_id, 'version', m.version,
  'personId', m.person_id::text, 'status', m.status, 'amountCents', m.amount_cents,
  'currency', m.currency, 'details', encode(m.details, 'base64'), 'rowToken', m.row_token,
  'occurredAt', iso_utc(m.occurred_at), 'createdAt', iso_utc(m.created_at),
  'updatedAt', iso_utc(m.updated_at))::text`

const installmentJson = `jsonb_build_object('installmentId', i.installment_id,
  'movementId', i.movement_id, 'version', i.version, 'number', i.number, 'total', i.total,
  'dueOn', i.due_on, 'amountCents', i.amount_cents, 'balanceCents', i.balance_cents,
  'status', i.status, 'paidAt', iso_utc(i.paid_at), 'isWaiting', i.is_waiting,
  'details', encode(i.details, 'base64'), 'rowToken', i.row_token,
  'occurredAt', iso_utc(i.occurred_at), 'createdAt', iso_utc(i.created_at),
  'updatedAt', iso_utc(i.updated_at))::text`

const messageJson = `jsonb_build_object('messageId', m.message_id::text,
  'chatId', m.chat_id::text, 'channel', m.channel, 'status', m.status, 'reason', m.reason,
  'template', case when m.named_template is not null then jsonb_build_object(
    'name', m.named_template, 'language', m.named_template_language,
    'version', m.named_template_version) end,
  'installmentVersion', m.installment_version, 'decision', m.decision,
  'createdAt', iso_utc(m.created_at), 'statusAt', iso_utc(m.status_at))::text`

interface Sealed {
  readonly details: string | null
  readonly rowToken: string
}

function toMovement(sealer: TenantSealer, row: Row): Movement {
  const { details, rowToken, ...clear } = JSON.parse(text(row, 'shown')) as Movement & Sealed
  return { ...clear, ...openMovement(sealer, { details, rowToken }) }
}

function toInstallment(sealer: TenantSealer, row: Row): Installment {
  const { details, rowToken, isWaiting, paidAt, ...clear } = JSON.parse(text(row, 'shown')) as Omit<
    Installment,
    'paidAt'
  > &
    Sealed & { readonly isWaiting: boolean; readonly paidAt: string | null }
  return {
    ...clear,
    paidAt: paidAt ?? undefined,
    waitingFor: isWaiting ? 'movement' : undefined,
    ...openInstallment(sealer, { details, rowToken }),
  }
}

/**
 * Only the index that has the status first can be read in this order: with an equality, the one of ids
 * may be taken, and passes over all that has another status.
 */
const ofStatus = `and (i.status, i.installment_id) > (:status, :after) and i.status <= :status`

async function listInstallments(
  { database, sealer: sealers }: Parts,
  caller: Caller,
  { limit, cursor, filter }: PageRequest & { readonly filter: InstallmentFilter },
): Promise<Page<Installment>> {
  const sealer = await sealers.forTenant(caller.tenantId)
  const { status, movementId, waiting } = filter
  const scope = `installments:${JSON.stringify([status, movementId, waiting])}`
  const [after] = readCursor(sealer, scope, cursor) ?? []
  const rows = await queryAs(database, caller, {
    sql: `select ${installmentJson} as shown, i.installment_id, i.movement_id from installments i
      where i.tenant_id = :tenant::bigint
        ${status === undefined ? '' : ofStatus}
        ${movementId === undefined ? '' : 'and i.movement_id = :movement'}
        ${waiting === undefined ? '' : 'and i.is_waiting'}
        ${status !== undefined || after === undefined ? '' : 'and i.installment_id > :after'}
      order by ${status === undefined ? '' : 'i.status, '}i.installment_id limit :limit::integer`,
    parameters: {
      ...(status !== undefined && { status }),
      ...(movementId !== undefined && { movement: movementId }),
      ...(after !== undefined && { after }),
      ...(status !== undefined && { after: after ?? '' }),
      limit: limit + 1,
    },
    shows: { ...installmentIds, most: limit },
  })
  return pageOf(rows, {
    ...{ limit, sealer, scope },
    cursorAfter: (row) => [text(row, 'installment_id')],
    item: (row) => toInstallment(sealer, row),
  })
}

/** The installment's own row comes first, so that one without messages and none are told apart. */
async function listMessages(
  { database, sealer: sealers }: Parts,
  caller: Caller,
  { limit, cursor, installmentId }: PageRequest & { readonly installmentId: string },
): Promise<Page<DebtMessage> | undefined> {
  const sealer = await sealers.forTenant(caller.tenantId)
  const scope = `installment-messages:${installmentId}`
  const [before] = readCursor(sealer, scope, cursor) ?? []
  const rows = await queryAs(database, caller, {
    sql: `select p.shown, p.position, p.chat_id from installments i
      left join lateral (
        select ${messageJson} as shown, m.message_id::text as position, m.message_id,
          m.chat_id::text as chat_id
        from chat_messages m
        where m.tenant_id = i.tenant_id and m.installment_id = i.installment_id
          ${before === undefined ? '' : 'and m.message_id < :before::bigint'}
        order by m.message_id desc limit :limit::integer) p on true
      where i.tenant_id = :tenant::bigint and i.installment_id = :id
      order by p.message_id desc`,
    parameters: {
      id: installmentId,
      ...(before !== undefined && { before }),
      limit: limit + 1,
    },
    shows: {
      ids: { installmentId: ':id::text', messageId: 'w.position', chatId: 'w.chat_id' },
      most: limit,
    },
  })
  if (rows.length === 0) return undefined
  return pageOf(
    rows.filter(({ position }) => position !== null),
    {
      ...{ limit, sealer, scope },
      cursorAfter: (row) => [text(row, 'position')],
      item: (row) => JSON.parse(text(row, 'shown')) as DebtMessage,
    },
  )
}

import { randomUUID } from 'node:crypto'
import { base64, identityHash, sealIdentity } from '#shared/adapters/database/sealed-cells.ts'
import type { VirtualDatabase } from '#test/faults/sql/template.ts'
import type { LadderEvent } from '../system.ts'
import type { LadderTenant } from './tenant.ts'

type Of<T extends LadderEvent['type']> = Extract<LadderEvent, { type: T }>
type Query = (sql: string, values: readonly unknown[]) => Promise<void>

/** Writes what the projection of a finance system would, and cancels what it would cancel. */
export function makeProjection(database: VirtualDatabase, tenant: LadderTenant) {
  const query: Query = async (sql, values) => {
    await database.owner.query(sql, [tenant.tenantId, ...values])
  }
  return async (events: readonly LadderEvent[]): Promise<void> => {
    for (const event of events) await project(query, tenant, event)
  }
}

function project(query: Query, tenant: LadderTenant, event: LadderEvent): Promise<void> {
  switch (event.type) {
    case 'person':
      return addPerson(query, tenant, event)
    case 'movement':
      return addMovement(query, tenant, event)
    case 'installment':
      return addInstallment(query, tenant, event)
    case 'opted-out':
      return optOut(query, event)
    default:
      return change(query, event)
  }
}

/** The simulation counts people from 0, rows from 1. */
const personId = (text: string) => Number(text) + 1

async function addPerson(
  query: Query,
  { sealer }: LadderTenant,
  event: Of<'person'>,
): Promise<void> {
  const rowToken = randomUUID()
  const name = sealer.seal({ table: 'persons', column: 'name', rowToken }, 'Ana Souza')
  await query(
    `insert into persons (tenant_id, person_id, name, row_token, state, time_zone)
     overriding system value values ($1, $2, $3, $4, $5, $6)`,
    [personId(event.personId), name, rowToken, event.state, event.timeZone],
  )
  const contacts = [
    ...(event.phone === undefined ? [] : [['WHATSAPP', 'phone', event.phone] as const]),
    ...(event.hasEmail ? [['EMAIL', 'email', `p${event.personId}@example.com`] as const] : []),
  ]
  for (const [channel, kind, address] of contacts) {
    const token = randomUUID()
    const { value } = sealIdentity(sealer, { kind, value: address, rowToken: token })
    await query(
      `with contact as (
         insert into contacts (tenant_id, person_id, channel) values ($1, $2, $3)
         returning contact_id)
       insert into contact_identities
         (tenant_id, contact_id, channel, kind, value_hash, value, row_token)
       select $1, contact_id, $3, $4, decode($5, 'base64'), decode($6, 'base64'), $7 from contact`,
      [
        ...[personId(event.personId), channel, kind],
        ...[identityHash(sealer, kind, address), value, token],
      ],
    )
  }
}

async function addMovement(
  query: Query,
  { sealer }: LadderTenant,
  { movementId, amountCents, personId: of }: Of<'movement'>,
): Promise<void> {
  const rowToken = randomUUID()
  const details = JSON.stringify({ description: 'Mensalidade', nfseLink: 'https://nf.example/1' })
  const cell = { table: 'movements', column: 'details', rowToken }
  await query(
    `insert into movements (tenant_id, movement_id, version, person_id, status, amount_cents,
       currency, details, row_token, occurred_at)
     values ($1, $2, 1, $3, 'OPEN', $4, 'BRL', decode($5, 'base64'), $6, now())`,
    [movementId, personId(of), amountCents, base64(sealer.seal(cell, details)), rowToken],
  )
}

async function addInstallment(
  query: Query,
  { sealer }: LadderTenant,
  event: Of<'installment'>,
): Promise<void> {
  const rowToken = randomUUID()
  const details = JSON.stringify({ paymentLink: 'https://pague.example/1' })
  const cell = { table: 'installments', column: 'details', rowToken }
  await query(
    `insert into installments (tenant_id, installment_id, movement_id, version, number, total,
       due_on, amount_cents, balance_cents, status, details, row_token, occurred_at)
     values ($1, $2, $3, 1, $4, $5, $6, $7, $7, 'OPEN', decode($8, 'base64'), $9, now())`,
    [
      ...[event.installmentId, event.movementId, event.number, event.total, event.dueOn],
      ...[event.balanceCents, base64(sealer.seal(cell, details)), rowToken],
    ],
  )
}

async function optOut(query: Query, event: Of<'opted-out'>): Promise<void> {
  await query(
    `insert into opt_outs (tenant_id, contact_id, channel, category, source, opted_out_at)
     select tenant_id, contact_id, channel, 'ALL', 'keyword', now() from contacts
     where tenant_id = $1 and person_id = $2 and channel = $3`,
    [personId(event.personId), event.channel],
  )
}

const statusOf = { paid: 'PAID', cancelled: 'CANCELLED', renegotiated: 'RENEGOTIATED' } as const

async function change(
  query: Query,
  event: Of<'paid' | 'cancelled' | 'renegotiated' | 'moved'>,
): Promise<void> {
  await query(
    `update installments set version = version + 1, status = coalesce($3, status),
       due_on = coalesce($4, due_on), updated_at = now()
     where tenant_id = $1 and installment_id = $2`,
    [
      event.installmentId,
      event.type === 'moved' ? null : statusOf[event.type],
      event.type === 'moved' ? event.dueOn : null,
    ],
  )
  await query(
    `with ended as (
       update chat_messages set status = 'CANCELLED', reason = $3, status_at = now()
       where tenant_id = $1 and installment_id = $2 and status = 'QUEUED' returning message_id)
     update tasks set state = 'CANCELLED', updated_at = now()
     where tenant_id = $1 and type = 'MESSAGE_SEND'
       and message_id in (select message_id from ended)`,
    [event.installmentId, `installment-${event.type}`],
  )
}

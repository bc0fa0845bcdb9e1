import type { ExportPart } from '../../ports/exports.ts'
import { type ExportQuery, lookedUp, lookedUpOfPerson } from './export-query.ts'

const movementsOf = lookedUpOfPerson('movements', 'v')
const installmentsOf = `${movementsOf} ${lookedUp('installments', 'n', 'n.movement_id = v.movement_id')}`

type DebtPart = Extract<
  ExportPart,
  'movements' | 'installments' | 'businessEvents' | 'dunningSteps'
>

/** What a finance system told of a person, and what was said about it; part of `exportQueries`. */
export const debtQueries: Readonly<Record<DebtPart, ExportQuery>> = {
  movements: {
    told: `jsonb_build_object('movementId', v.movement_id, 'status', v.status,
      'amountCents', v.amount_cents::text, 'currency', v.currency,
      'details', encode(v.details, 'base64'), 'rowToken', v.row_token,
      'version', v.version::text, 'occurredAt', iso_utc(v.occurred_at))`,
    from: `${movementsOf} where true`,
    key: 'v.movement_id',
    keyType: 'text',
    cells: [{ name: 'details', table: 'movements', column: 'details', isJson: true }],
  },
  installments: {
    told: `jsonb_build_object('installmentId', n.installment_id, 'movementId', n.movement_id,
      'number', n.number, 'total', n.total, 'dueOn', n.due_on,
      'amountCents', n.amount_cents::text, 'balanceCents', n.balance_cents::text,
      'status', n.status, 'paidAt', iso_utc(n.paid_at), 'documentMediaId', n.document_media_id,
      'details', encode(n.details, 'base64'), 'rowToken', n.row_token,
      'version', n.version::text, 'occurredAt', iso_utc(n.occurred_at))`,
    from: `${installmentsOf} where true`,
    key: 'n.installment_id',
    keyType: 'text',
    cells: [{ name: 'details', table: 'installments', column: 'details', isJson: true }],
  },
  businessEvents: {
    told: `jsonb_build_object('eventId', b.event_id, 'type', b.type, 'thingId', b.thing_id,
      'version', b.version::text, 'outcome', b.outcome, 'notice', b.notice,
      'copies', b.copies, 'conflicts', b.conflicts, 'occurredAt', iso_utc(b.occurred_at))`,
    from: `${movementsOf}
      cross join lateral (
        select 'movement' as thing, v.movement_id as thing_id
        union all
        select 'installment', n.installment_id from installments n
        where n.tenant_id = :tenant::bigint and n.movement_id = v.movement_id
        offset 0) w
      ${lookedUp('business_events', 'b', "b.thing_id = w.thing_id and split_part(b.type, '.', 1) = w.thing")}
      where true`,
    key: 'b.event_id',
    keyType: 'text',
  },
  // A step that was decided for somebody stays theirs, whoever owes the debt now.
  dunningSteps: {
    told: `jsonb_build_object('installmentId', d.installment_id, 'step', d.step, 'state', d.state,
      'plannedOn', d.planned_on, 'dueOn', d.due_on, 'reason', d.reason,
      'messageId', d.message_id::text, 'channel', d.channel, 'decision', d.decision,
      'decidedAt', iso_utc(d.decided_at))`,
    from: `cross join lateral (
        select s.* from (values (1)) one (row)
        ${installmentsOf} ${lookedUp('dunning_steps', 's', 's.installment_id = n.installment_id')}
        where coalesce(s.person_id, v.person_id) = any (same.ids)
        union
        select s.* from (values (1)) one (row) ${lookedUpOfPerson('dunning_steps', 's')}) d
      where true`,
    key: "concat_ws(':', d.installment_id, d.step)",
    keyType: 'text',
  },
}

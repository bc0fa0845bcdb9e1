import type { InstallmentStatus, MovementStatus } from '../../domain/business-event.ts'
import type { InstallmentService, MovementService } from '../../ports/billing.ts'
import type { DataApi } from './data-api.ts'
import { number, text } from './row-values.ts'

/** What the tenant's events told. A movement that was cancelled cancels its installments. */
export function makeStoredInstallments(database: DataApi): InstallmentService {
  return {
    current: async (tenantId, installmentId) => {
      const [row] = await database.query(
        `select case when m.status = 'CANCELLED' then m.status else i.status end as status,
           i.due_on::text as due_on, i.balance_cents from installments i
         left join movements m on m.tenant_id = i.tenant_id and m.movement_id = i.movement_id
         where i.tenant_id = :tenant::bigint and i.installment_id = :id`,
        { tenant: tenantId, id: installmentId },
      )
      if (row === undefined) return 'not-found'
      return {
        status: text(row, 'status') as InstallmentStatus,
        dueOn: text(row, 'due_on'),
        balanceCents: number(row, 'balance_cents'),
      }
    },
  }
}

/** What the tenant's events told. */
export function makeStoredMovements(database: DataApi): MovementService {
  return {
    current: async (tenantId, movementId) => {
      const [row] = await database.query(
        `select m.status, m.amount_cents from movements m
         where m.tenant_id = :tenant::bigint and m.movement_id = :id`,
        { tenant: tenantId, id: movementId },
      )
      if (row === undefined) return 'not-found'
      return {
        status: text(row, 'status') as MovementStatus,
        amountCents: number(row, 'amount_cents'),
      }
    },
  }
}

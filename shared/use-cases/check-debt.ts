import type { InstallmentStatus } from '../domain/business-event.ts'
import type { Settlement } from '../domain/settlement.ts'
import type { CurrentInstallment, InstallmentService } from '../ports/billing.ts'
import type { BillingDirectory } from '../ports/directory.ts'
import type { ClaimedDebt } from '../ports/message-store.ts'

export interface CheckParts {
  readonly directory: Pick<BillingDirectory, 'billingService'>
  readonly installments: InstallmentService
}

/** How long a message waits for a finance system that does not answer. */
const retryInSeconds = 60

const endOf: Readonly<Record<InstallmentStatus, string>> = {
  OPEN: 'installment-changed',
  PAID: 'installment-paid',
  CANCELLED: 'installment-cancelled',
  RENEGOTIATED: 'installment-renegotiated',
}

/**
 * Asks the tenant's finance system, if it has one, whether a debt still stands, in the milliseconds
 * that are left. Undefined: the message may go; what the events told was looked at by the claim.
 */
export async function checkDebt(
  { directory, installments }: CheckParts,
  tenantId: string,
  { debt, within }: { readonly debt: ClaimedDebt; readonly within: number },
): Promise<Settlement | undefined> {
  const service = await directory.billingService(tenantId).catch(() => 'unknown' as const)
  if (service === undefined) return undefined
  const current = await installments.current(tenantId, debt.installmentId, within)
  if (current === 'unreachable') {
    if (debt.onUnreachable === 'send') return undefined
    return { outcome: 'NOT_CALLED', reason: 'billing-unreachable', retryInSeconds }
  }
  const reason = current === 'not-found' ? 'installment-cancelled' : changeOf(debt, current)
  return reason === undefined ? undefined : { outcome: 'NOT_CALLED', reason }
}

/** What `installment_refusal_v1` says of what is stored. */
function changeOf(debt: ClaimedDebt, current: CurrentInstallment): string | undefined {
  const expected = debt.status ?? 'OPEN'
  if (current.status !== expected) return endOf[current.status]
  if (expected !== 'OPEN') return undefined
  if (debt.dueOn !== undefined && debt.dueOn !== current.dueOn) return 'installment-moved'
  const isChanged = debt.balanceCents !== undefined && debt.balanceCents !== current.balanceCents
  return isChanged ? 'installment-changed' : undefined
}

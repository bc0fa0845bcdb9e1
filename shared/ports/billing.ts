import type { InstallmentStatus, MovementStatus } from '../domain/business-event.ts'

/** What is true of an installment now. */
export interface CurrentInstallment {
  readonly status: InstallmentStatus
  /** Calendar day. */
  readonly dueOn: string
  readonly balanceCents: number
}

/** What is true of a movement now. */
interface CurrentMovement {
  readonly status: MovementStatus
  readonly amountCents: number
}

/** `unreachable`: the finance system did not answer in time, or not as it should; nothing is thrown. */
export type BillingAnswer<T> = T | 'not-found' | 'unreachable'

/** Says what is true of installments now. */
export interface InstallmentService {
  /** `within`: milliseconds that the answer may take, at most. */
  current(
    tenantId: string,
    installmentId: string,
    within: number,
  ): Promise<BillingAnswer<CurrentInstallment>>
}

/** Says what is true of movements now. */
export interface MovementService {
  current(
    tenantId: string,
    movementId: string,
    within: number,
  ): Promise<BillingAnswer<CurrentMovement>>
}

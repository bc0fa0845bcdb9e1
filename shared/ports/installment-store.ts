import type {
  DebtMessage,
  Installment,
  InstallmentStatus,
  Movement,
} from '../domain/business-event.ts'
import type { Caller } from '../domain/caller.ts'
import type { Page, PageRequest } from './chat-store.ts'

export interface InstallmentFilter {
  readonly status?: InstallmentStatus | undefined
  readonly movementId?: string | undefined
  /** Those whose movement was not told yet. */
  readonly waiting?: boolean | undefined
}

/**
 * Movements and installments as they are known. Each method is one database call; throws Refusal
 * `client-unknown`, `rate-limited`, and of lists `invalid-cursor`.
 */
export interface InstallmentStore {
  movement(caller: Caller, movementId: string): Promise<Movement | undefined>
  installment(caller: Caller, installmentId: string): Promise<Installment | undefined>
  /** By id. */
  installments(
    caller: Caller,
    page: PageRequest & { readonly filter: InstallmentFilter },
  ): Promise<Page<Installment>>
  /** Newest first. Undefined: there is no such installment. */
  messages(
    caller: Caller,
    installmentId: string,
    page: PageRequest,
  ): Promise<Page<DebtMessage> | undefined>
}

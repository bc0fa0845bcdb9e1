import type {
  BusinessEventOutcome,
  DebtMessage,
  Installment,
  Movement,
} from '../domain/business-event.ts'
import type { Caller } from '../domain/caller.ts'
import { Refusal } from '../domain/errors.ts'
import type { BusinessEventStore } from '../ports/business-event-store.ts'
import type { Page, PageRequest } from '../ports/chat-store.ts'
import type { InstallmentFilter, InstallmentStore } from '../ports/installment-store.ts'

/** What a tenant's finance system told; that of somebody else is simply not found. */
export function makeReadInstallments(
  installments: InstallmentStore,
  events: Pick<BusinessEventStore, 'find'>,
) {
  return {
    /** Throws Refusal `business-event-not-found`. */
    event: async (caller: Caller, eventId: string): Promise<BusinessEventOutcome> => {
      const event = await events.find(caller, eventId)
      if (event === undefined) throw new Refusal('business-event-not-found')
      return event
    },
    /** Throws Refusal `movement-not-found`. */
    movement: async (caller: Caller, movementId: string): Promise<Movement> => {
      const movement = await installments.movement(caller, movementId)
      if (movement === undefined) throw new Refusal('movement-not-found')
      return movement
    },
    /** Throws Refusal `installment-not-found`. */
    installment: async (caller: Caller, installmentId: string): Promise<Installment> => {
      const installment = await installments.installment(caller, installmentId)
      if (installment === undefined) throw new Refusal('installment-not-found')
      return installment
    },
    installments: (
      caller: Caller,
      page: PageRequest & { readonly filter: InstallmentFilter },
    ): Promise<Page<Installment>> => installments.installments(caller, page),
    /** Throws Refusal `installment-not-found`. */
    messages: async (
      caller: Caller,
      installmentId: string,
      page: PageRequest,
    ): Promise<Page<DebtMessage>> => {
      const found = await installments.messages(caller, installmentId, page)
      if (found === undefined) throw new Refusal('installment-not-found')
      return found
    },
  }
}

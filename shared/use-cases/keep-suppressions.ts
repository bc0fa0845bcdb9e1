import type { Caller } from '../domain/caller.ts'
import { Refusal } from '../domain/errors.ts'
import type { Suppression } from '../domain/suppression.ts'
import type { Page, PageRequest } from '../ports/chat-store.ts'
import type {
  AddSuppression,
  SuppressionFilter,
  SuppressionStore,
} from '../ports/suppression-store.ts'

/** The addresses of a tenant that nothing goes to; those of somebody else are simply not found. */
export function makeKeepSuppressions(suppressions: SuppressionStore) {
  return {
    list: (
      caller: Caller,
      page: PageRequest & { readonly filter: SuppressionFilter },
    ): Promise<Page<Suppression>> => suppressions.list(caller, page),
    /** Throws Refusal `expiry-passed`, `idempotency-key-mismatch`. */
    add: async (
      command: AddSuppression,
    ): Promise<{ readonly suppression: Suppression; readonly isNew: boolean }> => {
      const answer = await suppressions.add(command)
      if (answer.outcome === 'refused') throw new Refusal(answer.code, answer.retryAfterSeconds)
      return answer
    },
    /**
     * Mails go to the address again; what bounced before counts no more. A list of the provider's own
     * is not touched. Throws Refusal `suppression-not-found`.
     */
    remove: async (caller: Caller, suppressionId: string): Promise<void> => {
      if (!(await suppressions.remove(caller, suppressionId))) {
        throw new Refusal('suppression-not-found')
      }
    },
  }
}

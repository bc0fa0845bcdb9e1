import type { Caller, RequestKey } from '../domain/caller.ts'
import type { Channel } from '../domain/channel.ts'
import type { RefusalCode } from '../domain/errors.ts'
import type { Suppression, SuppressionReason } from '../domain/suppression.ts'
import type { Page, PageRequest } from './chat-store.ts'

export interface SuppressionFilter {
  readonly channel?: Channel | undefined
  /** Exact; only with its channel. */
  readonly address?: string | undefined
}

export interface AddSuppression extends Caller {
  readonly request: RequestKey
  readonly channel: Channel
  readonly address: string
  readonly reason: SuppressionReason
  readonly expiresAt?: string | undefined
}

type AddSuppressionAnswer =
  | {
      readonly outcome: 'suppressed'
      readonly suppression: Suppression
      /** False: the address was suppressed already, maybe for a stronger reason. */
      readonly isNew: boolean
    }
  | {
      readonly outcome: 'refused'
      readonly code: RefusalCode
      readonly retryAfterSeconds: number | undefined
    }

/** The addresses that nothing goes to. Each method is one database call. */
export interface SuppressionStore {
  /**
   * The living ones, newest first. Throws Refusal `invalid-cursor`, `client-unknown`,
   * `rate-limited`.
   */
  list(
    caller: Caller,
    page: PageRequest & { readonly filter: SuppressionFilter },
  ): Promise<Page<Suppression>>
  add(command: AddSuppression): Promise<AddSuppressionAnswer>
  /**
   * A second time changes nothing. False: the tenant never had it. Throws Refusal `client-unknown`,
   * `rate-limited`.
   */
  remove(caller: Caller, suppressionId: string): Promise<boolean>
}

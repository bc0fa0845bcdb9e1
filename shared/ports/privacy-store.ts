import type { Caller, RequestKey } from '../domain/caller.ts'
import type { Channel } from '../domain/channel.ts'
import type { RefusalCode } from '../domain/errors.ts'
import type {
  Consent,
  ConsentAction,
  LegalHold,
  PrivacyKind,
  PrivacyRequest,
} from '../domain/privacy.ts'
import type { Page } from './chat-store.ts'
import type { Wake } from './task-queue.ts'

export interface PrivacyPage {
  /** 1 to 100. */
  readonly limit: number
  readonly cursor?: string | undefined
  readonly personId?: string | undefined
}

export interface AskPrivacy extends Caller {
  readonly request: RequestKey
  readonly personId: string
  readonly kind: PrivacyKind
}

export interface AddConsent extends Caller {
  readonly request: RequestKey
  readonly personId: string
  readonly channel: Channel
  readonly purpose: string
  readonly action: ConsentAction
  readonly textVersion?: string | undefined
  readonly source: string
  /** Default: now. */
  readonly occurredAt?: string | undefined
}

export interface Refused {
  readonly outcome: 'refused'
  readonly code: RefusalCode
  readonly retryAfterSeconds: number | undefined
}

/** What persons may ask for. Each method is one call; reads throw Refusal `client-unknown`, `rate-limited`. */
export interface PrivacyStore {
  ask(
    command: AskPrivacy,
  ): Promise<
    | { readonly outcome: 'asked'; readonly asked: PrivacyRequest; readonly wake: Wake | undefined }
    | Refused
  >
  get(caller: Caller, requestId: string): Promise<PrivacyRequest | undefined>
  /** Newest first. Throws Refusal `invalid-cursor`. */
  list(caller: Caller, page: PrivacyPage): Promise<Page<PrivacyRequest>>
  /** Without a reason the hold is lifted. */
  hold(
    command: Caller & { readonly personId: string; readonly reason?: string | undefined },
  ): Promise<{ readonly outcome: 'changed'; readonly held: LegalHold } | Refused>
  addConsent(
    command: AddConsent,
  ): Promise<{ readonly outcome: 'added'; readonly consent: Consent } | Refused>
  /** Oldest first, those of persons merged into this one too. Undefined: there is no such person. */
  consents(
    caller: Caller,
    personId: string,
    page: Omit<PrivacyPage, 'personId'>,
  ): Promise<Page<Consent> | undefined>
}

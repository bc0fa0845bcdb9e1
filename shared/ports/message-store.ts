import type { InstallmentStatus } from '../domain/business-event.ts'
import type { Caller, RequestKey } from '../domain/caller.ts'
import type { Channel } from '../domain/channel.ts'
import type { EmailContent, MessageContent } from '../domain/content.ts'
import type { RefusalCode } from '../domain/errors.ts'
import type { DeliveryPolicy } from '../domain/message.ts'
import type { TemplateSource } from '../domain/message-template.ts'
import type { Settlement } from '../domain/settlement.ts'
import type { TemplateContent } from '../domain/template-content.ts'
import type { TemplateShape } from '../domain/template-shape.ts'
import type { ValueType } from '../domain/template-source.ts'
import type {
  AttachedFile,
  DeliveryRequest,
  MailRequest,
  MailSender,
  NumberSender,
} from './message-provider.ts'
import type { Wake } from './task-queue.ts'

/** A message that somebody wants to be sent. */
export interface MessageWish {
  readonly chatId: string
  readonly channel: Channel
  readonly content: MessageContent
  /** A template that goes in the content's place once the service window is closed. */
  readonly fallback?: TemplateContent | undefined
  /** A message of the same chat and channel; a reaction needs one. */
  readonly replyToMessageId?: string | undefined
  readonly sendAt?: string | undefined
  readonly expiresAt?: string | undefined
  readonly deliveryPolicy?: DeliveryPolicy | undefined
}

export interface AcceptMessage extends Caller, MessageWish {
  readonly request: RequestKey
}

export type AcceptAnswer =
  | {
      readonly outcome: 'accepted'
      readonly messageId: string
      readonly acceptedAt: string
      /** Undefined when the relay will wake it (due in more than 900 s, or a replay). */
      readonly wake: Wake | undefined
    }
  | MessageRefused

export interface MessageRefused {
  readonly outcome: 'refused'
  readonly code: RefusalCode
  readonly retryAfterSeconds: number | undefined
  /** Of `template-parameters`, for a template of the provider: the shape that it has. */
  readonly expectedShape?: TemplateShape | undefined
  /** Of `template-parameters`, for a template of ours: what it takes. */
  readonly expectedValues?: ExpectedValues | undefined
}

/** What a template of ours takes. */
export interface ExpectedValues {
  /** The names of its variables. */
  readonly variables: readonly string[]
  /** Of those that are no texts. */
  readonly valueTypes?: Readonly<Record<string, ValueType>>
  /** On WhatsApp: how many files. */
  readonly attachments?: number
}

/** A send that may go now; sends of one chat and channel come in the order they must go. */
interface Claimed {
  readonly tenantId: string
  readonly taskId: string
  readonly attemptId: string
  readonly fence: string
  /** How many attempts there were, this one included. */
  readonly attempts: number
  readonly messageId: string
  readonly chatId: string
  readonly content: MessageContent | undefined
  /** Of a `named-template`: the version that the message was accepted with. */
  readonly template?: TemplateSource | undefined
  /** Provider id of the message that this one answers, if the provider ever had it. */
  readonly replyTo: string | undefined
  /** The files that the content shows. */
  readonly media: readonly SendMedia[]
  /** What the message is about. */
  readonly debt?: ClaimedDebt
}

/** An installment as it was when a message about it was decided upon. */
export interface ClaimedDebt {
  readonly installmentId: string
  /** The status that it must have; default OPEN. */
  readonly status?: InstallmentStatus
  readonly dueOn?: string
  readonly balanceCents?: number
  /** When the finance system does not answer; default hold. */
  readonly onUnreachable?: 'hold' | 'send'
}

export type ClaimedSend = Claimed & SendRoute

/** From whom to whom, by channel. */
export type SendRoute =
  | {
      readonly channel: 'WHATSAPP'
      readonly sender: NumberSender
      readonly recipient: DeliveryRequest['recipient']
    }
  | {
      readonly channel: 'EMAIL'
      /** Of a mail that is a template of ours the template's, of another one its own. */
      readonly category: EmailContent['category']
      readonly sender: MailSender
      readonly recipient: MailRequest['recipient']
    }

/** A file of a send, and what the sender's provider calls it while it keeps the file. */
export interface SendMedia extends AttachedFile {
  readonly providerMediaId: string | undefined
}

export interface SendReference {
  readonly tenantId: string
  readonly taskId: string
}

interface ClaimRequest {
  readonly claimToken: string
  readonly sends: readonly (SendReference & { readonly attemptId: string })[]
}

interface Claim {
  readonly sends: readonly ClaimedSend[]
  /** Sends that must wait a little: for their sender's or recipient's pace, or a breaker. */
  readonly wakes: readonly Wake[]
  readonly held: readonly HeldSend[]
  readonly ended: readonly EndedSend[]
}

/**
 * A send that a rule has ended as FAILED, without a call: `service-window-closed`, `opted-out`, or
 * what has become of its template, e.g. `template-paused`; or as CANCELLED by what has become of its
 * debt, e.g. `installment-paid`.
 */
export interface EndedSend extends SendReference {
  readonly reason: string
}

/** A send that a rule holds back for now, e.g. `pair-pace`, `breaker-open`, `unique-users-limit`. */
export interface HeldSend extends SendReference {
  readonly reason: string
}

export interface SettledSend extends SendReference {
  readonly attemptId: string
  readonly fence: string
  readonly settlement: Settlement
  /** Another number that the provider knows this person by. */
  readonly learnedPhone?: string
  /** Files that were brought to the provider, whatever became of the send. */
  readonly uploads?: readonly MediaUploaded[]
}

export interface MediaUploaded {
  readonly mediaId: string
  readonly providerMediaId: string
}

interface Settled {
  readonly wakes: readonly Wake[]
  readonly openedBreakers: readonly OpenedBreaker[]
}

/** A sender that stopped sending, and what its provider said. */
export interface OpenedBreaker {
  readonly tenantId: string
  readonly senderId: string
  readonly reason: string | undefined
  readonly code: number | undefined
}

/** The outbound road's rows. Each method is one database call and safe to repeat. */
export interface MessageStore {
  accept(command: AcceptMessage): Promise<AcceptAnswer>
  /** Claims what may go; `claimToken` and attempt ids are the caller's. */
  claim(request: ClaimRequest): Promise<Claim>
  /** Books the outcomes; answers whom to wake and which senders stopped. */
  settle(sends: readonly SettledSend[]): Promise<Settled>
  /** Cancels what nobody has claimed; a second time changes nothing. */
  cancel(message: CancelMessage): Promise<CancelAnswer>
}

export interface CancelMessage extends Caller {
  readonly chatId: string
  readonly messageId: string
}

type CancelAnswer =
  | { readonly outcome: 'cancelled'; readonly wakes: readonly Wake[] }
  | {
      readonly outcome: 'refused'
      readonly code: RefusalCode
      readonly retryAfterSeconds: number | undefined
    }

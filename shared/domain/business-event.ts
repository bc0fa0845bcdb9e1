import type { Channel } from './channel.ts'
import type { MessageStatus } from './message.ts'
import type { Contact } from './person.ts'

/** What a finance system tells of what it sold and of what is to be paid. */
export const businessEventTypes = [
  'movement.created',
  'movement.cancelled',
  'installment.created',
  'installment.updated',
  'installment.paid',
  'installment.cancelled',
] as const
type BusinessEventType = (typeof businessEventTypes)[number]

export const movementStatuses = ['OPEN', 'CANCELLED'] as const
export type MovementStatus = (typeof movementStatuses)[number]

export const installmentStatuses = ['OPEN', 'PAID', 'CANCELLED', 'RENEGOTIATED'] as const
export type InstallmentStatus = (typeof installmentStatuses)[number]

/** What messages say of a movement; sealed. */
export interface MovementDetails {
  readonly description: string
  readonly companyName?: string | undefined
  /** Of the tax receipt; https. */
  readonly nfseLink?: string | undefined
}

interface ToldMovement extends MovementDetails {
  readonly movementId: string
  readonly status: MovementStatus
  readonly amountCents: number
  readonly currency: 'BRL'
  readonly person: {
    readonly externalId: string
    readonly name?: string | undefined
    readonly contacts: readonly Contact[]
  }
}

/** How an installment can be paid; sealed. */
export interface InstallmentDetails {
  readonly paymentLink?: string | undefined
  readonly pixCode?: string | undefined
  readonly boletoLine?: string | undefined
  readonly documentMediaId?: string | undefined
}

interface ToldInstallment extends InstallmentDetails {
  readonly installmentId: string
  readonly movementId: string
  readonly number: number
  readonly total: number
  /** Calendar day, e.g. 2026-12-10. */
  readonly dueOn: string
  readonly amountCents: number
  readonly balanceCents: number
  /** Undefined: as it was. */
  readonly status: InstallmentStatus | undefined
  readonly paidAt?: string | undefined
}

interface Told {
  readonly eventId: string
  readonly type: BusinessEventType
  /** Of the movement or installment; grows with each of its changes. */
  readonly version: number
  readonly occurredAt: string
}

/** The whole movement or installment as it is after what happened. */
export type BusinessEvent = Told &
  ({ readonly movement: ToldMovement } | { readonly installment: ToldInstallment })

/** What became of an event. */
export interface BusinessEventOutcome extends Told {
  readonly thingId: string
  readonly outcome: 'applied' | 'stale'
  /** contact-taken: another person has a contact; no-contacts: the person cannot be reached. */
  readonly notice: 'contact-taken' | 'no-contacts' | undefined
  /** How often it was told again, and how often with another type, id or version. */
  readonly copies: number
  readonly conflicts: number
  readonly appliedAt: string
}

/** A movement as it is known. */
export interface Movement extends MovementDetails {
  readonly movementId: string
  readonly version: number
  readonly personId: string
  readonly status: MovementStatus
  readonly amountCents: number
  readonly currency: string
  readonly occurredAt: string
  readonly createdAt: string
  readonly updatedAt: string
}

/** An installment as it is known. */
export interface Installment extends InstallmentDetails {
  readonly installmentId: string
  readonly movementId: string
  readonly version: number
  readonly number: number
  readonly total: number
  readonly dueOn: string
  readonly amountCents: number
  readonly balanceCents: number
  readonly status: InstallmentStatus
  readonly paidAt: string | undefined
  /** Its movement was not told yet: nothing goes out for it. */
  readonly waitingFor: 'movement' | undefined
  readonly occurredAt: string
  readonly createdAt: string
  readonly updatedAt: string
}

/** A message about an installment, without its content. */
export interface DebtMessage {
  readonly messageId: string
  readonly chatId: string
  readonly channel: Channel
  readonly status: MessageStatus
  readonly reason: string | null
  readonly template: {
    readonly name: string
    readonly language: string
    readonly version: number
  } | null
  readonly installmentVersion: number | null
  readonly decision: Record<string, unknown> | null
  readonly createdAt: string
  readonly statusAt: string
}

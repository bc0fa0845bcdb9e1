import type { Channel } from '#shared/domain/channel.ts'
import type { Check } from '#shared/domain/dunning/plan-step.ts'
import type { DunningPolicy } from '#shared/domain/dunning/policy.ts'
import type { DunningJobStore, DunningPlanner } from '#shared/ports/dunning-store.ts'
import type { SendReference } from '#shared/ports/message-store.ts'
import { makePlanDunning } from '#shared/use-cases/plan-dunning.ts'

const nobodyIsWoken = { wake: async () => ({ failed: 0 }) }

/** What the schedule does. */
export const planLooks = ({ planner }: Pick<LadderSystem, 'planner'>) =>
  makePlanDunning(planner, nobodyIsWoken)()

/** The rows of the ladder, in memory or in PostgreSQL, with what stands around them. */
export interface LadderSystem {
  readonly planner: DunningPlanner
  readonly jobs: DunningJobStore
  /** From now on it is this time, in milliseconds. */
  setTime(now: number): Promise<void>
  setPolicy(policy: DunningPolicy): Promise<void>
  /** What the finance system, or a person, makes known. */
  apply(events: readonly LadderEvent[]): Promise<void>
  /** Jobs whose turn it is. */
  dueJobs(): Promise<readonly SendReference[]>
  /** Sends whose turn it is, after the guard; what is over has ended. */
  claim(): Promise<readonly LadderSend[]>
  settle(results: readonly SendResult[]): Promise<void>
  /** What the provider tells later of a send that it took: it did not arrive. */
  report(sends: readonly { readonly send: LadderSend; readonly reason: string }[]): Promise<void>
  rows(): Promise<readonly StepRow[]>
}

export type LadderEvent =
  | {
      readonly type: 'person'
      readonly personId: string
      readonly phone?: string
      readonly hasEmail: boolean
      readonly state?: string
      readonly timeZone?: string
    }
  | {
      readonly type: 'movement'
      readonly movementId: string
      readonly personId: string
      readonly amountCents: number
    }
  | {
      readonly type: 'installment'
      readonly installmentId: string
      readonly movementId: string
      readonly number: number
      readonly total: number
      readonly dueOn: string
      readonly balanceCents: number
    }
  | {
      readonly type: 'paid' | 'cancelled' | 'renegotiated'
      readonly installmentId: string
    }
  | { readonly type: 'moved'; readonly installmentId: string; readonly dueOn: string }
  | { readonly type: 'opted-out'; readonly personId: string; readonly channel: Channel }

export interface LadderSend {
  readonly messageId: string
  readonly installmentId: string
  readonly step: string
  readonly channel: Channel
}

export interface SendResult {
  readonly send: LadderSend
  /** `later`: the provider is away; `{reason}`: refused for good. */
  readonly result: 'accepted' | 'later' | { readonly reason: string }
}

export interface StepRow {
  readonly installmentId: string
  readonly step: string
  readonly state: 'PLANNED' | 'SENT' | 'SKIPPED'
  readonly plannedOn: string
  readonly dueOn: string
  readonly reason: string | undefined
  readonly messageId: string | undefined
  readonly channel: Channel | undefined
  readonly checks: readonly Check[]
}

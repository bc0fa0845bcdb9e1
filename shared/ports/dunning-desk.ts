import type { Caller } from '../domain/caller.ts'
import type { Channel } from '../domain/channel.ts'
import type { Check } from '../domain/dunning/plan-step.ts'
import type { DunningPolicy } from '../domain/dunning/policy.ts'
import type { Debt, DunningRules } from './dunning-store.ts'

export interface PolicyVersion {
  /** 0: none was stored yet. */
  readonly version: number
  readonly createdAt: string | undefined
  readonly policy: DunningPolicy
}

/** Why each channel would not take a step's message; undefined: it would. */
export type Refusals = Readonly<Partial<Record<Channel, string>>>

/** A debt of a dry run. */
export interface DryDebt {
  readonly debt: Debt
  /** By step. */
  readonly refusals: Readonly<Record<string, Refusals>>
  /** Steps of its person that were sent on the day. */
  readonly sentThatDay: number
}

export interface DryPage {
  readonly rules: DunningRules
  readonly debts: readonly DryDebt[]
  readonly nextCursor: string | undefined
}

/** What became of a step. */
export interface BookedStep {
  readonly step: string
  readonly state: 'PLANNED' | 'SENT' | 'SKIPPED'
  readonly plannedOn: string
  readonly dueOn: string
  readonly reason: string | undefined
  readonly channel: Channel | undefined
  readonly messageId: string | undefined
  readonly decidedAt: string
  readonly decision: {
    readonly policyVersion?: number
    readonly checks?: readonly Check[]
    readonly refused?: Readonly<Record<string, string>>
  }
}

/** What programs do with the ladder. Each method is one database call. */
export interface DunningDesk {
  policy(caller: Caller): Promise<PolicyVersion>
  /**
   * Undefined when the newest version is another one than was named, unless it says the same.
   */
  putPolicy(
    caller: Caller,
    wanted: { readonly policy: DunningPolicy; readonly version: string },
  ): Promise<PolicyVersion | undefined>
  /** Throws Refusal `invalid-cursor`. */
  dryRun(
    caller: Caller,
    wanted: {
      readonly day: string
      readonly policy: DunningPolicy | undefined
      readonly limit: number
      readonly cursor: string | undefined
    },
  ): Promise<DryPage>
  /** Undefined when there is no such installment. */
  steps(caller: Caller, installmentId: string): Promise<readonly BookedStep[] | undefined>
}

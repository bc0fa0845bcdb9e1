import type { Channel } from '../domain/channel.ts'
import type { StepFacts, StepPlan } from '../domain/dunning/plan-step.ts'
import type { DunningPolicy } from '../domain/dunning/policy.ts'
import type { NamedTemplateContent } from '../domain/message-template.ts'
import type { Job, JobResult, JobStore } from './job-store.ts'
import type { Wake } from './task-queue.ts'

/** Some debts of a tenant whose steps are to be looked at on a day. */
export interface DunningJob extends Job {
  /** Undefined: the tenant's policy is off by now, and nothing is looked at. */
  readonly rules: DunningRules | undefined
  readonly debts: readonly Debt[]
  /** The debts that did not fit begin after this installment; undefined: all are here. */
  readonly restAfter: string | undefined
}

export interface DunningRules {
  /** On the company's calendar, `YYYY-MM-DD`. */
  readonly day: string
  readonly policy: DunningPolicy
  readonly policyVersion: number
  readonly company: {
    readonly name: string
    readonly timeZone: string
    readonly state: string | undefined
    readonly city: string | undefined
  }
}

/** An installment as the projection has it, opened. */
export interface Debt {
  readonly installmentId: string
  readonly installmentVersion: string
  readonly number: number
  readonly total: number
  readonly dueOn: string
  readonly balanceCents: number
  readonly status: StepFacts['status']
  readonly paymentLink?: string
  readonly pixCode?: string
  readonly boletoLine?: string
  /** A file of ours, such as the boleto as PDF. */
  readonly documentMediaId?: string
  /** Undefined while it is not known. */
  readonly movement: DebtMovement | undefined
  readonly person: Debtor | undefined
  /** Open installments of the movement. */
  readonly siblings: readonly {
    readonly number: number
    readonly total: number
    readonly dueOn: string
    readonly balanceCents: number
  }[]
  /** Names of the steps to look at. */
  readonly steps: readonly string[]
  /** A message of the step that failed: another channel is looked for. */
  readonly failed: FailedMessage | undefined
}

export interface DebtMovement {
  readonly status: 'OPEN' | 'CANCELLED'
  /** ISO 8601 in UTC. */
  readonly createdAt: string
  readonly amountCents: number
  readonly description?: string
  readonly companyName?: string
  readonly nfseLink?: string
}

export interface Debtor {
  readonly personId: string
  readonly name: string | undefined
  readonly state: string | undefined
  readonly timeZone: string | undefined
  /** E.164; of whoever has no state yet. */
  readonly phone: string | undefined
}

interface FailedMessage {
  readonly messageId: string
  readonly channel: Channel
  readonly reason: string
}

/** What was decided of one step of one installment. */
export interface StepDecision {
  readonly debt: Debt
  readonly step: string
  readonly plan: StepPlan
  /** Of one that goes. */
  readonly message: StepMessage | undefined
}

export interface StepMessage {
  readonly content: NamedTemplateContent
  /** In the order in which they are tried. */
  readonly channels: readonly Channel[]
  readonly onUnreachable: 'hold' | 'send'
}

export type DunningResult = JobResult & { readonly decisions?: readonly StepDecision[] }

/** Claims debts to look at and books what was decided; each method is one database call. */
export type DunningJobStore = JobStore<DunningJob, DunningResult>

/** Plans the looks of a day; each method is one database call. */
export interface DunningPlanner {
  /** Ids of the tenants with a policy of which no look is still to come. */
  due(): Promise<readonly string[]>
  /**
   * Jobs for the debts of a tenant that have a step to look at on its day; none when its policy is off.
   * Harmless twice.
   */
  plan(tenantId: string): Promise<readonly Wake[]>
}

import type * as z from 'zod'
import type { Channel } from '../domain/channel.ts'
import type { Check, StepPlan } from '../domain/dunning/plan-step.ts'
import type { DunningPolicy } from '../domain/dunning/policy.ts'
import type { shownDryStep, shownPolicy, shownStep } from './dunning.ts'

export function policyResource(stored: {
  readonly version: number
  readonly createdAt: string | undefined
  readonly policy: DunningPolicy
}): z.input<typeof shownPolicy> {
  const { version, createdAt, policy } = stored
  return {
    version,
    createdAt: createdAt ?? null,
    policy: policy as z.input<typeof shownPolicy>['policy'],
  }
}

export function dryResource(dry: {
  readonly installmentId: string
  readonly step: string
  readonly plan: StepPlan
  readonly channel: Channel | undefined
  readonly refused: Readonly<Record<string, string>>
}): z.input<typeof shownDryStep> {
  const { installmentId, step, plan, channel, refused } = dry
  const shown = {
    ...{ installmentId, step, outcome: plan.outcome, refused: { ...refused } },
    ...{ reason: null, channel: channel ?? null, day: null, sendAt: null, expiresAt: null },
    checks: [...plan.checks],
  }
  switch (plan.outcome) {
    case 'go':
      return { ...shown, sendAt: isoOf(plan.sendAt), expiresAt: isoOf(plan.expiresAt) }
    case 'later':
      return { ...shown, reason: plan.why, day: plan.day }
    case 'skip':
      return { ...shown, reason: plan.reason }
  }
}

export function bookedResource(booked: {
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
}): z.input<typeof shownStep> {
  const { decision, reason, channel, messageId, ...step } = booked
  return {
    ...step,
    reason: reason ?? null,
    channel: channel ?? null,
    messageId: messageId ?? null,
    policyVersion: decision.policyVersion ?? null,
    refused: { ...decision.refused },
    checks: [...(decision.checks ?? [])],
  }
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString()
}

import { billingVariables } from '../domain/billing/billing-variables.ts'
import { isState, stateOfPhone, zoneOfState } from '../domain/dunning/brazilian-states.ts'
import type { Calendar } from '../domain/dunning/calendar.ts'
import { type Check, planStep, type StepPlan } from '../domain/dunning/plan-step.ts'
import type { DunningStep } from '../domain/dunning/policy.ts'
import { isTimeZone, localTime } from '../domain/dunning/zoned-time.ts'
import type { Clock } from '../ports/clock.ts'
import type {
  Debt,
  DunningJob,
  DunningResult,
  DunningRules,
  StepDecision,
  StepMessage,
} from '../ports/dunning-store.ts'

interface Parts {
  readonly clock: Clock
  readonly calendar: Calendar
}

/** Decides every step that a job asks about. */
export function makeDecideSteps(parts: Parts) {
  const decide = makeDecideStep(parts)
  return async ({ rules, debts }: DunningJob): Promise<DunningResult> => {
    if (rules === undefined) return { outcome: 'DONE', decisions: [] }
    const decisions = debts.flatMap((debt) => debt.steps.map((step) => decide(rules, debt, step)))
    return {
      outcome: 'DONE',
      decisions: decisions.toSorted((one, other) => urgency(one) - urgency(other)),
    }
  }
}

/** What goes today or never comes first: a person's day may have room for one message only. */
export function urgency({ plan }: Pick<StepDecision, 'plan'>): number {
  return plan.outcome === 'go' && plan.nextDay === undefined ? 0 : 1
}

/** Decides one step of one debt; writes nothing. */
export function makeDecideStep({ clock, calendar }: Parts) {
  return (rules: DunningRules, debt: Debt, name: string): StepDecision => {
    const { policy, company, day } = rules
    const step = policy.steps.find((one) => one.name === name)
    const place = placeOf(rules, debt)
    const plan =
      step === undefined
        ? { outcome: 'skip' as const, reason: 'step-removed', checks: [] }
        : planStep(factsOf(rules, debt), step, {
            policy,
            calendar,
            company,
            person: place,
            day,
            now: clock.now(),
          })
    const channels = step === undefined ? [] : channelsLeft(step, debt)
    return {
      debt,
      step: name,
      plan: seen(plan, place.checks, { debt, isLost: channels.length === 0 }),
      message:
        step && plan.outcome === 'go' && channels.length > 0
          ? messageOf(rules, debt, { step, channels })
          : undefined,
    }
  }
}

/** With where the person was taken to be; nothing goes where no channel is left. */
function seen(
  plan: StepPlan,
  checks: readonly Check[],
  { debt, isLost }: { readonly debt: Debt; readonly isLost: boolean },
): StepPlan {
  const { failed } = debt
  const all = [
    ...(failed === undefined
      ? []
      : [{ check: `failed-on-${failed.channel.toLowerCase()}`, found: failed.reason }]),
    ...checks,
    ...plan.checks,
  ]
  if (plan.outcome === 'go' && isLost) {
    return { outcome: 'skip', reason: failed?.reason ?? 'no-channel', checks: all }
  }
  return { ...plan, checks: all }
}

function factsOf({ company }: DunningRules, debt: Debt) {
  const { movement, status, dueOn, balanceCents } = debt
  return {
    ...{ status, dueOn, balanceCents },
    movementStatus: movement?.status,
    createdOn: movement && localTime(Date.parse(movement.createdAt), company.timeZone).day,
  }
}

/** Where a person is: as it was told, else by the area code, else where the company is. */
function placeOf({ company }: DunningRules, { person }: Debt) {
  const learned = person?.state === undefined ? stateOfPhone(person?.phone ?? '') : undefined
  const state = person?.state ?? learned ?? company.state
  const told = person?.timeZone
  const timeZone =
    told !== undefined && isTimeZone(told) ? told : zoneOf(person?.state ?? learned, company)
  const source =
    person?.state === undefined ? (learned === undefined ? 'company' : 'area-code') : 'person'
  return {
    ...{ state, timeZone },
    checks: [{ check: `state-of-${source}`, found: state ?? 'unknown' }],
  }
}

function zoneOf(state: string | undefined, company: DunningRules['company']): string {
  return state !== undefined && isState(state) ? zoneOfState(state) : company.timeZone
}

/** Once a message failed, only the channels behind its own. */
function channelsLeft({ channels }: DunningStep, { failed }: Debt) {
  return failed === undefined ? channels : channels.slice(channels.indexOf(failed.channel) + 1)
}

function messageOf(
  rules: DunningRules,
  debt: Debt,
  { step, channels }: { readonly step: DunningStep; readonly channels: StepMessage['channels'] },
): StepMessage | undefined {
  const { movement, person, siblings, documentMediaId, ...installment } = debt
  if (movement === undefined) return undefined
  return {
    content: {
      type: 'named-template',
      name: step.template,
      language: rules.policy.language,
      ...(documentMediaId !== undefined && { attachments: [{ mediaId: documentMediaId }] }),
      variables: billingVariables({
        ...{ movement, installment, siblings },
        reference: referenceOf(debt.installmentId, step.name, rules.day),
        person: person?.name === undefined ? {} : { name: person.name },
        company: { name: rules.company.name },
        today: rules.day,
      }),
    },
    channels,
    onUnreachable: step.onUnreachable,
  }
}

/** Of a bill: Meta takes 60 characters, each message another. What follows the id is what differs. */
function referenceOf(installmentId: string, step: string, day: string): string {
  const place = `${step}-${day}`.replace(/[^A-Za-z0-9_.-]/g, '-').slice(-30)
  return `${installmentId.replace(/[^A-Za-z0-9_.-]/g, '-').slice(-29)}-${place}`
}

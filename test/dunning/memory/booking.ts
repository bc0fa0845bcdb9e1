import type { Channel } from '#shared/domain/channel.ts'
import type { DunningJob, StepDecision } from '#shared/ports/dunning-store.ts'
import { type MemoryMessage, type MemoryRow, type MemoryWorld, rowKey, setRow } from './world.ts'

/** `settle_dunning_v1`: books one decision, if it still holds. */
export function book(world: MemoryWorld, job: DunningJob, decision: StepDecision): void {
  const { debt, step, plan } = decision
  const key = rowKey(debt.installmentId, step)
  const before = world.rows.get(key)
  if (!isAsked(before, debt)) return
  const rules = job.rules
  const installment = world.installments.get(debt.installmentId)
  if (rules === undefined || installment === undefined) return
  const row: MemoryRow = {
    installmentId: debt.installmentId,
    step,
    personId: debt.person?.personId,
    state: 'PLANNED',
    plannedOn: rules.day,
    dueOn: debt.dueOn,
    reason: 'changed',
    messageId: before?.messageId,
    channel: before?.channel,
    checks: plan.checks,
  }
  const isSame =
    installment.dueOn === debt.dueOn &&
    installment.status === debt.status &&
    installment.balanceCents === debt.balanceCents
  setRow(world, key, isSame ? { ...row, ...outcome(world, rules.day, decision) } : row)
}

/** Of a step that went, only the end of its very message may change anything. */
function isAsked(before: MemoryRow | undefined, debt: StepDecision['debt']): boolean {
  if (before === undefined) return true
  if (before.state === 'SENT') return before.messageId === debt.failed?.messageId
  return before.state === 'PLANNED' || before.dueOn !== debt.dueOn
}

function outcome(world: MemoryWorld, day: string, decision: StepDecision): Partial<MemoryRow> {
  const { plan, message, debt, step } = decision
  if (plan.outcome === 'skip') return { state: 'SKIPPED', reason: plan.reason }
  if (plan.outcome === 'later') return { plannedOn: plan.day, reason: plan.why }
  const personId = debt.person?.personId
  if (message === undefined || personId === undefined) {
    return { state: 'SKIPPED', reason: 'no-channel' }
  }
  const today = sentOn(world, personId, { day, except: rowKey(debt.installmentId, step) })
  if (today >= (world.policy?.maxPerPersonPerDay ?? 1)) {
    return plan.nextDay === undefined
      ? { state: 'SKIPPED', reason: 'person-day-limit' }
      : { plannedOn: plan.nextDay, reason: 'person-day-limit' }
  }
  const refusals = new Set<string>()
  for (const channel of message.channels) {
    const why = refusal(world, personId, channel)
    if (why === undefined) {
      const { messageId } = insert(world, { decision, personId, channel })
      return { state: 'SENT', reason: undefined, messageId, channel }
    }
    refusals.add(why)
  }
  return { state: 'SKIPPED', reason: [...refusals][0] ?? 'no-channel' }
}

function sentOn(
  world: MemoryWorld,
  personId: string,
  { day, except }: { readonly day: string; readonly except: string },
): number {
  const sent = (world.messagesOf.get(personId) ?? []).filter(({ installmentId, step }) => {
    const key = rowKey(installmentId, step)
    const row = world.rows.get(key)
    return key !== except && row?.state === 'SENT' && row.plannedOn === day
  })
  return new Set(sent.map(({ installmentId, step }) => rowKey(installmentId, step))).size
}

/** What `take_message_v1` answers. */
function refusal(world: MemoryWorld, personId: string, channel: Channel): string | undefined {
  const person = world.persons.get(personId)
  const hasContact = channel === 'EMAIL' ? person?.hasEmail : person?.phone !== undefined
  if (person === undefined || !hasContact) return 'contact-missing'
  return person.optedOut.has(channel) ? 'opted-out' : undefined
}

function insert(
  world: MemoryWorld,
  {
    decision: { debt, step, plan },
    personId,
    channel,
  }: { readonly decision: StepDecision; readonly personId: string; readonly channel: Channel },
): MemoryMessage {
  if (plan.outcome !== 'go') throw new Error('it does not go')
  const message: MemoryMessage = {
    messageId: String(world.nextId++),
    installmentId: debt.installmentId,
    ...{ step, personId, channel },
    ...{ sendAt: plan.sendAt, expiresAt: plan.expiresAt },
    ...{ dueOn: debt.dueOn, balanceCents: debt.balanceCents },
    ...{ status: 'QUEUED', reason: undefined },
  }
  world.messages.set(message.messageId, message)
  world.queued.add(message)
  const others = world.messagesOf.get(personId)
  if (others === undefined) world.messagesOf.set(personId, [message])
  else others.push(message)
  return message
}

import { addDays } from '#shared/domain/dunning/calendar-day.ts'
import type { DunningPolicy, DunningStep } from '#shared/domain/dunning/policy.ts'
import { mostShiftDays } from '#shared/domain/dunning/step-days.ts'
import type { Debt } from '#shared/ports/dunning-store.ts'
import { type MemoryInstallment, type MemoryRow, type MemoryWorld, rowKey } from './world.ts'

/** `dunning_candidates_v1`: steps by installment that have no row yet, or whose row waits for the day. */
export function candidates(
  world: MemoryWorld,
  policy: DunningPolicy,
  day: string,
): Map<string, string[]> {
  const found = new Map<string, string[]>()
  const take = ({ installmentId, dueOn }: MemoryInstallment, step: string) => {
    const row = world.rows.get(rowKey(installmentId, step))
    if (row !== undefined && (row.state === 'SENT' || row.dueOn === dueOn)) return
    push(found, installmentId, step)
  }
  for (const step of policy.steps) {
    for (const installment of within(world, policy, { step, day })) take(installment, step.name)
  }
  for (const row of waitingRows(world, day)) {
    if (!found.get(row.installmentId)?.includes(row.step)) push(found, row.installmentId, row.step)
  }
  const order = policy.steps.map(({ name }) => name)
  for (const steps of found.values()) {
    steps.sort((one, other) => order.indexOf(one) - order.indexOf(other))
  }
  return found
}

function waitingRows(world: MemoryWorld, day: string): readonly MemoryRow[] {
  return [...world.waiting]
    .filter(([waitsFor]) => waitsFor <= day)
    .flatMap(([, keys]) => [...keys].flatMap((key) => world.rows.get(key) ?? []))
}

function push(found: Map<string, string[]>, installmentId: string, step: string): void {
  const steps = found.get(installmentId)
  if (steps === undefined) found.set(installmentId, [step])
  else steps.push(step)
}

/** Whose day may be this one, or was one that is not over. */
function* within(
  world: MemoryWorld,
  policy: DunningPolicy,
  { step, day }: { readonly step: DunningStep; readonly day: string },
): Iterable<MemoryInstallment> {
  const isLate = step.anchor === 'due' && step.days > 0
  const nominal = addDays(day, -step.days - (isLate ? policy.toleranceDays : 0))
  const last = addDays(nominal, step.onClosedDay === 'earlier' ? mostShiftDays : 0)
  let anchor = addDays(nominal, -step.ttlDays - mostShiftDays)
  for (; anchor <= last; anchor = addDays(anchor, 1)) yield* anchoredOn(world, step, anchor)
}

function anchoredOn(
  world: MemoryWorld,
  { anchor, name }: DunningStep,
  day: string,
): Iterable<MemoryInstallment> {
  if (anchor === 'due') return world.byDueDay.get(day) ?? []
  return [...(world.byCreation.get(day) ?? [])]
    .filter(({ installments }) =>
      installments.every(
        ({ installmentId }) => world.rows.get(rowKey(installmentId, name))?.state !== 'SENT',
      ),
    )
    .flatMap(
      ({ installments }) =>
        installments.find(({ status }) => status === 'OPEN') ?? installments[0] ?? [],
    )
}

/** A debt as the claim answers it, once for each message that failed. */
export function debtsOf(
  world: MemoryWorld,
  installmentId: string,
  steps: readonly string[],
): readonly Debt[] {
  const rows = steps.map((step) => ({ step, row: world.rows.get(rowKey(installmentId, step)) }))
  const fresh = rows.filter(({ row }) => row?.channel === undefined).map(({ step }) => step)
  return [
    ...(fresh.length > 0
      ? [debtOf(world, installmentId, { steps: fresh, failed: undefined })]
      : []),
    ...rows
      .filter(({ row }) => row?.channel !== undefined)
      .map(({ step, row }) =>
        debtOf(world, installmentId, { steps: [step], failed: failedOf(world, row) }),
      ),
  ]
}

export function failedOf(world: MemoryWorld, row: MemoryRow | undefined): Debt['failed'] {
  const message = world.messages.get(row?.messageId ?? '')
  if (row?.channel === undefined || message === undefined) return undefined
  const { messageId, channel, reason = '' } = message
  return { messageId, channel, reason }
}

export function debtOf(
  world: MemoryWorld,
  installmentId: string,
  asked: Pick<Debt, 'steps' | 'failed'>,
): Debt {
  const found = world.installments.get(installmentId)
  if (found === undefined) throw new Error(`no installment ${installmentId}`)
  const { movementId, number, total, dueOn, balanceCents, status } = found
  const movement = world.movements.get(movementId)
  const person = movement && world.persons.get(movement.personId)
  return {
    ...{ installmentId, number, total, dueOn, balanceCents, status },
    installmentVersion: String(found.version),
    movement: movement && {
      status: movement.status,
      createdAt: new Date(movement.createdAt).toISOString(),
      amountCents: movement.amountCents,
    },
    person: person && {
      personId: person.personId,
      name: undefined,
      state: person.state,
      timeZone: person.timeZone,
      phone: person.state === undefined ? person.phone : undefined,
    },
    siblings: (movement?.installments ?? []).filter((one) => one.status === 'OPEN'),
    ...asked,
  }
}

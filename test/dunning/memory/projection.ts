import { localTime } from '#shared/domain/dunning/zoned-time.ts'
import type { LadderEvent } from '../system.ts'
import { cancelQueued } from './sending.ts'
import { addTo, type MemoryInstallment, type MemoryWorld } from './world.ts'

type Of<T extends LadderEvent['type']> = Extract<LadderEvent, { type: T }>

/** What the projection makes of an event, and whom it cancels. */
export function applyEvent(world: MemoryWorld, event: LadderEvent): void {
  switch (event.type) {
    case 'person':
      world.persons.set(event.personId, {
        ...{ personId: event.personId, phone: event.phone, hasEmail: event.hasEmail },
        ...{ state: event.state, timeZone: event.timeZone, optedOut: new Set() },
      })
      break
    case 'movement':
      addMovement(world, event)
      break
    case 'installment':
      addInstallment(world, event)
      break
    case 'opted-out':
      world.persons.get(event.personId)?.optedOut.add(event.channel)
      break
    default:
      changeInstallment(world, event)
  }
}

function addMovement(world: MemoryWorld, event: Of<'movement'>): void {
  const { movementId, personId, amountCents } = event
  const movement = {
    ...{ movementId, personId, amountCents, status: 'OPEN' as const, createdAt: world.now },
    installments: world.orphans.get(movementId) ?? [],
  }
  world.orphans.delete(movementId)
  world.movements.set(movementId, movement)
  addTo(world.byCreation, localTime(world.now, world.company.timeZone).day, movement)
}

function addInstallment(world: MemoryWorld, { type: _, ...event }: Of<'installment'>): void {
  const installment: MemoryInstallment = { ...event, version: 1, status: 'OPEN' }
  world.installments.set(event.installmentId, installment)
  addTo(world.byDueDay, event.dueOn, installment)
  const siblings = world.movements.get(event.movementId)?.installments
  if (siblings === undefined) {
    world.orphans.set(event.movementId, [
      ...(world.orphans.get(event.movementId) ?? []),
      installment,
    ])
  } else {
    siblings.push(installment)
    siblings.sort((one, other) => one.number - other.number)
  }
}

function changeInstallment(
  world: MemoryWorld,
  event: Of<'paid' | 'cancelled' | 'renegotiated' | 'moved'>,
): void {
  const installment = world.installments.get(event.installmentId)
  if (installment === undefined) return
  installment.version += 1
  if (event.type === 'moved') {
    world.byDueDay.get(installment.dueOn)?.delete(installment)
    installment.dueOn = event.dueOn
    addTo(world.byDueDay, event.dueOn, installment)
  } else {
    installment.status = event.type === 'paid' ? 'PAID' : statusOf[event.type]
  }
  cancelQueued(world, event.installmentId, `installment-${event.type}`)
}

const statusOf = { cancelled: 'CANCELLED', renegotiated: 'RENEGOTIATED' } as const

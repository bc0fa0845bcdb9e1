import type { businessEventOperations } from '#shared/contracts/operations/business-events.ts'
import type { Side } from '#test/support/api-side.ts'
import { movementEvent } from '#test/support/billing-world.ts'
import { fresh } from '#test/support/stores-world.ts'
import { cursorOf, type Row } from './row.ts'

/** A movement and its installment, and the event that told it; all have one id. */
const told = async (side: Side) => {
  const id = await side.installment('2030-01-10')
  return { movementId: id, installmentId: id, eventId: id }
}

export const businessEventRows: Readonly<Record<keyof typeof businessEventOperations, Row>> = {
  postBusinessEvents: {
    answers: 202,
    request: async () => ({ body: { events: [movementEvent(fresh('mov'))] } }),
  },
  getBusinessEvent: {
    answers: 200,
    request: async (side) => ({ params: { eventId: (await told(side)).eventId } }),
  },
  getMovement: {
    answers: 200,
    request: async (side) => ({ params: { movementId: (await told(side)).movementId } }),
  },
  listInstallments: {
    answers: 200,
    request: async () => ({}),
    ids: {
      cursor: cursorOf(async (side) => {
        await told(side)
        await told(side)
        return '/installments'
      }),
    },
  },
  getInstallment: {
    answers: 200,
    request: async (side) => ({ params: { installmentId: (await told(side)).installmentId } }),
  },
  listInstallmentMessages: {
    answers: 200,
    request: async (side) => ({ params: { installmentId: (await told(side)).installmentId } }),
  },
}

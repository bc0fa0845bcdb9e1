import type { businessEventOperations } from '#shared/contracts/operations/business-events.ts'
import type { Side } from '#test/support/api-side.ts'
import { installmentEvent, movementEvent } from '#test/support/billing-world.ts'
import { until } from '#test/support/stack.ts'
import { fresh } from '#test/support/stores-world.ts'
import { cursorOf, type Row } from './row.ts'

/** A movement and an installment of it that were told and applied. */
const told = async (side: Side) => {
  const movementId = fresh('mov')
  const installmentId = fresh('par')
  const events = [movementEvent(movementId), installmentEvent(installmentId, { movementId })]
  const { status } = await side.ask('POST /business-events', { body: { events } })
  if (status !== 202) throw new Error(`the events answered ${status}`)
  const eventId = String(events[1]?.eventId)
  await until(
    () => side.ask(`GET /business-events/${eventId}`),
    (answer) => answer.status === 200,
  )
  return { movementId, installmentId, eventId }
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

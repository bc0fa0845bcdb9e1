import { businessEventOf, businessEventResource } from '#shared/contracts/business-events.ts'
import {
  debtMessageResource,
  installmentResource,
  movementResource,
} from '#shared/contracts/installments.ts'
import { businessEventOperations } from '#shared/contracts/operations/business-events.ts'
import { config } from '#shared/runtime/config.ts'
import { api } from '#shared/runtime/http.ts'
import { businessEventsEnv } from '../env.ts'
import { wireBusinessEvents } from '../wire-billing.ts'

const { findClient, receive, read } = wireBusinessEvents(config(businessEventsEnv))

export const handler = api(
  businessEventOperations,
  findClient,
)({
  postBusinessEvents: async ({ caller, body, request }) => {
    const events = body.events.map((told) => ({ event: businessEventOf(told), told }))
    const eventIds = await receive({ ...caller, request, events })
    return { status: 202, body: { accepted: eventIds.length, eventIds } }
  },

  getBusinessEvent: async ({ caller, params }) => {
    const event = await read.event(caller, params.eventId)
    return { status: 200, body: businessEventResource(event) }
  },

  getMovement: async ({ caller, params }) => {
    const movement = await read.movement(caller, params.movementId)
    return { status: 200, body: movementResource(movement) }
  },

  listInstallments: async ({ caller, query: { limit, cursor, ...filter } }) => {
    const page = await read.installments(caller, { limit, cursor, filter })
    return {
      status: 200,
      body: { items: page.items.map(installmentResource), nextCursor: page.nextCursor ?? null },
    }
  },

  getInstallment: async ({ caller, params }) => {
    const installment = await read.installment(caller, params.installmentId)
    return { status: 200, body: installmentResource(installment) }
  },

  listInstallmentMessages: async ({ caller, params, query: { limit, cursor } }) => {
    const page = await read.messages(caller, params.installmentId, { limit, cursor })
    return {
      status: 200,
      body: { items: page.items.map(debtMessageResource), nextCursor: page.nextCursor ?? null },
    }
  },
})

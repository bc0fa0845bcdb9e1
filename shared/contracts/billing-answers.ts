import * as z from 'zod'
import { installmentStatuses, movementStatuses } from '../domain/business-event.ts'

const cents = z.int().min(0).max(1_000_000_000_000)

/** `GET <base URL>/installments/{id}` of a tenant's finance system; other fields are ignored. */
export const currentInstallment = z.object({
  status: z.enum(installmentStatuses),
  dueOn: z.iso.date(),
  balanceCents: cents,
})

/** `GET <base URL>/movements/{id}` of a tenant's finance system; other fields are ignored. */
export const currentMovement = z.object({ status: z.enum(movementStatuses), amountCents: cents })

/** The secret with which a tenant's finance system is asked. */
export const billingSecret = z.looseObject({ accessToken: z.string().min(1) })

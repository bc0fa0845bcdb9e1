import * as z from 'zod'
import {
  type DebtMessage,
  type Installment,
  installmentStatuses,
  type Movement,
  movementStatuses,
} from '../domain/business-event.ts'
import { messageStatuses } from '../domain/message.ts'
import { foreignId } from './business-events.ts'
import { channel } from './contacts.ts'
import { pageQuery, shownId, shownTime } from './paging.ts'

/** `GET /installments`: all that is given must hold. */
export const installmentsQuery = pageQuery.extend({
  status: z.enum(installmentStatuses).optional(),
  movementId: foreignId.optional(),
  waiting: z
    .literal('true')
    .transform(() => true)
    .optional()
    .meta({ description: 'Those whose movement was not told yet.' }),
})

const cents = z.int().meta({ examples: [10_000] })
const day = z.iso.date().meta({ examples: ['2026-12-10'] })
const link = z.string().nullable()

/** A movement as the API shows it. */
export const shownMovement = z
  .object({
    movementId: z.string(),
    version: z.int(),
    personId: shownId,
    status: z.enum(movementStatuses),
    description: z.string(),
    companyName: z.string().nullable(),
    amountCents: cents,
    currency: z.string().meta({ examples: ['BRL'] }),
    nfseLink: link,
    occurredAt: shownTime,
    createdAt: shownTime,
    updatedAt: shownTime,
  })
  .meta({ id: 'Movement' })

/** An installment as the API shows it. */
export const shownInstallment = z
  .object({
    installmentId: z.string(),
    movementId: z.string(),
    version: z.int(),
    number: z.int(),
    total: z.int(),
    dueOn: day,
    amountCents: cents,
    balanceCents: cents,
    status: z.enum(installmentStatuses),
    paidAt: shownTime.nullable(),
    paymentLink: link,
    pixCode: z.string().nullable(),
    boletoLine: z.string().nullable(),
    documentMediaId: z.string().nullable(),
    waitingFor: z.literal('movement').nullable().meta({
      description: 'Its movement was not told yet: nothing goes out for it.',
    }),
    occurredAt: shownTime,
    createdAt: shownTime,
    updatedAt: shownTime,
  })
  .meta({ id: 'Installment' })

/** A message about an installment. */
export const shownDebtMessage = z
  .object({
    messageId: shownId,
    chatId: shownId,
    channel,
    status: z.enum(messageStatuses),
    reason: z.string().nullable(),
    template: z
      .object({ name: z.string(), language: z.string(), version: z.int() })
      .nullable()
      .meta({ description: 'The template of yours that it is made of.' }),
    installmentVersion: z.int().nullable(),
    decision: z
      .record(z.string(), z.unknown())
      .nullable()
      .meta({
        description:
          'Why it goes: rule, step, what was checked and when. `race`: what became true of the debt ' +
          'while it was being sent, e.g. paid-while-sending.',
        examples: [{ step: 'due-soon', dueOn: '2026-12-10', balanceCents: 10_000 }],
      }),
    createdAt: shownTime,
    statusAt: shownTime,
  })
  .meta({ id: 'DebtMessage' })

export function movementResource(movement: Movement): z.input<typeof shownMovement> {
  return {
    ...movement,
    companyName: movement.companyName ?? null,
    nfseLink: movement.nfseLink ?? null,
  }
}

export function installmentResource(installment: Installment): z.input<typeof shownInstallment> {
  const { paidAt, paymentLink, pixCode, boletoLine, documentMediaId, waitingFor } = installment
  return {
    ...installment,
    paidAt: paidAt ?? null,
    paymentLink: paymentLink ?? null,
    pixCode: pixCode ?? null,
    boletoLine: boletoLine ?? null,
    documentMediaId: documentMediaId ?? null,
    waitingFor: waitingFor ?? null,
  }
}

export function debtMessageResource(message: DebtMessage): z.input<typeof shownDebtMessage> {
  return message
}

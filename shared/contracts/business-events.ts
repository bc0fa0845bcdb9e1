import * as z from 'zod'
import { readBoletoLine } from '../domain/billing/boleto-line.ts'
import { readPixCode } from '../domain/billing/pix-code.ts'
import {
  type BusinessEvent,
  type BusinessEventOutcome,
  businessEventTypes,
  installmentStatuses,
} from '../domain/business-event.ts'
import { givenContact } from './contacts.ts'
import { webAddress } from './content/web-address.ts'
import { shownTime } from './paging.ts'
import { instant } from './post-message.ts'
import { cleanLine, cleanName } from './text.ts'

/** An id of the finance system: it stands in paths, so letters, digits and . _ : @ - only. */
export const foreignId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}$/, {
    error: 'must be 1 to 64 letters, digits or . _ : @ - and begin with a letter or digit',
  })
  .meta({ examples: ['par-2026-0042-1'] })

const whole = { error: 'must be a whole number of cents' }
/** 10 billion reais. */
const mostCents = 1_000_000_000_000
const amount = z.int(whole).min(1).max(mostCents)
const balance = z.int(whole).min(0).max(mostCents)

const calendarDay = z.iso
  .date()
  .refine((day) => day >= '2000-01-01' && day <= '2100-12-31', {
    error: 'must lie in the years 2000 to 2100',
  })
  .meta({ examples: ['2026-12-10'] })

const secureAddress = webAddress.refine((address) => /^https:/i.test(address), {
  error: 'must be an https address',
})

const movement = z.strictObject({
  movementId: foreignId,
  description: cleanLine(200),
  companyName: cleanName(200).optional(),
  amountCents: amount,
  currency: z.literal('BRL'),
  nfseLink: secureAddress.optional(),
  person: z.strictObject({
    externalId: cleanName(200),
    name: cleanName(200).optional(),
    contacts: z.array(givenContact).max(10).default([]),
  }),
})

const installmentShape = z.strictObject({
  installmentId: foreignId,
  movementId: foreignId,
  number: z.int().min(1).max(1000),
  total: z.int().min(1).max(1000),
  dueOn: calendarDay,
  amountCents: amount,
  balanceCents: balance.optional().meta({
    description: 'What is still to be paid; default all of it.',
  }),
  paymentLink: secureAddress.optional(),
  pixCode: z
    .string()
    .regex(/^[\x20-\x7e]{1,512}$/, { error: 'must be 1 to 512 printable ASCII characters' })
    .refine((code) => readPixCode(code).ok, { error: 'must be a PIX copy-and-paste code' })
    .optional()
    .meta({ description: 'A BR Code, its CRC right.' }),
  boletoLine: z
    .string()
    .regex(/^[\d. -]{44,64}$/, { error: 'must be digits, with dots and spaces between them' })
    .refine((line) => readBoletoLine(line).ok, { error: 'must be the line of a boleto' })
    .optional()
    .meta({ description: 'Each check digit is held against it.' }),
  documentMediaId: z.uuid().optional(),
})

function counted<T extends z.ZodType<{ readonly number: number; readonly total: number }>>(
  shape: T,
) {
  return shape.refine(({ number, total }) => number <= total, {
    path: ['number'],
    error: 'must not be greater than total',
  })
}

const told = {
  eventId: foreignId.meta({ description: 'Names the event: a second one of this id is a copy.' }),
  version: z.int().min(1).max(Number.MAX_SAFE_INTEGER).meta({
    description: 'Of the movement or installment; grows with each of its changes.',
  }),
  occurredAt: instant,
  schemaVersion: z.literal(1),
}

const ofMovement = <T extends string>(type: T) =>
  z.strictObject({ ...told, type: z.literal(type), movement })

const ofInstallment = <T extends string>(type: T) =>
  z.strictObject({ ...told, type: z.literal(type), installment: counted(installmentShape) })

/** One event: the whole movement or installment as it is after what happened. */
export const businessEvent = z
  .discriminatedUnion('type', [
    ofMovement('movement.created'),
    ofMovement('movement.cancelled'),
    ofInstallment('installment.created'),
    ofInstallment('installment.cancelled'),
    z.strictObject({
      ...told,
      type: z.literal('installment.updated'),
      installment: counted(
        installmentShape.extend({
          status: z
            .enum(installmentStatuses)
            .optional()
            .meta({ description: 'Default: as it was.' }),
        }),
      ),
    }),
    z.strictObject({
      ...told,
      type: z.literal('installment.paid'),
      installment: counted(installmentShape.extend({ paidAt: instant })),
    }),
  ])
  .meta({ id: 'BusinessEvent' })

/** `POST /business-events`. */
export const postBusinessEventsBody = z.strictObject({
  events: z.array(businessEvent).min(1).max(100),
})

const statusOf = {
  'installment.created': 'OPEN',
  'installment.paid': 'PAID',
  'installment.cancelled': 'CANCELLED',
} as const

/** The event in the words of the domain. */
export function businessEventOf(given: z.output<typeof businessEvent>): BusinessEvent {
  const { eventId, type, version, occurredAt } = given
  const head = { eventId, type, version, occurredAt }
  if ('movement' in given) {
    const status = type === 'movement.cancelled' ? 'CANCELLED' : 'OPEN'
    return { ...head, movement: { ...given.movement, status } }
  }
  const { installment } = given
  const status =
    given.type === 'installment.updated' ? given.installment.status : statusOf[given.type]
  const balanceCents = installment.balanceCents ?? installment.amountCents
  return { ...head, installment: { ...installment, balanceCents, status } }
}

export const receivedBusinessEvents = z.object({
  accepted: z.int().min(1),
  eventIds: z.array(z.string()).readonly(),
})

/** What became of an event. */
export const shownBusinessEvent = z
  .object({
    eventId: z.string(),
    type: z.enum(businessEventTypes),
    thingId: z.string().meta({ description: 'Of the movement or installment.' }),
    version: z.int(),
    outcome: z.enum(['applied', 'stale']).meta({
      description: 'stale: a newer event of the same thing was there before.',
    }),
    notice: z
      .enum(['contact-taken', 'no-contacts'])
      .nullable()
      .meta({
        description:
          'contact-taken: a contact belongs to another person and stays there; no-contacts: the ' +
          'person cannot be reached.',
      }),
    copies: z.int().meta({ description: 'How often it was told again.' }),
    conflicts: z.int().meta({
      description: 'How many of the copies had another type, thing or version; they were ignored.',
    }),
    occurredAt: shownTime,
    appliedAt: shownTime,
  })
  .meta({ id: 'BusinessEventOutcome' })

export function businessEventResource(
  event: BusinessEventOutcome,
): z.input<typeof shownBusinessEvent> {
  return { ...event, notice: event.notice ?? null }
}

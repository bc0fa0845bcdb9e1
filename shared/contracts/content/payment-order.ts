import * as z from 'zod'
import { readBoletoLine } from '../../domain/billing/boleto-line.ts'
import { readPixCode } from '../../domain/billing/pix-code.ts'
import { pixKeyType, pixKeyTypes } from '../../domain/billing/pix-key.ts'
import { cleanLine } from '../text.ts'
import { refuseCopies } from './distinct.ts'

const pix = z
  .strictObject({
    type: z.literal('pix'),
    code: z
      .string()
      .max(512)
      .refine((code) => readPixCode(code).ok, { error: 'must be a PIX copy-and-paste code' })
      .meta({ description: 'A BR Code, its CRC right.' }),
    merchantName: cleanLine(60).meta({ description: 'Shown beside the code.' }),
    key: z.string().max(77).meta({ description: 'Shown beside the code; as the DICT writes it.' }),
    keyType: z.enum(pixKeyTypes),
  })
  .refine(({ key, keyType }) => pixKeyType(key) === keyType, {
    error: 'must be a PIX key of its type',
    path: ['key'],
  })

const boleto = z.strictObject({
  type: z.literal('boleto'),
  line: z
    .string()
    .regex(/^\d{47,48}$/)
    .refine((line) => readBoletoLine(line).ok, { error: 'must be the line of a boleto' })
    .meta({ description: 'Digits only; each check digit is held against it.' }),
})

const link = z.strictObject({
  type: z.literal('link'),
  url: cleanLine(2000).refine(
    (address) => /^https:\/\/\S+$/i.test(address) && URL.canParse(address),
    { error: 'must be an https address' },
  ),
})

/** What a button of Meta's format ORDER_DETAILS shows. */
export const paymentOrder = z.strictObject({
  referenceId: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,60}$/)
    .meta({ description: 'Unlike that of any other such message of the company.' }),
  totalCents: z.int().min(1).max(99_999_999_999),
  description: cleanLine(60),
  payments: z
    .array(z.discriminatedUnion('type', [pix, boleto, link]))
    .min(1)
    .max(3)
    .superRefine((payments, context) => {
      const places = payments.map((payment, at) => ({ value: payment.type, path: [at, 'type'] }))
      refuseCopies(places, context)
    }),
})

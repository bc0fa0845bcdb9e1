import * as z from 'zod'
import { states } from '../domain/dunning/brazilian-states.ts'
import { parseDay } from '../domain/dunning/calendar-day.ts'
import type { DunningPolicy } from '../domain/dunning/policy.ts'
import { channel } from './contacts.ts'
import { shownId, shownTime } from './paging.ts'

const day = z
  .string()
  .refine((text) => parseDay(text) !== undefined, 'must be a day of the calendar, YYYY-MM-DD')
  .meta({ documentedAs: z.iso.date(), examples: ['2026-11-25'] })

const clockTime = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/)

const timeSpan = z
  .strictObject({ from: clockTime, to: clockTime })
  .refine(({ from, to }) => from < to, { path: ['to'], message: 'must be later than from' })

const sendWindow = z
  .strictObject({
    weekday: timeSpan,
    saturday: timeSpan.nullable(),
    sunday: timeSpan.nullable().meta({ description: 'Of holidays too.' }),
  })
  .meta({ description: "Hours on the person's own clocks; null: never." })

const stepName = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/)

const step = z
  .strictObject({
    name: stepName,
    anchor: z.enum(['created', 'due']),
    days: z.int().min(-60).max(365),
    template: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/),
    channels: z
      .array(channel)
      .min(1)
      .max(2)
      .refine((list) => new Set(list).size === list.length, 'must not name a channel twice'),
    ttlDays: z.int().min(0).max(30),
    onClosedDay: z.enum(['earlier', 'later', 'skip']),
    onUnreachable: z.enum(['hold', 'send']).default('hold'),
  })
  .refine(({ anchor, days }) => anchor === 'due' || days >= 0, {
    path: ['days'],
    message: 'must not lie before the day on which the movement is created',
  })

/** `PUT /dunning-policy`: the whole policy, which becomes its next version. */
export const dunningPolicyBody = z.strictObject({
  enabled: z.boolean(),
  language: z
    .string()
    .regex(/^[a-z]{2,3}(-[A-Z]{2})?$/)
    .default('pt-BR'),
  steps: z
    .array(step)
    .min(1)
    .max(20)
    .refine(
      (steps) => new Set(steps.map(({ name }) => name)).size === steps.length,
      'must not name a step twice',
    ),
  toleranceDays: z.int().min(0).max(30),
  businessDaysOnly: z.boolean(),
  sendWindow,
  stateWindows: z.partialRecord(z.enum(states), sendWindow).default({}),
  closedDays: z
    .array(z.union([day, z.string().regex(/^(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/)]))
    .max(200)
    .default([]),
  maxPerPersonPerDay: z.int().min(1).max(10),
})

export const shownPolicy = z
  .object({
    version: z.int().min(0).meta({ description: '0: the default that a tenant begins with.' }),
    createdAt: shownTime.nullable(),
    policy: dunningPolicyBody,
  })
  .meta({ id: 'DunningPolicyVersion' })

/** `POST /dunning-runs/dry`. */
export const dryRunBody = z.strictObject({
  day,
  policy: dunningPolicyBody
    .optional()
    .meta({ description: 'A draft; by default the policy that is stored, enabled or not.' }),
  limit: z.int().min(1).max(100).default(50),
  cursor: z.string().min(1).max(512).optional(),
})

const shownChecks = z.array(
  z.object({ check: z.string(), found: z.union([z.string(), z.number()]) }),
)

export const shownDryStep = z
  .object({
    installmentId: z.string(),
    step: z.string(),
    outcome: z.enum(['go', 'later', 'skip']),
    reason: z.string().nullable().meta({ description: 'Why not, or why later.' }),
    channel: channel.nullable(),
    day: z.string().nullable().meta({ description: 'Of `later`: the day of the next look.' }),
    sendAt: shownTime.nullable(),
    expiresAt: shownTime.nullable(),
    refused: z
      .record(z.string(), z.string())
      .meta({ description: 'What the channels tried before say.' }),
    checks: shownChecks,
  })
  .meta({ id: 'DryStep' })

export const shownStep = z
  .object({
    step: z.string(),
    state: z.enum(['PLANNED', 'SENT', 'SKIPPED']),
    plannedOn: z.string(),
    dueOn: z.string(),
    reason: z.string().nullable(),
    channel: channel.nullable(),
    messageId: shownId.nullable(),
    decidedAt: shownTime,
    policyVersion: z.int().nullable(),
    refused: z.record(z.string(), z.string()),
    checks: shownChecks,
  })
  .meta({ id: 'InstallmentStep' })

/** zod's optional keys and the domain's are spelled differently, their values are the same. */
export function policyOf(body: z.output<typeof dunningPolicyBody>): DunningPolicy {
  const { stateWindows, ...policy } = body
  const windows = Object.entries(stateWindows).flatMap(([state, window]) =>
    window === undefined ? [] : [[state, window] as const],
  )
  return { ...policy, stateWindows: Object.fromEntries(windows) }
}

import * as z from 'zod'
import { readOptions, tenantId } from './arguments.ts'
import type { Command } from './operations.ts'
import { CommandRefused } from './refused.ts'

const count = (most: number) =>
  z.coerce
    .number()
    .int({ error: 'takes a whole number' })
    .min(1, { error: 'takes a number from 1' })
    .max(most, { error: `takes a number up to ${most}` })
    .optional()

const ruleOptions = z.object({
  tenant: tenantId,
  'soft-bounce-run': count(100),
  'bounce-rate-percent': z.coerce
    .number()
    .min(0, { error: 'takes a percentage' })
    .max(100, { error: 'takes a percentage' })
    .optional(),
  'bounce-rate-minimum': count(1000),
})

const resumeOptions = z.object({ tenant: tenantId })

/** When addresses are suppressed and marketing mails paused. */
export function setMailRules(argv: readonly string[]): Command {
  const { tenant, ...rules } = readOptions(argv, ruleOptions)
  if (Object.values(rules).every((value) => value === undefined)) {
    throw new CommandRefused('Nothing to set: give a rule; --help lists them.')
  }
  return changing(tenant, ({ administration }) =>
    administration.setMailRules({
      tenantId: tenant,
      softBounceRun: rules['soft-bounce-run'],
      bounceRatePercent: rules['bounce-rate-percent'],
      bounceRateMinimum: rules['bounce-rate-minimum'],
    }),
  )
}

/** Lets the marketing mails of a tenant go again. */
export function resumeMail(argv: readonly string[]): Command {
  const { tenant } = readOptions(argv, resumeOptions)
  return changing(tenant, ({ administration }) => administration.resumeMail(tenant))
}

function changing(
  tenant: string,
  work: (operations: Parameters<Command['run']>[0]) => Promise<boolean>,
): Command {
  return {
    role: 'owner',
    run: async (operations) => {
      if (!(await work(operations))) throw new CommandRefused(`There is no tenant ${tenant}.`)
      return JSON.stringify({ tenantId: tenant })
    },
  }
}

import * as z from 'zod'
import { billingSecretPrefix } from '#infra/topology-billing.ts'
import { foreignId } from '#shared/contracts/business-events.ts'
import { cleanLine } from '#shared/contracts/text.ts'
import { readOptions, tenantId } from './arguments.ts'
import type { Command } from './operations.ts'
import { CommandRefused } from './refused.ts'

const timeoutError = { error: 'takes milliseconds, 100 to 10,000' }

const setOptions = z.object({
  tenant: tenantId,
  'base-url': z
    .url({ protocol: /^https?$/, error: 'takes an https address' })
    .max(500)
    .refine(isSecure, { error: 'takes an https address; http on this machine only' })
    .transform((address) => address.replace(/\/+$/, '')),
  secret: cleanLine(200).transform((name) => name.replace(billingSecretPrefix, '')),
  'timeout-ms': z.coerce
    .number(timeoutError)
    .int(timeoutError)
    .min(100, timeoutError)
    .max(10_000, timeoutError)
    .default(2000),
})

const removeOptions = z.object({ tenant: tenantId })

const askOptions = z.object({
  tenant: tenantId,
  installment: foreignId.optional(),
  movement: foreignId.optional(),
})

/** As long as a finance system may take at most. */
const askWithinMs = 10_000

/** Says where a tenant's finance system is asked; functions know it within 5 minutes. */
export function setBilling(argv: readonly string[]): Command {
  const given = readOptions(argv, setOptions)
  return changing(given.tenant, ({ billing }) =>
    billing.set(given.tenant, {
      baseUrl: given['base-url'],
      secretName: given.secret,
      timeoutMs: given['timeout-ms'],
    }),
  )
}

/** From then on what the tenant's events told is all that counts. */
export function removeBilling(argv: readonly string[]): Command {
  const { tenant } = readOptions(argv, removeOptions)
  return changing(tenant, ({ billing }) => billing.remove(tenant))
}

/** Asks what is true now, as a send would: at the tenant's service, else what its events told. */
export function askBilling(argv: readonly string[]): Command {
  const { tenant, installment, movement } = readOptions(argv, askOptions)
  if ((installment === undefined) === (movement === undefined)) {
    throw new CommandRefused('Give --installment or --movement.')
  }
  return {
    role: 'functions',
    run: async ({ billing: { installments, movements } }) =>
      JSON.stringify(
        installment === undefined
          ? await movements.current(tenant, movement ?? '', askWithinMs)
          : await installments.current(tenant, installment, askWithinMs),
      ),
  }
}

function isSecure(address: string): boolean {
  const { protocol, hostname } = new URL(address)
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
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

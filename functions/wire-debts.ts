import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import type * as z from 'zod'
import { makeHttpInstallments } from '#shared/adapters/billing/http-billing.ts'
import { makeSecretStore } from '#shared/adapters/keys/secrets-manager-store.ts'
import { systemResolve } from '#shared/adapters/network/pinned-address.ts'
import type { BillingDirectory } from '#shared/ports/directory.ts'
import { systemClock } from '#shared/runtime/system.ts'
import type { messageSendEnv } from './env.ts'

/** Who is asked whether debts still stand. */
export function wireDebts(
  env: Pick<z.output<typeof messageSendEnv>, 'BILLING_SECRET_PREFIX' | 'BILLING_ADDRESSES'>,
  directory: Pick<BillingDirectory, 'billingService'>,
) {
  const installments = makeHttpInstallments({
    directory,
    secrets: makeSecretStore(new SecretsManagerClient({}), systemClock),
    secretPrefix: env.BILLING_SECRET_PREFIX,
    resolve: systemResolve,
    addresses: env.BILLING_ADDRESSES,
  })
  return { directory, installments }
}

import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { makeHttpInstallments, makeHttpMovements } from '#shared/adapters/billing/http-billing.ts'
import { ownOrStored } from '#shared/adapters/billing/own-or-stored.ts'
import { makeBillingSettings } from '#shared/adapters/database/billing-settings.ts'
import type { DataApi } from '#shared/adapters/database/data-api.ts'
import {
  makeStoredInstallments,
  makeStoredMovements,
} from '#shared/adapters/database/stored-billing.ts'
import { makeSecretStore } from '#shared/adapters/keys/secrets-manager-store.ts'
import { systemResolve } from '#shared/adapters/network/pinned-address.ts'
import type { BillingDirectory } from '#shared/ports/directory.ts'
import { systemClock } from '#shared/runtime/system.ts'
import { billingSecretPrefix } from '../topology-billing.ts'

export type Billing = ReturnType<typeof makeBilling>

/** Who knows of debts, and where that is written. An operator may ask on his own machine, too. */
export function makeBilling(database: DataApi, directory: BillingDirectory) {
  const http = {
    directory,
    secrets: makeSecretStore(new SecretsManagerClient({}), systemClock),
    secretPrefix: billingSecretPrefix,
    resolve: systemResolve,
    addresses: 'any',
  } as const
  return {
    ...makeBillingSettings(database),
    installments: ownOrStored(directory, {
      own: makeHttpInstallments(http),
      stored: makeStoredInstallments(database),
    }),
    movements: ownOrStored(directory, {
      own: makeHttpMovements(http),
      stored: makeStoredMovements(database),
    }),
  }
}

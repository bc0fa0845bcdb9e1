import type { InstallmentService, MovementService } from '../../ports/billing.ts'
import type { BillingDirectory } from '../../ports/directory.ts'

type Service = InstallmentService | MovementService

/** The tenant's own finance system where it has one, else what its events told. */
export function ownOrStored<S extends Service>(
  directory: Pick<BillingDirectory, 'billingService'>,
  { own, stored }: { readonly own: S; readonly stored: S },
): Pick<S, 'current'> {
  return {
    current: async (tenantId, id, within) => {
      const service = await directory.billingService(tenantId)
      return (service === undefined ? stored : own).current(tenantId, id, within)
    },
  } as Pick<S, 'current'>
}

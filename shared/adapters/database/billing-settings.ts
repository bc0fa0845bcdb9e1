import type { BillingSettings } from '../../ports/directory.ts'
import type { DataApi } from './data-api.ts'

/** Where tenants' finance systems are asked, as operators write it. False: there is no such tenant. */
export function makeBillingSettings(database: DataApi) {
  return {
    set: async (
      tenantId: string,
      { baseUrl, secretName, timeoutMs }: BillingSettings,
    ): Promise<boolean> => {
      const rows = await database.query(
        `insert into billing_services as b (tenant_id, base_url, secret_name, timeout_ms)
         select t.tenant_id, :url, :secret, :timeout::integer from tenants t
         where t.tenant_id = :tenant::bigint and t.tenant_id > 0
         on conflict (tenant_id) do update set base_url = excluded.base_url,
           secret_name = excluded.secret_name, timeout_ms = excluded.timeout_ms
         returning b.tenant_id::text as id`,
        { tenant: tenantId, url: baseUrl, secret: secretName, timeout: timeoutMs },
      )
      return rows.length === 1
    },
    remove: async (tenantId: string): Promise<boolean> => {
      const rows = await database.query(
        `with gone as (
           delete from billing_services b where b.tenant_id = :tenant::bigint)
         select t.tenant_id::text as id from tenants t
         where t.tenant_id = :tenant::bigint and t.tenant_id > 0`,
        { tenant: tenantId },
      )
      return rows.length === 1
    },
  }
}

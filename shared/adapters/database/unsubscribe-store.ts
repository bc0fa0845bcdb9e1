import type { Directory } from '../../ports/directory.ts'
import type { Sealer } from '../../ports/sealer.ts'
import type { UnsubscribeStore } from '../../ports/unsubscribe-store.ts'
import type { DataApi } from './data-api.ts'
import { readUnsubscribeToken } from './unsubscribe-token.ts'

/** A person's no to marketing mails, in PostgreSQL: one call. */
export function makeUnsubscribeStore(parts: {
  database: DataApi
  directory: Directory
  sealer: Sealer
}): UnsubscribeStore {
  return {
    unsubscribe: async (token) => {
      const named = readUnsubscribeToken(token)
      if (named === undefined) return false
      // Anybody can write a token: only a tenant that is there is asked for its keys.
      if ((await parts.directory.tenant(named.tenantId)) === undefined) return false
      if (!named.isTrue(await parts.sealer.forTenant(named.tenantId))) return false
      const rows = await parts.database.query(unsubscribeSql, {
        tenant: named.tenantId,
        contact: named.contactId,
      })
      return rows.length > 0
    },
  }
}

const unsubscribeSql = `select record_opt_out_v1(
    c.tenant_id, c.contact_id, c.channel, 'MARKETING', 'unsubscribe', now()) as is_new
  from contacts c
  where c.tenant_id = :tenant::bigint and c.contact_id = :contact::bigint and c.channel = 'EMAIL'`

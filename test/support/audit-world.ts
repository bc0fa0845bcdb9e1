import { makeAuditChain } from '#shared/adapters/database/audit-chain-store.ts'
import {
  type AuditHead,
  type AuditLink,
  type AuditRow,
  type AuditVerdict,
  verifyChain,
} from '#shared/domain/audit-chain.ts'
import type { AuditChain } from '#shared/ports/audit.ts'
import { sha256After as sha256 } from '#shared/runtime/sha256.ts'
import { until } from './stack.ts'
import { openPostgresWorld, type PostgresWorld } from './stores.ts'

export interface AuditWorld extends PostgresWorld {
  readonly chain: AuditChain
  /** Entries as requests write them, each in a transaction of its own unless there are many. */
  write(tenantId: string, count?: number): Promise<void>
  verify(tenantId: string, heads?: readonly AuditHead[]): Promise<AuditVerdict>
  chainAll(): Promise<void>
}

export async function openAuditWorld(): Promise<AuditWorld> {
  const world = await openPostgresWorld()
  const chain = makeAuditChain(world.dataApi)
  return {
    ...world,
    chain,
    write: async (tenantId, count = 1) => {
      await world.dataApi.query(
        `insert into audit_entries (tenant_id, actor_kind, actor, action, outcome, purpose,
           request_id, objects, person_ids)
         select :tenant::bigint, 'client', '7', 'getChat', 'done', 'support',
           case when n % 3 > 0 then 'ação-' || n end, jsonb_build_object('chat', jsonb_build_array(n::text)),
           array[n, n + 1]
         from generate_series(1, :count::integer) n`,
        { tenant: tenantId, count },
      )
    },
    verify: (tenantId, heads = []) =>
      verifyChain({ rows: chain.rows(tenantId), links: chain.links(tenantId), heads }, sha256),
    chainAll: () => chainAll(chain),
  }
}

/**
 * Until nothing waits: transactions of other databases of the same server hold the end back as well.
 */
export async function chainAll(chain: AuditChain): Promise<void> {
  await until(
    () => chain.chain(),
    ({ hasMore, tailSeconds }) => !hasMore && tailSeconds === 0,
  )
}

export async function everything<T>(read: AsyncIterable<T>): Promise<T[]> {
  return Array.fromAsync(read)
}

/** The same chain read from memory. */
export function verifyKept(
  { rows, links }: { readonly rows: readonly AuditRow[]; readonly links: readonly AuditLink[] },
  heads: readonly AuditHead[] = [],
): Promise<AuditVerdict> {
  return verifyChain({ rows: each(rows), links: each(links), heads }, sha256)
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}

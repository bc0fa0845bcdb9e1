import type { AuditChain, AuditHeads } from '../ports/audit.ts'
import type { Clock } from '../ports/clock.ts'

/** Keeps the ends of all chains where the database's own rights do not reach. */
export function makeExportAuditHeads({
  chain,
  heads,
  clock,
}: {
  chain: AuditChain
  heads: AuditHeads
  clock: Clock
}) {
  return async () => {
    const ends = await chain.heads()
    await heads.keep(new Date(clock.now()), ends)
    return { heads: ends.length }
  }
}

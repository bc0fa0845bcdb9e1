import { auditPace } from '../domain/audit-pace.ts'
import type { Alerts } from '../ports/alerts.ts'
import type { AuditChain } from '../ports/audit.ts'

/** A tail is a minute old when all is well: older transactions hold it back, or the database is slow. */
const oldTailSeconds = 300

/** Chains what was written into the audit, and says when entries wait too long for it. */
export function makeChainAudit({
  chain,
  alerts,
}: {
  chain: Pick<AuditChain, 'chain'>
  alerts: Alerts
}) {
  return async () => {
    const total = { chained: 0, tailSeconds: 0 }
    for (let calls = 0; calls < auditPace.callsARun; calls += 1) {
      const { chained, hasMore, tailSeconds } = await chain.chain()
      total.chained += chained
      total.tailSeconds = tailSeconds
      if (!hasMore) break
    }
    if (total.tailSeconds > oldTailSeconds) {
      alerts.raise('AuditTailOld', { tailSeconds: Math.round(total.tailSeconds) })
    }
    return total
  }
}

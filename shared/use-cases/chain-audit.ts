import { auditPace } from '../domain/audit-pace.ts'
import type { Alerts } from '../ports/alerts.ts'
import type { AuditChain } from '../ports/audit.ts'
import type { Clock } from '../ports/clock.ts'

/** A tail is a minute old when all is well: older transactions hold it back, or the database is slow. */
const oldTailSeconds = 300

/**
 * Chains what was written into the audit until nothing waits or its time is over, and says when entries
 * wait too long for it.
 */
export function makeChainAudit({
  chain,
  alerts,
  clock,
}: {
  chain: Pick<AuditChain, 'chain'>
  alerts: Alerts
  clock: Clock
}) {
  return async () => {
    const endsAt = clock.now() + auditPace.secondsARun * 1000
    const total = { chained: 0, tailSeconds: 0 }
    let goesOn = true
    while (goesOn) {
      const { chained, hasMore, tailSeconds } = await chain.chain()
      total.chained += chained
      total.tailSeconds = tailSeconds
      goesOn = hasMore && clock.now() < endsAt
    }
    if (total.tailSeconds > oldTailSeconds) {
      alerts.raise('AuditTailOld', { tailSeconds: Math.round(total.tailSeconds) })
    }
    return total
  }
}

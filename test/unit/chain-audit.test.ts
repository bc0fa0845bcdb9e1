import { expect, it } from 'vitest'
import { auditFunctions } from '#infra/topology-audit.ts'
import { auditPace } from '#shared/domain/audit-pace.ts'
import type { AuditChain } from '#shared/ports/audit.ts'
import { makeChainAudit } from '#shared/use-cases/chain-audit.ts'

type Chained = Awaited<ReturnType<AuditChain['chain']>>

async function run(answers: readonly Chained[]) {
  const left = [...answers]
  const raised: unknown[] = []
  const chain = async () => left.shift() ?? { chained: 0, hasMore: false, tailSeconds: 0 }
  const told = await makeChainAudit({
    chain: { chain },
    alerts: { raise: (name, facts) => raised.push([name, facts]) },
  })()
  return { told, raised, left: left.length }
}

it('goes on while there is more, and tells how old the tail is in the end', async () => {
  const more = { chained: 10, hasMore: true, tailSeconds: 900 }
  expect(await run([more, more, { chained: 3, hasMore: false, tailSeconds: 2 }])).toEqual({
    told: { chained: 23, tailSeconds: 2 },
    raised: [],
    left: 0,
  })
})

it('leaves what is too much to the next minute, and raises the alarm for an old tail', async () => {
  const more = { chained: 10, hasMore: true, tailSeconds: 301.4 }
  expect(await run(Array.from({ length: 12 }, () => more))).toEqual({
    told: { chained: 80, tailSeconds: 301.4 },
    raised: [['AuditTailOld', { tailSeconds: 301 }]],
    left: 4,
  })
})

it('is done in half of its time, at the pace that was measured', () => {
  const measuredEntriesASecond = 3800
  const { entriesACall, callsARun } = auditPace
  const { timeoutSeconds } = auditFunctions['chain-audit']
  expect((entriesACall * callsARun) / measuredEntriesASecond).toBeLessThan(timeoutSeconds / 2)
})

it('does not for one of five minutes', async () => {
  expect((await run([{ chained: 0, hasMore: false, tailSeconds: 300 }])).raised).toEqual([])
})

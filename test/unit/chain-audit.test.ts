import { expect, it } from 'vitest'
import { auditFunctions } from '#infra/topology-audit.ts'
import { auditPace } from '#shared/domain/audit-pace.ts'
import type { AuditChain } from '#shared/ports/audit.ts'
import { makeChainAudit } from '#shared/use-cases/chain-audit.ts'

type Chained = Awaited<ReturnType<AuditChain['chain']>>

const secondsACall = 3

async function run(answers: readonly Chained[]) {
  const left = [...answers]
  const raised: unknown[] = []
  let now = 0
  const chain = async () => {
    now += secondsACall * 1000
    return left.shift() ?? { chained: 0, hasMore: false, tailSeconds: 0 }
  }
  const told = await makeChainAudit({
    chain: { chain },
    alerts: { raise: (name, facts) => raised.push([name, facts]) },
    clock: { now: () => now },
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
  // The last call begins before the 40th second.
  expect(await run(Array.from({ length: 20 }, () => more))).toEqual({
    told: { chained: 140, tailSeconds: 301.4 },
    raised: [['AuditTailOld', { tailSeconds: 301 }]],
    left: 6,
  })
})

it('ends within its time, also with a last call that takes twice what was measured', () => {
  const measuredEntriesASecond = 2000
  const { entriesACall, secondsARun } = auditPace
  const { timeoutSeconds } = auditFunctions['chain-audit']
  const lastSeconds = (2 * entriesACall) / measuredEntriesASecond
  expect(secondsARun + lastSeconds).toBeLessThan(timeoutSeconds)
})

it('does not for one of five minutes', async () => {
  expect((await run([{ chained: 0, hasMore: false, tailSeconds: 300 }])).raised).toEqual([])
})

import { makeAuditChain } from '#shared/adapters/database/audit-chain-store.ts'
import { makeAuditDesk } from '#shared/adapters/database/audit-store.ts'
import { verifyChain } from '#shared/domain/audit-chain.ts'
import { sha256After } from '#shared/runtime/sha256.ts'
import type { BenchWorld } from './world.ts'

const days = 100
/** Of one page, as many as a list of chats shows. */
const personsEach = 20
const actors = 4

/**
 * Fills an audit and asks what operators ask: whose data an actor saw, who saw a person's, whether the
 * chain is whole. False: the chain is not.
 */
export async function benchAudit(
  world: BenchWorld,
  entries: number,
  print: (line: string) => void,
): Promise<boolean> {
  const { tenantId } = world.caller
  print(
    `audit: ${entries.toLocaleString('en')} entries over ${days} days, ${personsEach} persons each`,
  )
  await fill(world, entries)
  const desk = makeAuditDesk(world.database)
  const chain = makeAuditChain(world.database)
  await timed(print, 'chaining all', async () => {
    while ((await chain.chain()).hasMore);
  })
  const at = (day: number) => new Date(Date.UTC(2026, 0, 1 + day)).toISOString()
  const seen = (from: number, to: number) => () =>
    desk.seenBy({ tenantId, actor: '1', from: at(from), to: at(to), limit: 1000 })
  await timed(print, 'whose data actor 1 saw in a day', seen(50, 51))
  await timed(print, 'whose data actor 1 saw in a week', seen(50, 57))
  await timed(print, 'whose data actor 1 saw in all of it', seen(0, days))
  const find = (filter: object) => () => desk.find({ tenantId, filter, limit: 100 })
  await timed(print, 'who saw person 4711, newest 100', find({ personId: '4711' }))
  await timed(print, 'what is newest, 100', find({}))
  let isWhole = false
  await timed(print, 'verifying all', async () => {
    const parts = { rows: chain.rows(tenantId), links: chain.links(tenantId), heads: [] }
    const verdict = await verifyChain(parts, sha256After)
    isWhole = verdict.links === entries && verdict.findings.length === 0
  })
  return isWhole
}

async function fill({ owner, caller }: BenchWorld, entries: number): Promise<void> {
  // An index that is made at the end is made in a tenth of the time.
  const { rows } = await owner.query(
    `select indexdef from pg_indexes where indexname = 'audit_of_persons'`,
  )
  await owner.query('drop index audit_of_persons')
  await owner.query(
    `insert into audit_entries (tenant_id, at, actor_kind, actor, action, outcome, purpose,
       request_id, objects, person_ids)
     select $1, '2026-01-01Z'::timestamptz + n * ($2::double precision / $3) * interval '1 day',
       'client', (n % $4 + 1)::text, 'listChats', 'done', 'support', gen_random_uuid()::text,
       jsonb_build_object('chat', p.ids), p.ids
     from generate_series(1, $3::integer) n
     cross join lateral (
       select array_agg((n::bigint * 7919 + k * 104729) % 100000) as ids
       from generate_series(1, $5::integer) k) p`,
    [caller.tenantId, days, entries, actors, personsEach],
  )
  await owner.query(String(rows[0]?.indexdef))
  await owner.query('vacuum analyze audit_entries')
}

async function timed(
  print: (line: string) => void,
  what: string,
  work: () => Promise<unknown>,
): Promise<void> {
  const startedAt = performance.now()
  await work()
  print(`  ${((performance.now() - startedAt) / 1000).toFixed(2).padStart(7)} s  ${what}`)
}

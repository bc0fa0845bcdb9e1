import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeAuditChain } from '#shared/adapters/database/audit-chain-store.ts'
import type { AuditHead } from '#shared/domain/audit-chain.ts'
import { verifyChain } from '#shared/domain/audit-chain.ts'
import type { AuditChain } from '#shared/ports/audit.ts'
import { sha256After } from '#shared/runtime/sha256.ts'
import { chainAll, everything } from '#test/support/audit-world.ts'
import { fillSomebody, openErasureWorld, type Somebody } from '#test/support/erasure-world.ts'
import { day, openChat, type WorldTenant } from '#test/support/stores-world.ts'
import { upkeepOver } from '#test/support/upkeep-world.ts'

let world: Awaited<ReturnType<typeof opened>>
let chain: AuditChain

async function opened() {
  const erasures = await openErasureWorld()
  return { ...upkeepOver(erasures), erasures }
}

beforeAll(async () => {
  world = await opened()
  chain = makeAuditChain(world.dataApi)
})
afterAll(() => world.close())

/** As the rooms of the API ask: each leaves an entry that names the person. */
async function read(tenant: WorldTenant, { chatId }: { readonly chatId: string }) {
  const caller = { ...tenant, audit: { action: 'getChat', purpose: 'support' } }
  for (let times = 0; times < 2; times += 1) await world.chats.get(caller, chatId)
}

const verify = (tenantId: string, heads: readonly AuditHead[]) =>
  verifyChain({ rows: chain.rows(tenantId), links: chain.links(tenantId), heads }, sha256After)

async function entriesOf(tenantId: string, { personId }: { readonly personId: string }) {
  const rows = await everything(chain.rows(tenantId))
  return rows.filter(({ personIds }) => personIds.split(',').includes(personId))
}

async function isErased({ personId, chatId }: Somebody) {
  const { rows } = await world.owner.query(
    `select p.erased_at is not null as erased, c.status, count(m.content)::integer as contents
     from persons p join chats c using (tenant_id, person_id)
     left join chat_messages m using (tenant_id, chat_id)
     where p.person_id = $1 and c.chat_id = $2 group by 1, 2`,
    [personId, chatId],
  )
  return rows
}

/** I16 with I20: what an erasure and a cleanup remove, the chain does not hold. */
it('the chain is whole after an erasure and a cleanup, with the ends kept before them', async () => {
  const tenant = await world.addTenant()
  const { tenantId } = tenant
  const somebody = await fillSomebody(world.erasures, tenant)
  const other = await openChat(world, tenant)
  await read(tenant, somebody)
  await read(tenant, other)
  await chainAll(chain)
  const before = await chain.heads()
  const named = await entriesOf(tenantId, somebody)
  expect(named.length).toBeGreaterThanOrEqual(2)

  await world.erasures.ask(tenantId, somebody.personId)
  await world.erasures.run(tenantId)
  await read(tenant, somebody)
  await world.set(tenantId, 'inbound_days', 30)
  await world.pass(400 * day)
  const cleaned = await world.clean(tenantId)
  expect(cleaned).toMatchObject({ close: 1 })
  await read(tenant, other)
  await chainAll(chain)

  expect(await isErased(somebody)).toEqual([{ erased: true, status: 'ARCHIVED', contents: 0 }])
  const rows = await everything(chain.rows(tenantId))
  const verdict = await verify(
    tenantId,
    before.filter((head) => head.tenantId === tenantId),
  )
  expect(verdict).toMatchObject({ links: rows.length, findings: [], tail: { entries: 0 } })
  // The person is an id that leads nowhere, and stays in the entries of before.
  const kept = (await entriesOf(tenantId, somebody)).map(({ auditId }) => auditId)
  expect(kept.slice(0, named.length)).toEqual(named.map(({ auditId }) => auditId))
  expect(rows.length).toBeGreaterThan(
    Number(before.find((head) => head.tenantId === tenantId)?.position),
  )
})

import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeAuditReader } from '#shared/adapters/database/audit-store.ts'
import type { AuditFilter, AuditReader } from '#shared/ports/audit.ts'
import { type AuditWorld, openAuditWorld } from '#test/support/audit-world.ts'
import { openChat, type WorldTenant } from '#test/support/stores-world.ts'

describe('the audit of a person', () => {
  let world: AuditWorld
  let tenant: WorldTenant
  let reader: AuditReader

  beforeAll(async () => {
    world = await openAuditWorld()
    reader = makeAuditReader({ database: world.dataApi, sealer: world.sealer })
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
  })

  /** So many entries a microsecond apart, from this one on, each of all these persons. */
  async function entries(
    persons: readonly string[],
    { from, count, actor = '7' }: { from: number; count: number; actor?: string },
  ) {
    await world.owner.query(
      `insert into audit_entries (tenant_id, at, actor_kind, actor, action, outcome, purpose,
         request_id, person_ids)
       select $1, '2026-11-25T12:00:00Z'::timestamptz + n * interval '1 microsecond', 'client', $2,
         'getPerson', 'done', 'support', n::text, $3::bigint[]
       from generate_series($4::integer, $4::integer + $5::integer - 1) n`,
      [tenant.tenantId, actor, persons, from, count],
    )
  }

  const list = (filter: AuditFilter, limit: number, cursor?: string) =>
    reader.list({ tenantId: tenant.tenantId, clientId: tenant.clientId }, { limit, cursor, filter })

  /** What each page shows, by the number of the entry. */
  async function pages(filter: AuditFilter, limit: number) {
    const found: (readonly number[])[] = []
    let cursor: string | undefined
    do {
      const page = await list(filter, limit, cursor)
      found.push(page.items.map(({ requestId }) => Number(requestId)))
      cursor = page.nextCursor
    } while (cursor !== undefined)
    return found
  }

  it('is one list of what is chained and what is not yet', async () => {
    await entries(['5'], { from: 1, count: 4 })
    await entries(['6'], { from: 5, count: 1 })
    await world.chainAll()
    await entries(['6', '5'], { from: 6, count: 3 })
    expect(await pages({ personId: '5' }, 2)).toEqual([[8, 7], [6, 4], [3, 2], [1]])
    await world.chainAll()
    expect(await pages({ personId: '5' }, 2)).toEqual([[8, 7], [6, 4], [3, 2], [1]])
    const [from, to] = ['2026-11-25T12:00:00.000002Z', '2026-11-25T12:00:00.000007Z']
    expect(await pages({ personId: '5', from, to }, 10)).toEqual([[6, 4, 3, 2]])
  })

  it('shows an entry once that names somebody and who was merged into them', async () => {
    const [into, merged] = [
      (await openChat(world, tenant)).person.personId,
      (await openChat(world, tenant)).person.personId,
    ]
    await world.owner.query('update persons set merged_into_person_id = $1 where person_id = $2', [
      into,
      merged,
    ])
    await entries([into, merged], { from: 1, count: 2 })
    await entries([merged], { from: 3, count: 1 })
    await world.chainAll()
    await entries([merged, into, merged], { from: 4, count: 1 })
    expect(await pages({ personId: into }, 3)).toEqual([[4, 3, 2], [1]])
    await world.chainAll()
    expect(await pages({ personId: into }, 3)).toEqual([[4, 3, 2], [1]])
  })

  it('looks at 1,000 entries a page for an actor, and goes on behind them', async () => {
    await entries(['5'], { from: 1, count: 1, actor: '8' })
    await entries(['5'], { from: 2, count: 1500 })
    await entries(['5'], { from: 1502, count: 1, actor: '8' })
    await world.chainAll()
    const filter = { personId: '5', actorKind: 'client', actor: '8' } as const
    expect(await pages(filter, 10)).toEqual([[1502], [1]])
    expect(await pages({ ...filter, actor: '9' }, 10)).toEqual([[], []])
    expect((await pages({ ...filter, actor: '7' }, 800)).flat()).toHaveLength(1500)
  })

  it('holds what the version before chained while this one came', async () => {
    // As it did: a link, and nobody noted.
    await world.owner.query(
      `with written as (
         insert into audit_entries (tenant_id, actor_kind, actor, action, outcome, purpose,
           request_id, person_ids)
         values ($1, 'client', '7', 'getPerson', 'done', 'support', '1', '{5}') returning *)
       insert into audit_links (tenant_id, position, xid, audit_id, hash)
       select tenant_id, 1, xid, audit_id, sha256('') from written`,
      [tenant.tenantId],
    )
    expect(await pages({ personId: '5' }, 10)).toEqual([[]])
    await world.owner.query(await readFile('migrations/functions/chain_tenant_v1.sql', 'utf8'))
    expect(await pages({ personId: '5' }, 10)).toEqual([[1]])
  })

  it('is of one tenant', async () => {
    await entries(['5'], { from: 1, count: 1 })
    await world.chainAll()
    tenant = await world.addTenant()
    expect(await pages({ personId: '5' }, 10)).toEqual([[]])
  })
})

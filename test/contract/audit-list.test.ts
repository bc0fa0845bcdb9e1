import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeAuditDesk, makeAuditReader } from '#shared/adapters/database/audit-store.ts'
import { makeMediaStore } from '#shared/adapters/database/media-store.ts'
import type { AuditFilter, AuditReader } from '#shared/ports/audit.ts'
import { systemRandomness as randomness } from '#shared/runtime/system.ts'
import { media } from '#test/contract/rows/old-rows.ts'
import { type AuditWorld, openAuditWorld } from '#test/support/audit-world.ts'
import { accept, openChat, type WorldTenant } from '#test/support/stores-world.ts'

describe('the list of the audit', () => {
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

  /** Entries a microsecond apart, so that pages end between two of the same millisecond. */
  async function entries(actor: string, persons: readonly string[]) {
    await world.owner.query(
      `insert into audit_entries (tenant_id, at, actor_kind, actor, action, outcome, purpose,
         person_ids)
       select $1, '2026-11-25T12:00:00.000001Z'::timestamptz + n * interval '1 microsecond',
         'client', $2, 'getPerson', 'done', 'support', array[p]::bigint[]
       from unnest($3::bigint[]) with ordinality t (p, n)`,
      [tenant.tenantId, actor, persons],
    )
  }
  const list = (filter: AuditFilter, limit = 100, cursor?: string) =>
    reader.list({ tenantId: tenant.tenantId, clientId: tenant.clientId }, { limit, cursor, filter })
  const personsIn = async (filter: AuditFilter) =>
    (await list(filter)).items.flatMap(({ personIds }) => personIds)

  it('goes on behind the last entry of a page, newest first', async () => {
    await entries('7', ['1', '2', '3', '4', '5'])
    const found: string[] = []
    let cursor: string | undefined
    let pages = 0
    do {
      const page = await list({}, 2, cursor)
      found.push(...page.items.flatMap(({ personIds }) => personIds))
      cursor = page.nextCursor
      pages += 1
    } while (cursor !== undefined)
    expect(found).toEqual(['5', '4', '3', '2', '1'])
    expect(pages).toBe(3)
  })

  it('holds every filter that is given', async () => {
    await entries('7', ['1', '2', '3'])
    await entries('8', ['3'])
    expect(await personsIn({ actorKind: 'client', actor: '8' })).toEqual(['3'])
    expect(await personsIn({ personId: '3' })).toEqual(['3', '3'])
    expect(await personsIn({ personId: '3', actorKind: 'client', actor: '7' })).toEqual(['3'])
    expect(await personsIn({ actorKind: 'operator', actor: '7' })).toEqual([])
    expect(await personsIn({ from: '2026-11-25T12:00:00Z' })).toHaveLength(4)
    expect(await personsIn({ to: '2026-11-25T12:00:00Z' })).toEqual([])
  })

  it('takes a cursor for its own filter only', async () => {
    await entries('7', ['1', '2', '3'])
    const { nextCursor } = await list({}, 1)
    await expect(list({ personId: '3' }, 1, nextCursor)).rejects.toMatchObject({
      code: 'invalid-cursor',
    })
  })

  it('shows nothing of another tenant', async () => {
    await entries('7', ['1'])
    tenant = await world.addTenant()
    expect(await personsIn({})).toEqual([])
    expect(await personsIn({ personId: '1' })).toEqual([])
  })

  it('finds what was seen of those who were merged into a person', async () => {
    const [kept, gone] = [await openChat(world, tenant), await openChat(world, tenant)]
    const personOf = async (chatId: string) => {
      const { rows } = await world.owner.query(
        'select person_id::text as id from chats where chat_id = $1',
        [chatId],
      )
      return String(rows[0].id)
    }
    const [into, merged] = [await personOf(kept.chatId), await personOf(gone.chatId)]
    await entries('7', [into, merged])
    await world.owner.query('update persons set merged_into_person_id = $1 where person_id = $2', [
      into,
      merged,
    ])
    expect((await personsIn({ personId: into })).toSorted()).toEqual([into, merged].toSorted())
    expect(await personsIn({ personId: merged })).toEqual([merged])
  })

  it('tells operators whose data somebody saw, and keeps that they asked', async () => {
    await entries('7', ['1', '2', '2'])
    const desk = makeAuditDesk(world.dataApi)
    const { tenantId } = tenant
    const time = { from: '2026-11-25T00:00:00Z', to: '2026-11-26T00:00:00Z' }
    expect(await desk.seenBy({ tenantId, actor: '7', ...time, limit: 10 })).toMatchObject([
      { personId: '2', entries: 2 },
      { personId: '1', entries: 1 },
    ])
    expect(
      await desk.seenBy({ tenantId, actor: '7', from: time.to, to: time.to, limit: 10 }),
    ).toEqual([])
    const note = { action: 'audit of-person', purpose: 'complaint-12', operator: 'ana' }
    await desk.note({ ...note, tenantId, personId: '1' })
    const filter = { actorKind: 'operator' } as const
    expect(await desk.find({ tenantId, filter, limit: 10 })).toMatchObject([
      {
        actor: 'ana',
        action: 'audit of-person',
        purpose: 'complaint-12',
        objects: { person: ['1'] },
        personIds: ['1'],
      },
    ])
  })

  it('knows whose a file is: who wrote it, or whose debt it is about', async () => {
    const files = await Promise.all([1, 2, 3].map(() => media(world.owner, tenant)))
    const [wrote, owes] = [await openChat(world, tenant), await openChat(world, tenant)]
    const { messageId } = await accept(world, tenant, { chatId: wrote.chatId })
    const { tenantId } = tenant
    await world.owner.query('update media set filename = null where tenant_id = $1', [tenantId])
    await world.owner.query(
      'update media set message_id = $3 where tenant_id = $1 and media_id = $2',
      [tenantId, files[0]?.mediaId, messageId],
    )
    await world.owner.query(
      `insert into movements (tenant_id, movement_id, version, person_id, status, amount_cents,
         currency, row_token, occurred_at)
       values ($1, 'm', 1, $2, 'OPEN', 1, 'BRL', gen_random_uuid(), now())`,
      [tenantId, owes.person.personId],
    )
    await world.owner.query(
      `insert into installments (tenant_id, installment_id, movement_id, version, number, total,
         due_on, amount_cents, balance_cents, status, document_media_id, row_token, occurred_at)
       values ($1, 'i', 'm', 1, 1, 1, current_date, 1, 1, 'OPEN', $2, gen_random_uuid(), now())`,
      [tenantId, files[1]?.mediaId],
    )
    const mediaStore = makeMediaStore({ ...world, database: world.dataApi, randomness })
    const audit = { action: 'getMedia', purpose: 'support' }
    for (const file of files) await mediaStore.get({ ...tenant, audit }, file.mediaId)
    const { items } = await list({})
    expect(items.map(({ personIds }) => personIds)).toEqual([
      [],
      [owes.person.personId],
      [wrote.person.personId],
    ])
  })

  it('knows whom a file was sent to, unless it was sent to more than 20', async () => {
    const { tenantId } = tenant
    const [mass, own] = [await media(world.owner, tenant), await media(world.owner, tenant)]
    const chats: Awaited<ReturnType<typeof openChat>>[] = []
    for (let n = 0; n < 21; n += 1) chats.push(await openChat(world, tenant))
    for (const [n, { chatId }] of chats.entries()) {
      const { messageId } = await accept(world, tenant, { chatId })
      const payload =
        n === 0 ? { mediaIds: [own.mediaId, mass.mediaId] } : { mediaIds: [mass.mediaId] }
      await world.owner.query(
        `update tasks set payload = $3
         where tenant_id = $1 and message_id = $2 and type = 'MESSAGE_SEND'`,
        [tenantId, messageId, JSON.stringify(payload)],
      )
    }
    await world.owner.query('update media set filename = null where tenant_id = $1', [tenantId])
    const mediaStore = makeMediaStore({ ...world, database: world.dataApi, randomness })
    const audit = { action: 'getMedia', purpose: 'support' }
    for (const file of [mass, own]) await mediaStore.get({ ...tenant, audit }, file.mediaId)
    const { items } = await list({})
    expect(items.map(({ personIds }) => personIds)).toEqual([[chats[0]?.person.personId], []])
  })
})

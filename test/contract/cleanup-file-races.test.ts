import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { media } from '#test/contract/rows/old-rows.ts'
import {
  accept,
  freshPhone,
  openChat,
  type WorldTenant,
  whatsapp,
} from '#test/support/stores-world.ts'
import { openUpkeepWorld, type UpkeepWorld } from '#test/support/upkeep-world.ts'

const people = 30

/** Files of who is put on hold in the very moment in which they are past their time. */
describe('a hold beside a cleanup', () => {
  let world: UpkeepWorld
  let tenant: WorldTenant
  const sessions: pg.Client[] = []

  beforeAll(async () => {
    world = await openUpkeepWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
  })
  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((session) => session.end()))
  })

  const rows = async (sql: string, ...values: readonly unknown[]) =>
    (await world.owner.query(sql, [tenant.tenantId, ...values])).rows

  async function session(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: world.database.url })
    await client.connect()
    sessions.push(client)
    return client
  }

  /** A file of 400 days that was sent to somebody; the time of files is 365. */
  async function sentFile() {
    const { chatId, person } = await openChat(world, tenant, { contacts: [whatsapp(freshPhone())] })
    const file = await media(world.owner, tenant)
    const { messageId } = await accept(world, tenant, { chatId })
    await rows(
      `update tasks set payload = jsonb_build_object('mediaIds', jsonb_build_array($3::text)),
         state = 'DONE' where tenant_id = $1 and message_id = $2 and type = 'MESSAGE_SEND'`,
      messageId,
      file.mediaId,
    )
    await rows(`update media set created_at = now() - interval '400 days' where tenant_id = $1`)
    return { ...file, personId: person.personId }
  }

  const cleaned = async () => {
    const { rows: found } = await world.owner.query(
      'select changed, held from mark_media_v1($1, null, 200, false)',
      [tenant.tenantId],
    )
    return found[0]
  }

  const hold = `update persons set legal_hold_at = now() where tenant_id = $1 and person_id = $2`

  it('is waited for by the file of the next day', async () => {
    const { personId, mediaId } = await sentFile()
    const other = await session()
    await other.query('begin')
    await other.query(hold, [tenant.tenantId, personId])
    expect(await cleaned()).toEqual({ changed: 0, held: { moved: 1 } })
    await other.query('commit')
    expect(await cleaned()).toEqual({ changed: 0, held: { 'legal-hold': 1 } })
    expect(
      await rows('select state from media where tenant_id = $1 and media_id = $2', mediaId),
    ).toEqual([{ state: 'STORED' }])
  })

  it('keeps the document of a debt that was never sent, too', async () => {
    const { personId } = await sentFile()
    const { mediaId } = await media(world.owner, tenant)
    await rows(`delete from tasks where tenant_id = $1 and payload <> '{}'`)
    await rows(
      `with movement as (
         insert into movements (tenant_id, movement_id, version, person_id, status, amount_cents,
           currency, row_token, occurred_at)
         values ($1, 'm', 1, $2, 'OPEN', 1, 'BRL', gen_random_uuid(), now()) returning tenant_id)
       insert into installments (tenant_id, installment_id, movement_id, version, number, total,
         due_on, amount_cents, balance_cents, status, row_token, document_media_id, occurred_at)
       select tenant_id, 'i', 'm', 1, 1, 1, current_date, 1, 1, 'OPEN', gen_random_uuid(), $3, now()
       from movement`,
      personId,
      mediaId,
    )
    await rows(`update media set created_at = now() - interval '400 days' where tenant_id = $1`)
    await rows(hold, personId)
    expect(await cleaned()).toEqual({ changed: 1, held: { 'legal-hold': 1 } })
    expect(
      await rows(`select media_id from media where tenant_id = $1 and state = 'STORED'`),
    ).toEqual([{ media_id: mediaId }])
  })

  it('comes first or second, and what was there once it stood is there for good', async () => {
    const files: Awaited<ReturnType<typeof sentFile>>[] = []
    for (let each = 0; each < people; each += 1) files.push(await sentFile())
    const holders = await Promise.all([session(), session(), session()])
    const seen = new Map<string, string>()
    const holding = holders.map(async (client, place) => {
      for (const [index, { personId, mediaId }] of files.entries()) {
        if (index % holders.length !== place) continue
        await client.query('begin')
        await client.query(hold, [tenant.tenantId, personId])
        const { rows: found } = await client.query(
          'select state from media where tenant_id = $1 and media_id = $2',
          [tenant.tenantId, mediaId],
        )
        await client.query('commit')
        seen.set(mediaId, found[0].state)
      }
    })
    const cleaning = Array.from({ length: 2 }, async () => {
      for (let turn = 0; turn < 10; turn += 1) await cleaned()
    })
    await Promise.all([...holding, ...cleaning])
    const found = await rows('select media_id as id, state from media where tenant_id = $1')
    expect(seen.size).toBe(people)
    expect(new Map(found.map(({ id, state }) => [id, state]))).toEqual(seen)
  })

  it('is looked for again once the file is locked', async () => {
    const { personId, mediaId } = await sentFile()
    const other = await session()
    await other.query('begin')
    await other.query('select 1 from media where tenant_id = $1 and media_id = $2 for update', [
      tenant.tenantId,
      mediaId,
    ])
    // Whoever waits for the file here would mark it after the hold.
    const cleaning = cleaned()
    await rows(hold, personId)
    await other.query('commit')
    expect((await cleaning).changed).toBe(0)
    expect(await rows(`select state from media where tenant_id = $1`)).toEqual([
      { state: 'STORED' },
    ])
  })
})

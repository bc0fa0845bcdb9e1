import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ErasureStore } from '#shared/ports/erasures.ts'
import {
  type ErasureWorld,
  fillSomebody,
  openErasureWorld,
  type Somebody,
} from '#test/support/erasure-world.ts'
import {
  acceptedAs,
  apply,
  claim,
  claimOne,
  inbound,
  openChat,
  report,
  settle,
  type WorldTenant,
  whatsapp,
} from '#test/support/stores-world.ts'
import { type ColumnClass, personalColumns } from './rows/personal-columns.ts'

/** As a dump or an answer that was kept would hold it. */
const spellings = (value: unknown): readonly string[] =>
  Buffer.isBuffer(value) ? [value.toString('hex'), value.toString('base64')] : [String(value)]

interface Column {
  readonly table: string
  readonly column: string
}

const columnsOf = (...wanted: readonly ColumnClass[]): readonly Column[] =>
  Object.entries(personalColumns).flatMap(([table, classes]) =>
    wanted.flatMap((name) => (classes[name] ?? []).map((column) => ({ table, column }))),
  )

/** Codes that a column shares with everybody, and hashes that stand in two: finding one again says nothing. */
const shared = new Set([
  ...['persons.state', 'persons.time_zone', 'message_status.suppress', 'opt_outs.channel'],
  ...['opt_outs.category', 'opt_outs.source', 'idempotency_keys.answer'],
  ...['parked_items.authors', 'raw_mails.authors'],
])

describe('the erasure of a person', () => {
  let world: ErasureWorld
  let tenant: WorldTenant

  beforeAll(async () => {
    world = await openErasureWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
  })

  /** Everything personal that the tenant's rows hold, as it would be found in a dump. */
  async function personalValues(): Promise<ReadonlyMap<string, string>> {
    const values = new Map<string, string>()
    for (const { table, column } of columnsOf('erased', 'digest', 'kept')) {
      if (shared.has(`${table}.${column}`)) continue
      const { rows } = await world.owner.query(
        `select distinct ${column} as value from ${table}
         where tenant_id = $1 and ${column} is not null`,
        [tenant.tenantId],
      )
      const spelled = rows.flatMap(({ value }) => spellings(value))
      for (const value of spelled) values.set(value, `${table}.${column}`)
    }
    return values
  }

  async function dump(): Promise<string> {
    const { rows: tables } = await world.owner.query(
      `select table_name as name from information_schema.tables
       where table_schema = 'public' and table_type = 'BASE TABLE'`,
    )
    const parts: string[] = []
    for (const { name } of tables) {
      const { rows } = await world.owner.query(`select t::text as row from ${name} t`)
      parts.push(...rows.map(({ row }) => `${name} ${row}`))
    }
    return parts.join('\n').replaceAll('\\\\n', '')
  }

  async function left(before: ReadonlyMap<string, string>): Promise<readonly string[]> {
    const all = await dump()
    return [...before].filter(([value]) => all.includes(value)).map(([, where]) => where)
  }

  async function erase(somebody: Pick<Somebody, 'personId'>): Promise<string> {
    const requestId = await world.ask(tenant.tenantId, somebody.personId)
    await world.run(tenant.tenantId)
    return requestId
  }

  async function requestOf(requestId: string) {
    const { rows } = await world.owner.query(
      `select state, reason, receipt from privacy_requests where tenant_id = $1
       and request_id = $2`,
      [tenant.tenantId, requestId],
    )
    return rows[0]
  }

  async function statusOf(messageId: string) {
    const { rows } = await world.owner.query(
      'select status, reason from chat_messages where tenant_id = $1 and message_id = $2',
      [tenant.tenantId, messageId],
    )
    return rows[0]
  }

  it('has a class for every column that could hold something of a person', async () => {
    const { rows } = await world.owner.query(
      `select c.table_name as table, array_agg(c.column_name::text order by c.column_name) as columns
       from information_schema.columns c
       join information_schema.tables t using (table_schema, table_name)
       where c.table_schema = 'public' and t.table_type = 'BASE TABLE'
         and c.data_type in ('bytea', 'text', 'character varying', 'character', 'jsonb', 'json', 'ARRAY')
       group by c.table_name`,
    )
    const classified = Object.fromEntries(
      Object.entries(personalColumns).map(([table, classes]) => [
        table,
        Object.values(classes).flat().toSorted(),
      ]),
    )
    expect(
      Object.fromEntries(rows.map(({ table, columns }) => [table, columns.toSorted()])),
    ).toEqual(classified)
  })

  it('leaves no cell, no hash, no provider id and no file, but the hash of a suppression', async () => {
    const somebody = await fillSomebody(world, tenant)
    const before = await personalValues()
    expect(before.size).toBeGreaterThan(30)
    expect(new Set(await left(before)).size).toBeGreaterThan(15)

    const requestId = await erase(somebody)

    expect(new Set(await left(before))).toEqual(
      new Set(['suppressions.value_hash', 'contact_identities.value_hash']),
    )
    const { rows } = await world.owner.query(
      'select channel, reason, value from suppressions where tenant_id = $1 order by channel',
      [tenant.tenantId],
    )
    expect(rows).toEqual([
      { channel: 'EMAIL', reason: 'hard-bounce', value: null },
      { channel: 'WHATSAPP', reason: 'unsubscribed', value: null },
    ])
    expect(await world.keys('files')).not.toContain(somebody.fileKey)
    expect(await ofSomebody(world.keys('mails'), somebody)).toEqual([])
    expect(await requestOf(requestId)).toEqual({
      state: 'DONE',
      reason: null,
      receipt: {
        backupsExpireOn: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/),
        unassignedExpireOn: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/),
        counts: {
          chats: 1,
          contactIdentities: 2,
          contacts: 2,
          endedSends: 1,
          files: 1,
          idempotencyKeys: 1,
          installments: 1,
          messages: 3,
          movements: 1,
          optOuts: 1,
          parkedItems: 1,
          persons: 1,
          rawMails: 2,
          suppressions: 2,
        },
      },
    })
  })

  it('touches nobody else', async () => {
    const other = await fillSomebody(world, tenant)
    const before = await personalValues()
    const found = await left(before)
    await erase(await fillSomebody(world, tenant))
    expect(await left(before)).toEqual(found)
    expect(await world.keys('files')).toContain(other.fileKey)
    expect(await world.keys('mails')).toEqual(expect.arrayContaining([...other.mailKeys]))
  })

  it('is done once, and a second one finds nothing', async () => {
    const somebody = await fillSomebody(world, tenant)
    await erase(somebody)
    const again = await erase(somebody)
    expect(await requestOf(again)).toMatchObject({
      state: 'DONE',
      receipt: { counts: { messages: 0, files: 0, contactIdentities: 0, endedSends: 0 } },
    })
  })

  it('ends a send that waits, and one whose claim comes later', async () => {
    const somebody = await fillSomebody(world, tenant)
    const requestId = await world.ask(tenant.tenantId, somebody.personId)
    // Marked, and not one row more.
    await world.owner.query('select mark_erased_v1($1, $2)', [tenant.tenantId, somebody.personId])
    const claimed = await world.messages.claim({
      claimToken: crypto.randomUUID(),
      sends: [{ ...somebody.queued, attemptId: crypto.randomUUID() }],
    })
    expect(claimed.sends).toEqual([])
    expect(await statusOf(somebody.queued.messageId)).toEqual({
      status: 'FAILED',
      reason: 'erased',
    })
    await world.run(tenant.tenantId)
    expect(await requestOf(requestId)).toMatchObject({ state: 'DONE' })
  })

  it('waits for a send under way, whose answer and reports then bring nothing', async () => {
    const somebody = await fillSomebody(world, tenant)
    const before = await personalValues()
    const claimed = await claimOne(world, somebody.queued)
    const requestId = await world.ask(tenant.tenantId, somebody.personId)
    const name = { tenantId: tenant.tenantId, requestId }
    let step = await world.erasures.step(name, [])
    while (step.outcome === 'more') step = await world.erasures.step(name, step.objects)
    expect(step).toMatchObject({ outcome: 'waiting', waitSeconds: expect.any(Number) })
    expect(step.waitSeconds).toBeGreaterThan(0)

    const wamid = `wamid.late-${somebody.phone}`
    await apply(world, report(tenant, { wamid, status: 'SENT' }))
    await settle(world, claimed, acceptedAs(wamid))
    await apply(world, report(tenant, { wamid, status: 'DELIVERED' }))
    await world.run(tenant.tenantId)

    expect(await requestOf(requestId)).toMatchObject({ state: 'DONE' })
    expect(await dump()).not.toContain(wamid)
    expect(new Set(await left(before))).toEqual(
      new Set(['suppressions.value_hash', 'contact_identities.value_hash']),
    )
    expect(await statusOf(somebody.queued.messageId)).toMatchObject({ status: 'DELIVERED' })
  })

  it('stores no copy, no edit and no report of what was erased', async () => {
    const somebody = await fillSomebody(world, tenant)
    await erase(somebody)
    const { phone, inboundId, sentId, attemptId } = somebody
    const counted = async () => {
      const { rows } = await world.owner.query(
        `select (select count(*) from chat_messages where tenant_id = $1) as messages,
           (select count(*) from persons where tenant_id = $1) as persons,
           (select count(*) from contact_identities where tenant_id = $1) as identities`,
        [tenant.tenantId],
      )
      return rows[0]
    }
    const before = await counted()
    const amends = {
      kind: 'edit',
      providerMessageId: inboundId,
      content: { type: 'text', text: 'outra senha' },
    } as const
    await apply(
      world,
      inbound(tenant, { phone, wamid: inboundId }),
      inbound(tenant, { phone, more: { amends } }),
      report(tenant, { wamid: sentId, status: 'READ', attemptId }),
    )
    expect(await counted()).toEqual(before)
    const all = await dump()
    expect(all).not.toContain(inboundId)
    expect(all).not.toContain(sentId)
  })

  it('meets whoever writes from the same address as somebody new', async () => {
    const somebody = await fillSomebody(world, tenant)
    await erase(somebody)
    await apply(world, inbound(tenant, { phone: somebody.phone, name: 'Ana' }))
    const chat = await openChat(world, tenant, { contacts: [whatsapp(somebody.phone)] })
    expect(chat.person.personId).not.toBe(somebody.personId)
    const { rows } = await world.owner.query(
      'select content is null as is_blank from chat_messages where chat_id = $1 order by sequence',
      [somebody.chatId],
    )
    expect(rows.map(({ is_blank }) => is_blank)).toEqual([true, true, true])
  })

  it('is refused while a legal hold stands', async () => {
    const somebody = await fillSomebody(world, tenant)
    await world.owner.query(
      `update persons set legal_hold_at = now(), legal_hold_reason = '0001234-56'
       where tenant_id = $1 and person_id = $2`,
      [tenant.tenantId, somebody.personId],
    )
    const before = await personalValues()
    const found = await left(before)
    const requestId = await erase(somebody)
    expect(await requestOf(requestId)).toMatchObject({ state: 'REFUSED', reason: 'legal-hold' })
    expect(await left(before)).toEqual(found)
  })

  it('comes to the same end whichever call it dies at', async () => {
    for (let dies = 1; dies <= 8; dies += 1) {
      for (const when of ['before', 'after'] as const) {
        const somebody = await fillSomebody(world, tenant)
        const requestId = await world.ask(tenant.tenantId, somebody.personId)
        await world.run(tenant.tenantId, (store) => dyingAt(store, dies, when))
        expect(await requestOf(requestId), `${when} call ${dies}`).toMatchObject({
          state: 'DONE',
          receipt: {
            counts: { messages: 3, files: 1, contactIdentities: 2, parkedItems: 1, rawMails: 2 },
          },
        })
        expect(await world.keys('files')).not.toContain(somebody.fileKey)
        expect(await ofSomebody(world.keys('mails'), somebody)).toEqual([])
      }
    }
  })

  it('is brought back by the ledger after a restore', async () => {
    const somebody = await fillSomebody(world, tenant)
    await erase(somebody)
    const { rows } = await world.owner.query(
      `update persons set erased_at = null, name = '\\x01' where tenant_id = $1 and person_id = $2
       returning created_at`,
      [tenant.tenantId, somebody.personId],
    )
    expect(rows).toHaveLength(1)
    await world.owner.query('delete from privacy_requests where tenant_id = $1', [tenant.tenantId])
    expect(await world.replay()).toMatchObject({ planned: 1 })
    await world.run(tenant.tenantId)
    const { rows: after } = await world.owner.query(
      'select name, erased_at from persons where tenant_id = $1 and person_id = $2',
      [tenant.tenantId, somebody.personId],
    )
    expect(after).toEqual([{ name: null, erased_at: expect.any(Date) }])
    expect(await world.replay()).toMatchObject({ planned: 0 })
  })

  it('is brought back for those too who were somebody else when the backup was made', async () => {
    const [into, merged] = [await fillSomebody(world, tenant), await fillSomebody(world, tenant)]
    await world.owner.query('select merge_persons_v1($1, $2, $3)', [
      ...[tenant.tenantId, into.personId, merged.personId],
    ])
    await erase(into)
    expect(await world.replay()).toMatchObject({ planned: 0 })
    await world.owner.query('delete from privacy_requests where tenant_id = $1', [tenant.tenantId])
    await world.owner.query(
      `update persons set erased_at = null, merged_into_person_id = null, name = '\\x01'
       where tenant_id = $1 and person_id = any ($2)`,
      [tenant.tenantId, [into.personId, merged.personId]],
    )
    expect(await world.replay()).toMatchObject({ planned: 2 })
    await world.run(tenant.tenantId)
    const { rows } = await world.owner.query(
      `select name, erased_at is not null as erased from persons
       where tenant_id = $1 and person_id = any ($2)`,
      [tenant.tenantId, [into.personId, merged.personId]],
    )
    const gone = { name: null, erased: true }
    expect(rows).toEqual([gone, gone])
  })

  it('does not erase somebody else whom a restored database gave the same id', async () => {
    const somebody = await fillSomebody(world, tenant)
    const requestId = await erase(somebody)
    await world.owner.query(
      `update persons set created_at = created_at + interval '1 second', erased_at = null
       where tenant_id = $1 and person_id = $2`,
      [tenant.tenantId, somebody.personId],
    )
    await world.owner.query('delete from privacy_requests where request_id = $1', [requestId])
    expect(await claim(world, somebody.queued)).toEqual([])
    expect(await world.replay()).toMatchObject({ planned: 0, unknown: expect.any(Number) })
  })
})

/** Those raw mails of somebody that are still there. */
async function ofSomebody(keys: Promise<readonly string[]>, { mailKeys }: Somebody) {
  return (await keys).filter((key) => mailKeys.includes(key))
}

/** Dies once, at its n-th call; after means that the call was made and its answer lost. */
function dyingAt(store: ErasureStore, dies: number, when: 'before' | 'after'): ErasureStore {
  let calls = 0
  async function or<T>(work: () => Promise<T>): Promise<T> {
    calls += 1
    if (calls !== dies) return work()
    if (when === 'after') await work()
    throw new Error('died')
  }
  return {
    find: (name) => or(() => store.find(name)),
    step: (name, deleted) => or(() => store.step(name, deleted)),
    replay: store.replay,
  }
}

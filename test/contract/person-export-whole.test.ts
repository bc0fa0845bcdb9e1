import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { debtQueries } from '#shared/adapters/database/export-debt-queries.ts'
import { messageQueries } from '#shared/adapters/database/export-message-queries.ts'
import { exportQueries } from '#shared/adapters/database/export-queries.ts'
import { exportParts, messageParts } from '#shared/ports/exports.ts'
import { exportedTables, leftOut, leftOutColumns } from '#test/contract/rows/exported-tables.ts'
import { media } from '#test/contract/rows/old-rows.ts'
import { personalColumns } from '#test/contract/rows/personal-columns.ts'
import { fillSomebody, type Somebody } from '#test/support/erasure-world.ts'
import { type ExportWorld, openExportWorld } from '#test/support/export-world.ts'
import {
  accept,
  fresh,
  openChat,
  send,
  thread,
  type WorldTenant,
} from '#test/support/stores-world.ts'

/** Columns by which a row is somebody's, beside foreign keys. */
const namingColumns = [
  ...['person_id', 'person_ids', 'contact_id', 'chat_id', 'message_id', 'media_id'],
  ...['movement_id', 'installment_id', 'thing_id', 'audit_id', 'event_id'],
]

describe('a copy of a person', () => {
  let world: ExportWorld
  let tenant: WorldTenant

  beforeAll(async () => {
    world = await openExportWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
  })

  const rows = async (sql: string, ...values: readonly unknown[]) =>
    (await world.owner.query(sql, [tenant.tenantId, ...values])).rows

  it('knows each table that leads to a person, or says why it leaves it out', async () => {
    const { rows: found } = await world.owner.query(
      `with recursive reached as (
         select c.table_name::text as name from information_schema.columns c
         join information_schema.tables t using (table_schema, table_name)
         where c.table_schema = 'public' and t.table_type = 'BASE TABLE'
           and c.column_name = any ($1)
         union
         select k.conrelid::regclass::text from reached r
         join pg_constraint k on k.contype = 'f' and k.confrelid = r.name::regclass)
       select name from reached`,
      [namingColumns],
    )
    const personal = Object.entries(personalColumns).flatMap(
      ([table, { impersonal, ...others }]) => (Object.keys(others).length > 0 ? [table] : []),
    )
    const leading = new Set([...found.map(({ name }) => String(name)), ...personal])
    const known = [...Object.keys(exportedTables), ...Object.keys(leftOut)]
    expect(known.toSorted()).toEqual([...leading].toSorted())
    expect(new Set(Object.values(exportedTables))).toEqual(
      new Set([...exportParts, ...messageParts, 'messages']),
    )
    const queries = { ...exportQueries, ...messageQueries, ...debtQueries }
    for (const [table, part] of Object.entries(exportedTables)) {
      if (part !== 'messages') expect(queries[part].from).toMatch(new RegExp(`\\b${table} \\w`))
    }
  })

  it('shows each column that an erasure would empty, or says why it does not', () => {
    const queries = { ...exportQueries, ...messageQueries }
    const hidden = Object.entries(exportedTables).flatMap(([table, part]) => {
      const { erased = [], digest = [], kept = [] } = personalColumns[table] ?? {}
      // Of messages every cell is looked for below.
      if (part === 'messages') return []
      const { told } = queries[part]
      return [...erased, ...digest, ...kept]
        .filter((column) => !new RegExp(`, \\(?(?:\\w+\\()*\\w\\.${column}\\b`).test(told))
        .map((column) => `${table}.${column}`)
    })
    expect(hidden.toSorted()).toEqual(Object.keys(leftOutColumns))
  })

  /** Rows that the roads of a test do not make. */
  async function addRows({ personId, chatId, phone }: Somebody) {
    const file = await media(world.owner, tenant)
    await rows(
      `update tasks t set payload = jsonb_build_object('mediaIds', jsonb_build_array($3::text))
       where t.tenant_id = $1 and t.chat_id = $2 and t.type = 'MESSAGE_SEND'`,
      ...[chatId, file.mediaId],
    )
    await rows(
      `insert into media_uploads (tenant_id, media_id, sender_id, provider_media_id, row_token)
       values ($1, $2, $3, 'x', gen_random_uuid())`,
      ...[file.mediaId, tenant.senderId],
    )
    await rows(
      `update chat_messages set fallback_content = 'x', fallback_row_token = gen_random_uuid()
       where tenant_id = $1 and chat_id = $2 and direction = 'OUTBOUND'`,
      chatId,
    )
    await rows(
      "insert into portfolios (tenant_id, portfolio_id) values ($1, 'p') on conflict do nothing",
    )
    await rows(
      `insert into portfolio_contacts (tenant_id, portfolio_id, contact_id, counted_at)
       select $1, 'p', contact_id, now() from contacts where tenant_id = $1 and person_id = $2`,
      personId,
    )
    await rows(
      `insert into dunning_steps (tenant_id, installment_id, step, state, planned_on, due_on,
         person_id, decision)
       select n.tenant_id, n.installment_id, 's', 'SENT', n.due_on, n.due_on, v.person_id,
         jsonb_build_object('said', $3::text)
       from installments n join movements v using (tenant_id, movement_id)
       where n.tenant_id = $1 and v.person_id = $2`,
      ...[personId, `decided for ${phone}.`],
    )
    await rows(
      `insert into business_events (tenant_id, event_id, type, thing_id, version, outcome,
         occurred_at)
       select v.tenant_id, 'event-' || v.movement_id, 'movement.created', v.movement_id, 1,
         'applied', now() from movements v where v.tenant_id = $1 and v.person_id = $2`,
      personId,
    )
    await rows(
      `insert into audit_entries (tenant_id, actor_kind, actor, action, outcome, purpose, person_ids)
       values ($1, 'operator', $3, 'getPerson', 'done', 'support', array[$2::bigint])`,
      ...[personId, `who read ${phone}.`],
    )
    return file
  }

  /** Seals anew what stands in each cell that is not in `before`; answers what they say now. */
  async function sealAll(before: ReadonlyMap<string, string> = new Map()) {
    const own = await world.sealer.forTenant(tenant.tenantId)
    const said = new Map<string, string>()
    const { rows: places } = await world.owner.query('select * from sealed_places_v1()')
    for (const place of places.filter(({ table_name }) => table_name !== 'subscriptions')) {
      const found = await rows(
        `select t.ctid::text as at, concat_ws(':', ${place.keys.map((key: string) => `t.${key}`)}) as key,
           ${place.row_token}::text as token
         from ${place.table_name} t where t.tenant_id = $1 and t.${place.cell} is not null`,
      )
      for (const { at, key, token } of found) {
        const name = `${place.place} ${key}`
        if (before.has(name)) continue
        const text = `${fresh('said')}.`
        const cell = { table: place.sealed_table, column: place.sealed_column, rowToken: token }
        await rows(
          `update ${place.table_name} set ${place.cell} = $2 where tenant_id = $1 and ctid = $3::tid`,
          ...[own.seal(cell, JSON.stringify({ type: 'text', text })), at],
        )
        said.set(name, text)
      }
    }
    return said
  }

  it('holds every cell of theirs and a row of every part, and nothing of anybody else', async () => {
    const ana = await fillSomebody(world, tenant)
    const file = await addRows(ana)
    const said = await sealAll()
    const bea = await fillSomebody(world, tenant)
    const otherFile = await addRows(bea)
    const others = await sealAll(said)

    const { document } = await world.copyOf(tenant, ana.personId)

    const whole = JSON.stringify(document)
    const placesOf = (cells: ReadonlyMap<string, string>) =>
      new Set([...cells.keys()].map((name) => name.split(' ')[0]))
    const { rows: places } = await world.owner.query('select place from sealed_places_v1()')
    expect(placesOf(said)).toEqual(
      new Set(
        places.map(({ place }) => String(place)).filter((place) => !place.startsWith('subscri')),
      ),
    )
    expect([...said].filter(([, text]) => !whole.includes(text))).toEqual([])
    expect([...others].filter(([, text]) => whole.includes(text))).toEqual([])
    for (const part of exportParts) {
      expect.soft(document[part].length, part).toBeGreaterThan(0)
    }
    for (const part of messageParts) {
      expect
        .soft(
          document.messages.flatMap((each: never) => each[part]),
          part,
        )
        .not.toEqual([])
    }
    expect(whole).toContain(`decided for ${ana.phone}.`)
    expect(whole).toContain(`who read ${ana.phone}.`)
    for (const own of [ana.inboundId, ana.sentId]) expect(whole).toContain(own)
    for (const foreign of [bea.phone, bea.inboundId, bea.sentId, otherFile.mediaId]) {
      expect(whole).not.toContain(foreign)
    }
    expect(document.files.map(({ mediaId }: { mediaId: string }) => mediaId)).toContain(
      file.mediaId,
    )
    expect(whole).not.toMatch(/row_?token|Token"/i)
  })

  it('shows what was deleted while it is still kept, which the lists go on hiding', async () => {
    const { chatId, person } = await openChat(world, tenant)
    const sent = await send(world, tenant, chatId)
    await rows('update chat_messages set deleted_at = now() where tenant_id = $1')
    const { document, table } = await world.copyOf(tenant, person.personId)
    expect(document.messages).toMatchObject([
      { messageId: sent.messageId, content: { type: 'text', text: 'Olá' }, deletedAt: /./ },
    ])
    expect(table).toContain('text,Olá\r\n')
    expect(await thread(world, tenant, chatId)).toMatchObject([{ content: undefined }])
    await rows('update chat_messages set content = null where tenant_id = $1')
    const later = await world.copyOf(tenant, person.personId)
    expect(later.document.messages).toMatchObject([{ messageId: sent.messageId, deletedAt: /./ }])
    expect(later.document.messages[0]).not.toHaveProperty('content')
  })

  it('lists a file that was sent to several, and the document of a debt that was never sent', async () => {
    const [sent, owed, foreign] = [
      await media(world.owner, tenant),
      await media(world.owner, tenant),
      await media(world.owner, tenant),
    ]
    await rows('update media set filename = null where tenant_id = $1')
    const people: string[] = []
    for (let each = 0; each < 2; each += 1) {
      const { chatId, person } = await openChat(world, tenant)
      await accept(world, tenant, { chatId })
      people.push(person.personId)
    }
    await rows(
      `update tasks set payload = $2 where tenant_id = $1 and type = 'MESSAGE_SEND'`,
      JSON.stringify({ mediaIds: [sent.mediaId], fallbackMediaIds: [sent.mediaId] }),
    )
    const [ana, bea] = people
    await rows(
      `insert into movements (tenant_id, movement_id, version, person_id, status, amount_cents,
         currency, row_token, occurred_at)
       values ($1, 'ana', 1, $2, 'OPEN', 1, 'BRL', gen_random_uuid(), now()),
         ($1, 'bea', 1, $3, 'OPEN', 1, 'BRL', gen_random_uuid(), now())`,
      ...[ana, bea],
    )
    await rows(
      `insert into installments (tenant_id, installment_id, movement_id, version, number, total,
         due_on, amount_cents, balance_cents, status, row_token, occurred_at, document_media_id)
       select $1, w.*, 1, 1, 1, current_date, 1, 1, 'OPEN', gen_random_uuid(), now(), w2
       from (values ('a', 'ana', $2::uuid), ('b', 'bea', $3::uuid)) v (id, debt, w2)
       cross join lateral (select v.id, v.debt) w`,
      ...[owed.mediaId, foreign.mediaId],
    )
    const { document } = await world.copyOf(tenant, String(ana))
    expect(document.files.map(({ mediaId }: { mediaId: string }) => mediaId).toSorted()).toEqual(
      [sent.mediaId, owed.mediaId].toSorted(),
    )
  })

  it('knows each file that an erasure would take', async () => {
    const ana = await fillSomebody(world, tenant)
    const file = await addRows(ana)
    await rows(
      `update installments set document_media_id = $2 where tenant_id = $1`,
      (await media(world.owner, tenant)).mediaId,
    )
    const ask = (sql: string) => rows(sql, [ana.personId])
    const shown = await ask('select media_id from person_files_v1($1, $2) order by 1')
    const erasable = await ask('select media_id from erasable_files_v1($1, $2, 100) order by 1')
    expect(shown).toEqual(erasable)
    expect(shown).toHaveLength(3)
    expect(shown).toContainEqual({ media_id: file.mediaId })
  })
})

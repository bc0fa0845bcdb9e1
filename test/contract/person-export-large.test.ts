import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { DataApi } from '#shared/adapters/database/data-api.ts'
import type { ExportObjects, ExportStore } from '#shared/ports/exports.ts'
import { type ExportWorld, openExportWorld } from '#test/support/export-world.ts'
import { watchS3 } from '#test/support/s3-watch.ts'
import { openChat, send, type WorldTenant } from '#test/support/stores-world.ts'

interface Shown {
  readonly messageId: string
  readonly sequence: string
  readonly content: { readonly text: string }
}

const partBytes = 8 * 1024 * 1024

describe('a copy of somebody of whom very much is kept', () => {
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

  /** A message that was sent, and so many more like it, each of which says the same in one cell. */
  async function longThread(more: number, said: string) {
    const { chatId, person } = await openChat(world, tenant)
    const { messageId } = await send(world, tenant, chatId)
    await say(messageId, { content: said })
    await rows(
      `insert into chat_messages (tenant_id, chat_id, sequence, direction, channel, contact_id,
         sender_id, content_type, content, row_token, status, provider_message_id)
       select m.tenant_id, m.chat_id, m.sequence + n, 'INBOUND', m.channel, m.contact_id, m.sender_id,
         m.content_type, m.content, m.row_token, 'RECEIVED', 'copy-' || m.message_id || '-' || n
       from chat_messages m cross join generate_series(1, $3::int) n
       where m.tenant_id = $1 and m.message_id = $2`,
      ...[messageId, more],
    )
    return { personId: person.personId, messageId }
  }

  /** Seals what a message says, and what it would say instead. */
  async function say(
    messageId: string,
    said: { content: string; metadata?: string; fallback?: string },
  ) {
    const own = await world.sealer.forTenant(tenant.tenantId)
    const [token, fallbackToken] = [crypto.randomUUID(), crypto.randomUUID()]
    const seal = (column: string, rowToken: string, text: string | undefined) =>
      text === undefined
        ? null
        : own.seal(
            { table: 'chat_messages', column, rowToken },
            JSON.stringify({ type: 'text', text }),
          )
    await rows(
      `update chat_messages set content = $3, metadata = $4, fallback_content = $5, row_token = $6,
         metadata_row_token = null, fallback_row_token = $7
       where tenant_id = $1 and message_id = $2`,
      ...[messageId, seal('content', token, said.content), seal('metadata', token, said.metadata)],
      ...[seal('content', fallbackToken, said.fallback), token, fallbackToken],
    )
  }

  it('never has more than a page of messages and a part of each object in memory', async () => {
    const said = 'palavra '.repeat(700)
    const count = 4000
    const { personId } = await longThread(count - 1, said)
    const sent = watchS3(world.s3)
    const held = { rows: [] as number[], ahead: 0, read: 0, written: 0 }
    const requestId = await world.askCopy(tenant, personId)

    const made = await world.makeCopies(tenant.tenantId, {
      database: (database: DataApi): DataApi => ({
        ...database,
        query: async (...asked) => {
          const answered = await database.query(...asked)
          held.rows.push(answered.length)
          return answered
        },
      }),
      store: (store: ExportStore): ExportStore => ({
        ...store,
        async *messages(...of) {
          for await (const message of store.messages(...of)) {
            held.read += 1
            held.ahead = Math.max(held.ahead, held.read - held.written)
            yield message
          }
        },
      }),
      objects: (objects: ExportObjects): ExportObjects => ({
        ...objects,
        open: (object) => {
          const opened = objects.open(object)
          return {
            ...opened,
            write: async (text) => {
              await opened.write(text)
              if (object.key.endsWith('.csv') && text.includes('palavra')) held.written += 1
            },
          }
        },
      }),
    })

    expect(made).toEqual({ claimed: 1, done: 1, broken: [] })
    expect(held).toMatchObject({ read: count, written: count, ahead: 1 })
    expect(Math.max(...held.rows)).toBeLessThanOrEqual(500)
    const bytes = sent.partBytes()
    expect(bytes.length).toBeGreaterThanOrEqual(6)
    expect(Math.max(...bytes)).toBeLessThan(partBytes + 64 * 1024)
    expect(sent.mostAtOnce()).toBe(1)
    const document = JSON.parse(await world.read(tenant.tenantId, requestId, 'json'))
    expect(new Set(document.messages.map(({ sequence }: Shown) => sequence)).size).toBe(count)
    expect(document.messages.every(({ content }: Shown) => content.text === said)).toBe(true)
    const table = await world.read(tenant.tenantId, requestId, 'csv')
    expect(table.split('\r\n')).toHaveLength(1 + count + 1)
  })

  it('leaves nothing of an upload that broke off, and is whole the next time', async () => {
    const { personId } = await longThread(1999, 'palavra '.repeat(700))
    const sent = watchS3(world.s3)
    const requestId = await world.askCopy(tenant, personId)
    const made = await world.makeCopies(tenant.tenantId, {
      store: (store: ExportStore): ExportStore => ({
        ...store,
        async *messages(...of) {
          let read = 0
          for await (const message of store.messages(...of)) {
            read += 1
            if (read > 1800) throw new Error('the database is gone')
            yield message
          }
        },
      }),
    })
    expect(made).toMatchObject({ done: 0, broken: [{ message: 'the database is gone' }] })
    const commands = sent.commands()
    expect(commands.filter((name) => name === 'CreateMultipartUpload')).toHaveLength(2)
    expect(commands.filter((name) => name === 'AbortMultipartUpload')).toHaveLength(2)
    expect(commands).not.toContain('CompleteMultipartUpload')
    const keys = async () =>
      (await world.keys('files')).filter((key) => key.includes(`/${requestId}/`))
    expect(await keys()).toEqual([])
    expect(await world.makeCopies(tenant.tenantId)).toMatchObject({ done: 1, broken: [] })
    expect(await keys()).toHaveLength(2)
  })

  it('reads contents that no row of the database can carry, and pages by bytes', async () => {
    const said = 'x'.repeat(33_000)
    const { personId, messageId } = await longThread(60, said)
    const texts = {
      ...{ content: 'á'.repeat(150_000), metadata: 'm'.repeat(30_000) },
      fallback: 'f'.repeat(70_000),
    }
    await say(messageId, texts)
    const { document } = await world.copyOf(tenant, personId)
    const [first, ...others] = document.messages
    expect(first).toMatchObject({
      content: { text: texts.content },
      metadata: { text: texts.metadata },
      fallbackContent: { text: texts.fallback },
    })
    expect(others).toHaveLength(60)
    expect(others.every(({ content }: Shown) => content.text === said)).toBe(true)
  })

  it('reads rows that together pass what an answer may hold', async () => {
    const { personId } = await longThread(0, 'curto')
    await rows(
      `insert into movements (tenant_id, movement_id, version, person_id, status, amount_cents,
         currency, row_token, occurred_at)
       values ($1, 'm', 1, $2, 'OPEN', 1, 'BRL', gen_random_uuid(), now())`,
      personId,
    )
    await rows(
      `insert into installments (tenant_id, installment_id, movement_id, version, number, total,
         due_on, amount_cents, balance_cents, status, row_token, occurred_at)
       values ($1, 'i', 'm', 1, 1, 1, current_date, 1, 1, 'OPEN', gen_random_uuid(), now())`,
    )
    await rows(
      `insert into dunning_steps (tenant_id, installment_id, step, state, planned_on, due_on,
         person_id, decision)
       select $1, 'i', 's' || n, 'SENT', current_date, current_date, $2,
         jsonb_build_object('said', repeat(chr(65 + n % 26), 20000))
       from generate_series(1, 150) n`,
      personId,
    )
    const { document } = await world.copyOf(tenant, personId)
    const steps = document.dunningSteps.map(({ step }: { step: string }) => step)
    expect([steps.length, new Set(steps).size]).toEqual([150, 150])
  })
})

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { makeDunningDesk } from '#shared/adapters/database/dunning-desk.ts'
import { makeMessageDesk } from '#shared/adapters/database/message-desk.ts'
import { brazilianCalendar } from '#shared/domain/dunning/calendar.ts'
import { defaultPolicy } from '#shared/domain/dunning/policy.ts'
import { makeKeepDunning } from '#shared/use-cases/keep-dunning.ts'
import { type PostgresLadder, postgresLadder } from '#test/dunning/postgres/system.ts'
import { type LadderEvent, planLooks } from '#test/dunning/system.ts'
import { company, makeRunner } from '#test/dunning/year.ts'
import { makeTemplates, type Templates, type VirtualDatabase } from '#test/faults/sql/template.ts'
import { fresh } from '#test/support/stores-world.ts'

const today = '2026-11-25'
const at = (time: string, day = today) => Date.parse(`${day}T${time}-03:00`)

const person = (personId: string): LadderEvent => ({
  ...{ type: 'person', personId, hasEmail: true },
  phone: `+551198765${personId.padStart(4, '0')}`,
})
const movement = (id: string, personId = id): LadderEvent => ({
  ...{ type: 'movement', movementId: `m${id}`, personId, amountCents: 10_000 },
})
const installment = (
  id: string,
  { movementId = `m${id}`, number = 1, total = 1, dueOn = today } = {},
): LadderEvent => ({
  ...{ type: 'installment', installmentId: `i${id}`, movementId, number, total, dueOn },
  balanceCents: 10_000,
})

/** What must not go wrong between the ladder and what happens around it. */
describe('the corners of the ladder', () => {
  let templates: Templates
  let database: VirtualDatabase
  let ladder: PostgresLadder
  let now = 0

  beforeAll(async () => {
    templates = await makeTemplates(inject('postgres'))
  })
  afterAll(() => templates.close())
  beforeEach(async () => {
    database = await templates.open()
    ladder = await postgresLadder(database, { company, startAt: at('00:10:00') })
    await setTime(at('00:10:00'))
    await ladder.setPolicy({ ...defaultPolicy, enabled: true })
  })
  afterEach(() => database.close())

  const setTime = async (moment: number) => {
    now = moment
    await ladder.setTime(moment)
  }
  const runLooks = async () => {
    await planLooks(ladder)
    const run = makeRunner(ladder, () => now)
    for (const job of await ladder.dueJobs()) await run([job])
  }
  const rows = async <T extends object = Record<string, unknown>>(sql: string) =>
    (await database.owner.query<T>(sql, [ladder.tenant.tenantId])).rows
  const messages = () =>
    rows(
      `select channel, status, reason from chat_messages where tenant_id = $1 order by message_id`,
    )
  const stepOf = async (installmentId: string, step: string) =>
    (await ladder.rows()).find((row) => row.installmentId === installmentId && row.step === step)
  const client = async () => {
    const [row] = await rows<{ id: string }>(
      `insert into clients (tenant_id, issuer, oidc_client_id)
       values ($1, 'https://i.test', gen_random_uuid()::text) returning client_id::text as id`,
    )
    return { tenantId: ladder.tenant.tenantId, clientId: row?.id ?? '' }
  }
  const refuse = async (reason: string) => {
    const sends = await ladder.claim()
    await ladder.settle(sends.map((send) => ({ send, result: { reason } })))
    return sends.length
  }

  it('opens no chat of who was erased, nor of who cannot be reached', async () => {
    await ladder.apply([person('1'), movement('1'), installment('1')])
    await ladder.apply([{ type: 'person', personId: '2', hasEmail: false }])
    await ladder.apply([movement('2'), installment('2')])
    await rows('select mark_erased_v1($1, 2)')
    await runLooks()
    expect(await stepOf('i1', 'due-today')).toMatchObject({ state: 'SKIPPED', reason: 'erased' })
    expect(await stepOf('i2', 'due-today')).toMatchObject({
      ...{ state: 'SKIPPED', reason: 'contact-missing' },
    })
    expect(await rows('select chat_id from chats where tenant_id = $1')).toEqual([])
    expect(await messages()).toEqual([])
  })

  it('asks once a day about a change that no event has told', async () => {
    const late = { dueOn: '2026-11-16' }
    await ladder.apply([person('1'), movement('1'), installment('1', late)])
    await setTime(at('08:30:00'))
    await runLooks()
    expect(await refuse('installment-changed')).toBe(1)
    await runLooks()
    await runLooks()
    expect(await messages()).toEqual([
      { channel: 'WHATSAPP', status: 'CANCELLED', reason: 'installment-changed' },
    ])
    await setTime(at('08:30:00', '2026-11-26'))
    await runLooks()
    expect(await refuse('installment-changed')).toBe(1)
    await runLooks()
    expect(await messages()).toHaveLength(2)
    // Now it is told: the step goes on the same day.
    await rows('update installments set balance_cents = 9000 where tenant_id = $1')
    await runLooks()
    expect((await messages()).map(({ status }) => status)).toEqual([
      ...['CANCELLED', 'CANCELLED', 'QUEUED'],
    ])
    expect(await stepOf('i1', 'second-notice')).toMatchObject({ state: 'SENT' })
  })

  it('takes no other channel for what arrived after all', async () => {
    await ladder.apply([person('1'), movement('1'), installment('1')])
    await setTime(at('08:30:00'))
    await runLooks()
    expect(await refuse('ecosystem-limit')).toBe(1)
    await rows("update chat_messages set status = 'DELIVERED' where tenant_id = $1")
    await runLooks()
    expect(await messages()).toHaveLength(1)
    expect(await stepOf('i1', 'due-today')).toMatchObject({ state: 'SENT', channel: 'WHATSAPP' })
  })

  it('tells of a movement once, whichever installment was known first', async () => {
    await ladder.setPolicy({ ...defaultPolicy, enabled: true, maxPerPersonPerDay: 5 })
    const of = { movementId: 'm1', total: 2 }
    await ladder.apply([person('1'), movement('1')])
    await ladder.apply([installment('1-2', { ...of, number: 2, dueOn: '2027-01-20' })])
    await runLooks()
    await ladder.apply([installment('1-1', { ...of, number: 1, dueOn: '2026-12-20' })])
    await runLooks()
    expect(await stepOf('i1-2', 'new-invoice')).toMatchObject({ state: 'SENT' })
    expect(await stepOf('i1-1', 'new-invoice')).toBeUndefined()
    // One that waited for its day meets the same answer.
    await rows(
      `insert into dunning_steps (tenant_id, installment_id, step, state, planned_on, due_on)
       values ($1, 'i1-1', 'new-invoice', 'PLANNED', '2026-11-25', '2026-12-20')`,
    )
    await runLooks()
    expect(await stepOf('i1-1', 'new-invoice')).toMatchObject({
      ...{ state: 'SKIPPED', reason: 'told-before' },
    })
    expect(await messages()).toHaveLength(1)
  })

  it('tells of a movement whose first installment was paid at once', async () => {
    const of = { movementId: 'm1', total: 2 }
    await ladder.apply([person('1'), movement('1')])
    await ladder.apply([
      installment('1-1', { ...of, number: 1, dueOn: '2026-12-20' }),
      installment('1-2', { ...of, number: 2, dueOn: '2027-01-20' }),
      { type: 'paid', installmentId: 'i1-1' },
    ])
    await runLooks()
    expect(await stepOf('i1-2', 'new-invoice')).toMatchObject({ state: 'SENT' })
    expect(await messages()).toHaveLength(1)
  })

  it('looks at a movement of a thousand installments', async () => {
    const { tenantId } = ladder.tenant
    await ladder.apply([person('1'), movement('1')])
    await ladder.apply([installment('0001', { movementId: 'm1', total: 1000 })])
    await database.owner.query(
      `insert into installments (tenant_id, installment_id, movement_id, version, number, total,
         due_on, amount_cents, balance_cents, status, row_token, occurred_at)
       select $1, 'x' || n, 'm1', 1, n, 1000, '2026-12-31'::date + n, 1000000000000, 1000000000000,
         'OPEN', gen_random_uuid(), now()
       from generate_series(2, 1200) n`,
      [tenantId],
    )
    await setTime(at('08:30:00'))
    await runLooks()
    expect(await stepOf('i0001', 'due-today')).toMatchObject({ state: 'SENT' })
    const [size] = await rows<{ bytes: number }>(
      'select octet_length(content) as bytes from chat_messages where tenant_id = $1',
    )
    expect(size?.bytes).toBeLessThan(60_000)
    expect(await ladder.claim()).toHaveLength(1)
  })

  it('waits, while its time lasts, for a template that is not there, as the dry run says', async () => {
    const { parts } = ladder.tenant
    await ladder.apply([person('1'), movement('1'), installment('1', { dueOn: '2026-11-16' })])
    await rows("update templates set name = 'away' where tenant_id = $1 and name = 'second-notice'")
    const dry = await makeKeepDunning({
      ...{ desk: makeDunningDesk(parts), calendar: brazilianCalendar, clock: { now: () => now } },
    }).dryRun(await client(), { day: today, policy: undefined, limit: 10, cursor: undefined })
    const waits = { outcome: 'later', day: '2026-11-26', why: 'template-missing' }
    expect(dry.items.find(({ step }) => step === 'second-notice')).toMatchObject({
      ...{ plan: waits, refused: { WHATSAPP: 'template-missing', EMAIL: 'template-missing' } },
    })
    await runLooks()
    expect(await stepOf('i1', 'second-notice')).toMatchObject({
      ...{ state: 'PLANNED', plannedOn: waits.day, reason: waits.why },
    })
    await rows("update templates set name = 'second-notice' where tenant_id = $1 and name = 'away'")
    await setTime(at('00:10:00', waits.day))
    await runLooks()
    expect(await stepOf('i1', 'second-notice')).toMatchObject({ state: 'SENT' })
  })

  it('does not remind somebody of what another person owes by now', async () => {
    await ladder.apply([person('1'), person('2'), movement('1'), installment('1')])
    await runLooks()
    await rows("update movements set person_id = 3 where tenant_id = $1 and movement_id = 'm1'")
    await setTime(at('08:30:00'))
    expect(await ladder.claim()).toEqual([])
    expect(await messages()).toEqual([
      { channel: 'WHATSAPP', status: 'CANCELLED', reason: 'installment-changed' },
    ])
    await runLooks()
    const [sent] = await rows(
      `select c.person_id::text from chat_messages m join chats c using (tenant_id, chat_id)
       where m.tenant_id = $1 and m.status = 'QUEUED'`,
    )
    expect(sent).toEqual({ person_id: '3' })
  })

  it('goes on to a person who was merged with another one', async () => {
    await ladder.apply([person('1'), person('2'), movement('2'), installment('2')])
    await runLooks()
    await rows('select merge_persons_v1($1, 2, 3)')
    await setTime(at('08:30:00'))
    expect(await ladder.claim()).toHaveLength(1)
  })

  it('takes all its locks in the order of everybody else', async () => {
    const { tenantId } = ladder.tenant
    await ladder.apply(['1', '2', '3'].flatMap((id) => [person(id), movement(id), installment(id)]))
    // The later a person, the earlier the chat.
    await database.owner.query(
      `insert into chats (tenant_id, person_id) select $1, n from generate_series(4, 2, -1) n`,
      [tenantId],
    )
    const other = await database.owner.connect()
    await other.query('begin')
    const lock = (which: 'min' | 'max') =>
      other.query(
        `select 1 from chats where tenant_id = $1 and chat_id = (
           select ${which}(chat_id) from chats where tenant_id = $1) for update nowait`,
        [tenantId],
      )
    await lock('min')
    const looks = runLooks()
    await expect
      .poll(
        async () =>
          (
            await database.owner.query(
              `select 1 from pg_stat_activity where datname = current_database()
               and wait_event_type = 'Lock'`,
            )
          ).rowCount,
        { timeout: 20_000 },
      )
      .toBe(1)
    await lock('max')
    await other.query('commit')
    other.release()
    await looks
    expect(await messages()).toHaveLength(3)
  })

  it('keeps the hours of a step that somebody sends again', async () => {
    const { parts } = ladder.tenant
    const caller = await client()
    await ladder.apply([person('1'), movement('1'), installment('1')])
    await runLooks()
    const [old] = await rows<{ message_id: string; chat_id: string }>(
      'select message_id::text, chat_id::text from chat_messages where tenant_id = $1',
    )
    const resend = () =>
      makeMessageDesk(parts).resend({
        ...caller,
        request: { route: 'POST …/resend', key: fresh('key'), body: '' },
        ...{ chatId: old?.chat_id ?? '', messageId: old?.message_id ?? '' },
      })
    await rows(
      `update chat_messages set status = 'CANCELLED' where tenant_id = $1 and status = 'QUEUED'`,
    )
    expect(await resend()).toMatchObject({ outcome: 'accepted' })
    const [again] = await rows(
      `select send_at, expires_at from chat_messages where tenant_id = $1
       and resend_of_message_id is not null`,
    )
    expect(again).toEqual({
      send_at: new Date(at('08:00:00')),
      expires_at: new Date(at('20:00:00')),
    })
    await setTime(at('21:00:00'))
    expect(await resend()).toMatchObject({ outcome: 'refused', code: 'send-too-late' })
  })
})

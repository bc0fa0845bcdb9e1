import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { makeDunningDesk } from '#shared/adapters/database/dunning-desk.ts'
import { brazilianCalendar } from '#shared/domain/dunning/calendar.ts'
import { defaultPolicy } from '#shared/domain/dunning/policy.ts'
import { instantOf } from '#shared/domain/dunning/zoned-time.ts'
import { makeKeepDunning } from '#shared/use-cases/keep-dunning.ts'
import { type PostgresLadder, postgresLadder } from '#test/dunning/postgres/system.ts'
import { type LadderEvent, planLooks } from '#test/dunning/system.ts'
import { company, makeRunner } from '#test/dunning/year.ts'
import { makeTemplates, type Templates, type VirtualDatabase } from '#test/faults/sql/template.ts'

const today = '2026-11-25'
const at = (time: string) => Date.parse(`${today}T${time}-03:00`)

function debt(id: number, more: { phone?: string; dueOn?: string; hasEmail?: boolean } = {}) {
  const { phone = `+551198765${String(id).padStart(4, '0')}`, dueOn = today } = more
  const ids = { installmentId: `i${id}`, movementId: `m${id}` }
  return [
    { type: 'person', personId: `${id}`, phone, hasEmail: more.hasEmail ?? true },
    { type: 'movement', movementId: ids.movementId, personId: `${id}`, amountCents: 10_000 },
    { type: 'installment', ...ids, number: 1, total: 1, dueOn, balanceCents: 10_000 },
  ] as const satisfies readonly LadderEvent[]
}

/** What programs see of the ladder, and single stories of it. */
describe('the desk of the ladder', () => {
  let templates: Templates
  let database: VirtualDatabase
  let ladder: PostgresLadder
  let now = 0
  let caller: { readonly tenantId: string; readonly clientId: string }

  const desk = () => makeDunningDesk(ladder.tenant.parts)
  const keeper = () =>
    makeKeepDunning({ desk: desk(), clock: { now: () => now }, calendar: brazilianCalendar })
  const setTime = async (moment: number) => {
    now = moment
    await ladder.setTime(moment)
  }
  const runLooks = async () => {
    await planLooks(ladder)
    const run = makeRunner(ladder, () => now)
    for (const job of await ladder.dueJobs()) await run([job])
  }
  const stepsOf = async (installmentId: string) =>
    (await keeper().steps(caller, installmentId)).map(({ step, state, reason, channel }) => [
      ...[step, state, reason ?? channel],
    ])

  beforeAll(async () => {
    templates = await makeTemplates(inject('postgres'))
  })
  afterAll(() => templates.close())

  async function open(): Promise<void> {
    database = await templates.open()
    ladder = await postgresLadder(database, { company, startAt: at('00:10:00') })
    const { tenantId } = ladder.tenant
    const { rows } = await database.owner.query(
      `insert into clients (tenant_id, issuer, oidc_client_id) values ($1, 'https://i.test', 'c')
       returning client_id::text as id`,
      [tenantId],
    )
    caller = { tenantId, clientId: String(rows[0].id) }
    await setTime(at('00:10:00'))
  }

  it('keeps versions of a policy; of two at once one is stored', async () => {
    await open()
    expect(await keeper().policy(caller)).toMatchObject({ version: 0, policy: defaultPolicy })
    const first = { ...defaultPolicy, enabled: true }
    const other = { ...defaultPolicy, toleranceDays: 2 }
    const puts = await Promise.allSettled([
      keeper().putPolicy(caller, { policy: first, version: '0' }),
      keeper().putPolicy(caller, { policy: other, version: '0' }),
    ])
    expect(puts.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const stored = await keeper().policy(caller)
    expect(stored.version).toBe(1)
    const again = await keeper().putPolicy(caller, { policy: stored.policy, version: '0' })
    expect(again.version).toBe(1)
    await expect(
      keeper().putPolicy(caller, { policy: { ...first, toleranceDays: 9 }, version: '0' }),
    ).rejects.toMatchObject({ code: 'version-mismatch' })
    await database.close()
  })

  it('a dry run says what goes and why not, writes nothing, and is what then happens', async () => {
    await open()
    await ladder.apply(
      [
        ...debt(1),
        ...debt(2),
        ...debt(3, { dueOn: '2026-11-24' }),
        ...debt(4).filter(({ type }) => type !== 'person'),
      ].filter((event) => event.type !== 'movement' || event.movementId !== 'm4') as LadderEvent[],
    )
    await ladder.apply([
      { type: 'opted-out', personId: '2', channel: 'WHATSAPP' },
      { type: 'paid', installmentId: 'i3' },
    ])
    const wanted = { day: today, policy: undefined, limit: 2, cursor: undefined }
    const first = await keeper().dryRun(caller, wanted)
    const second = await keeper().dryRun(caller, { ...wanted, cursor: first.nextCursor })
    const dry = [...first.items, ...second.items]
      .filter(({ step }) => step === 'due-today')
      .toSorted((one, other) => (one.installmentId < other.installmentId ? -1 : 1))
    expect(
      dry.map(({ installmentId, plan, channel, refused }) => [
        ...[installmentId, plan.outcome, channel, refused],
        plan.outcome === 'skip' && plan.reason,
      ]),
    ).toEqual([
      ['i1', 'go', 'WHATSAPP', {}, false],
      ['i2', 'go', 'EMAIL', { WHATSAPP: 'opted-out' }, false],
      ['i3', 'skip', undefined, {}, 'installment-paid'],
      ['i4', 'later', undefined, {}, false],
    ])
    expect(second.nextCursor).toBeUndefined()
    expect(await ladder.rows()).toEqual([])

    await ladder.setPolicy({ ...defaultPolicy, enabled: true })
    await runLooks()
    const [one, two, three] = await Promise.all(['i1', 'i2', 'i3'].map(stepsOf))
    expect(one).toContainEqual(['due-today', 'SENT', 'WHATSAPP'])
    expect(two).toContainEqual(['due-today', 'SENT', 'EMAIL'])
    expect(three).toContainEqual(['due-today', 'SKIPPED', 'installment-paid'])
    await expect(keeper().steps(caller, 'nobody')).rejects.toMatchObject({
      code: 'installment-not-found',
    })
    await database.close()
  })

  it('a message carries why it went, and nothing of the person', async () => {
    await open()
    await ladder.apply(debt(1))
    await ladder.setPolicy({ ...defaultPolicy, enabled: true })
    await runLooks()
    const { rows } = await database.owner.query(
      `select decision, installment_id, installment_version, send_at, expires_at, named_template
       from chat_messages`,
    )
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({
      installment_id: 'i1',
      installment_version: '1',
      named_template: 'due-today',
      send_at: new Date(at('08:00:00')),
      expires_at: new Date(at('20:00:00')),
      decision: {
        ...{ step: 'due-today', channel: 'WHATSAPP', policyVersion: 1, templateVersion: 1 },
        ...{ dueOn: today, balanceCents: 10_000, onUnreachable: 'hold' },
        checks: expect.arrayContaining([{ check: 'state-of-area-code', found: 'SP' }]),
      },
    })
    expect(JSON.stringify(rows[0].decision)).not.toMatch(/Ana|98765/)
    await database.close()
  })

  it('looks twice without harm, and for another channel when a message fails', async () => {
    await open()
    await ladder.apply([...debt(1), ...debt(2, { hasEmail: false })])
    await ladder.setPolicy({ ...defaultPolicy, enabled: true })
    await runLooks()
    await runLooks()
    await setTime(at('08:01:00'))
    const sends = await ladder.claim()
    expect(sends.map(({ installmentId, channel }) => [installmentId, channel])).toEqual([
      ['i1', 'WHATSAPP'],
      ['i2', 'WHATSAPP'],
    ])
    const result = { reason: 'ecosystem-limit' }
    await ladder.settle(sends.map((send) => ({ send, result })))
    await runLooks()
    expect(await stepsOf('i1')).toContainEqual(['due-today', 'SENT', 'EMAIL'])
    expect(await stepsOf('i2')).toContainEqual(['due-today', 'SKIPPED', 'contact-missing'])
    await database.close()
  })

  it('what its hours end before it could go waits for the next open day, due-today never', async () => {
    await open()
    await ladder.apply([...debt(1), ...debt(2, { dueOn: '2026-11-23' })])
    await ladder.setPolicy({ ...defaultPolicy, enabled: true })
    await runLooks()
    await setTime(at('20:05:00'))
    expect(await ladder.claim()).toEqual([])
    await runLooks()
    expect(await stepsOf('i1')).toContainEqual(['due-today', 'SKIPPED', 'window-over'])
    const rows = await ladder.rows()
    expect(
      rows.find(({ step, installmentId }) => `${installmentId} ${step}` === 'i2 first-notice'),
    ).toMatchObject({ state: 'PLANNED', plannedOn: '2026-11-26', reason: 'window-over' })
    await database.close()
  })

  it('looks for no other channel on the next day when the message arrived at night', async () => {
    await open()
    await ladder.apply(debt(1, { dueOn: '2026-11-23' }))
    await ladder.setPolicy({ ...defaultPolicy, enabled: true })
    await runLooks()
    await setTime(at('08:01:00'))
    const sends = await ladder.claim()
    await ladder.settle(sends.map((send) => ({ send, result: 'accepted' })))
    await setTime(at('20:05:00'))
    await ladder.report(sends.map((send) => ({ send, reason: 'recipient-unreachable' })))
    await runLooks()
    expect(await stepsOf('i1')).toContainEqual(['first-notice', 'PLANNED', 'window-over'])
    await database.owner.query(`update chat_messages set status = 'DELIVERED'`)
    await setTime(instantOf({ day: '2026-11-26', minutes: 9 * 60 }, company.timeZone))
    await runLooks()
    expect(await stepsOf('i1')).toContainEqual(['first-notice', 'SENT', 'WHATSAPP'])
    const { rows } = await database.owner.query('select channel from chat_messages')
    expect(rows).toEqual([{ channel: 'WHATSAPP' }])
    await database.close()
  })

  it('a debt with another day frees the step that was not sent', async () => {
    await open()
    await ladder.apply(debt(1))
    await ladder.setPolicy({ ...defaultPolicy, enabled: true })
    await runLooks()
    await ladder.apply([{ type: 'moved', installmentId: 'i1', dueOn: '2026-12-02' }])
    await runLooks()
    const moved = (await ladder.rows()).find(({ step }) => step === 'due-today')
    expect(moved).toMatchObject({ state: 'PLANNED', plannedOn: '2026-12-02', dueOn: '2026-12-02' })
    await setTime(instantOf({ day: '2026-12-02', minutes: 10 }, company.timeZone))
    await runLooks()
    expect(await stepsOf('i1')).toContainEqual(['due-today', 'SENT', 'WHATSAPP'])
    await database.close()
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OpsWorld, openOpsWorld } from '#test/support/ops-world.ts'

describe('ops: what is kept', () => {
  let world: OpsWorld
  beforeAll(async () => {
    world = await openOpsWorld()
  })
  afterAll(() => world.close())

  const keptBy = (tenant: string) =>
    world.api.query(
      `select close_after_days as close, archive_after_days as archive, marketing_days as marketing,
         inbound_days as inbound, billing_days as billing, task_days as tasks, raw_days as raw
       from tenants where tenant_id = :tenant::bigint`,
      { tenant },
    )

  it('tenant keep changes what is given, and cleanup --dry-run tells what is over', async () => {
    const tenantId = await world.addTenant('Guarda')
    await world.added(
      `tenant keep --tenant ${tenantId} --marketing 30 --inbound forever --tasks 10`,
    )
    await world.added(`tenant keep --tenant ${tenantId} --close-after 5 --billing 730`)
    expect(await keptBy(tenantId)).toEqual([
      {
        ...{ close: '5', archive: '90', marketing: '30', inbound: null, tasks: '10', raw: '7' },
        billing: '730',
      },
    ])
    await world.added('tenant keep --tenant 0 --tasks 20')
    expect(await keptBy('0')).toMatchObject([{ tasks: '20', billing: '1825' }])
    expect((await world.ops('cleanup --dry-run')).out.trim()).toBe('Nothing is over.')

    await world.api.query(
      `with person as (
         insert into persons (tenant_id, row_token, legal_hold_at)
         values (:tenant::bigint, gen_random_uuid(), now()) returning tenant_id, person_id
       ), contact as (
         insert into contacts (tenant_id, person_id, channel)
         select tenant_id, person_id, 'EMAIL' from person returning contact_id
       ), sender as (
         insert into senders (tenant_id, channel, from_address)
         values (:tenant::bigint, 'EMAIL', 'a@example.com') returning sender_id
       ), chat as (
         insert into chats (tenant_id, person_id, last_activity_at)
         select tenant_id, person_id, now() - interval '6 days' from person returning chat_id
       )
       insert into chat_messages (tenant_id, chat_id, sequence, direction, channel, contact_id,
         sender_id, content_type, content, row_token, status, expires_at, category, created_at)
       select :tenant::bigint, chat_id, 1, 'OUTBOUND', 'EMAIL', contact_id, sender_id, 'email',
         'sealed', gen_random_uuid(), 'DELIVERED', now(), 'marketing', now() - interval '31 days'
       from chat, contact, sender`,
      { tenant: tenantId },
    )
    const { out } = await world.ops(`cleanup --dry-run --tenant ${tenantId} --json`)
    expect(JSON.parse(out)).toEqual([
      { tenantId, stage: 'close', changed: 1, held: {} },
      { tenantId, stage: 'marketing', changed: 0, held: { 'legal-hold': 1 } },
    ])
    const shown = (await world.ops('cleanup --dry-run')).out
    expect(shown).toMatch(/^tenant +stage +would change +held back\n/)
    expect(shown).toMatch(/marketing +0 +1 legal-hold/)
    const unchanged = await world.api.query(
      `select (select status from chats where tenant_id = :tenant::bigint) as chat,
         (select count(*)::integer from chat_messages
          where tenant_id = :tenant::bigint and content is not null) as contents`,
      { tenant: tenantId },
    )
    expect(unchanged).toEqual([{ chat: 'ACTIVE', contents: '1' }])
  })

  it('tenant rotate-key makes an epoch, and retire-keys refuses while it is needed', async () => {
    const tenantId = await world.addTenant('Chaves')
    expect(await world.added(`tenant rotate-key --tenant ${tenantId}`)).toEqual({
      ...{ tenantId, epoch: 2 },
    })
    const epochs = () =>
      world.api.query(
        `select epoch::text as epoch, seals_from > now() as later from tenant_keys
         where tenant_id = :tenant::bigint order by epoch`,
        { tenant: tenantId },
      )
    expect(await epochs()).toEqual([
      { epoch: '1', later: false },
      { epoch: '2', later: true },
    ])
    const retire = `tenant retire-keys --tenant ${tenantId}`
    expect((await world.ops(retire)).error).toMatch(/^ops: Functions may still seal under the old/)
    await world.api.query(
      `update tenant_keys set seals_from = now() - interval '1 day'
       where tenant_id = :tenant::bigint`,
      { tenant: tenantId },
    )
    await world.api.query(
      `insert into persons (tenant_id, row_token, name)
       values (:tenant::bigint, gen_random_uuid(), decode('010001' || repeat('00', 40), 'hex'))`,
      { tenant: tenantId },
    )
    expect((await world.ops(retire)).error.trim()).toBe(
      'ops: persons.name still has cells under an older key.',
    )
    await world.api.query('delete from persons where tenant_id = :tenant::bigint', {
      tenant: tenantId,
    })
    expect(await world.added(retire)).toEqual({ tenantId, keys: 1 })
    expect(await epochs()).toEqual([{ epoch: '2', later: false }])
  })

  it.each([
    ['tenant keep --tenant 1', /^ops: Nothing to set: say what is kept for how long/],
    ['tenant keep --tenant 1 --marketing 0', /^ops: --marketing takes a whole number of days, 1 /],
    ['tenant keep --tenant 1 --billing 729', /^ops: --billing takes a whole number of days, 730 /],
    ['tenant keep --tenant 1 --raw forever', /^ops: --raw takes a whole number of days/],
    ['tenant keep --tenant 999999 --raw 3', /^ops: There is no tenant 999999\.$/],
    ['tenant rotate-key --tenant 999999', /^ops: There is no tenant 999999, or/],
    ['cleanup', /^ops: Missing: --dry-run\.$/],
  ])('%s', async (command, sentence) => {
    const told = await world.ops(command)
    expect(told.code).toBe(1)
    expect(told.error.trimEnd()).toMatch(sentence)
  })
})

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { authorsOfItem } from '#shared/adapters/whatsapp/webhook-authors.ts'
import { translateItem } from '#shared/adapters/whatsapp/webhook-events.ts'
import { splitWebhook } from '#shared/adapters/whatsapp/webhook-items.ts'
import { makeApplyWebhook } from '#shared/use-cases/apply-webhook.ts'
import { type ErasureWorld, openErasureWorld } from '#test/support/erasure-world.ts'
import {
  apply,
  fresh,
  freshPhone,
  inbound,
  openChat,
  type WorldTenant,
  whatsapp,
} from '#test/support/stores-world.ts'

/** Items of the webhook that were parked, and are a person's. */
describe('an erasure, of parked items', () => {
  let world: ErasureWorld
  let tenant: WorldTenant

  beforeAll(async () => {
    world = await openErasureWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
  })

  const parked = async () => {
    const { rows } = await world.owner.query(
      `select reason from parked_items where tenant_id = $1 order by parked_item_id`,
      [tenant.tenantId],
    )
    return rows.map(({ reason }) => String(reason))
  }

  /** What Meta tells, through the use case. */
  async function tell(value: object, sender = tenant.sender) {
    const metadata = { display_phone_number: '551140000000', phone_number_id: sender.phoneNumberId }
    const change = { field: 'messages', value: { metadata, ...value } }
    const run = makeApplyWebhook({
      events: world.events,
      directory: world.directory,
      authorsOf: authorsOfItem,
      translate: (item) =>
        translateItem(item, { now: new Date(), uuid: () => crypto.randomUUID() }),
      queue: { wake: async () => ({ failed: 0 }) },
      alerts: { raise: () => undefined },
    })
    return run(splitWebhook({ entry: [{ id: sender.wabaId, changes: [change] }] }))
  }

  const inGroup = (from: string, more: object = {}) => ({
    messages: [
      { from, id: fresh('wamid'), timestamp: '1795000000', type: 'text', group_id: 'g', ...more },
    ],
  })

  async function erase(personId: string) {
    const requestId = await world.ask(tenant.tenantId, personId)
    await world.run(tenant.tenantId)
    const { rows } = await world.owner.query(
      `select state, (receipt #>> '{counts,parkedItems}')::integer as items
       from privacy_requests where request_id = $1`,
      [requestId],
    )
    return rows[0]
  }

  const personAt = async (phone: string) =>
    (await openChat(world, tenant, { contacts: [whatsapp(phone)] })).person.personId

  it('takes those of a number in either spelling, and nobody else’s', async () => {
    const phone = freshPhone()
    const personId = await personAt(phone)
    const short = `${phone.slice(1, 5)}${phone.slice(6)}`
    expect(short).toHaveLength(12)
    await tell(inGroup(phone.slice(1)))
    await tell(inGroup(short))
    await tell({
      statuses: [{ id: 'w', status: 'levitated', timestamp: '1795000000', recipient_id: short }],
    })
    await tell(inGroup(freshPhone().slice(1)))
    expect(await parked()).toHaveLength(4)
    expect(await erase(personId)).toEqual({ state: 'DONE', items: 3 })
    expect(await parked()).toEqual(['group-message'])
  })

  it('takes those that name a user id alone, and those of an address that was superseded', async () => {
    const [phone, userId, later] = [freshPhone(), fresh('BR'), fresh('BR')]
    const personId = await personAt(phone)
    await apply(world, inbound(tenant, { phone, userId }))
    await apply(world, inbound(tenant, { phone, userId, more: { nowKnownAs: { userId: later } } }))
    await tell(inGroup('x', { from_user_id: userId }))
    await tell(inGroup('x', { from_user_id: later }))
    expect(await erase(personId)).toEqual({ state: 'DONE', items: 2 })
    expect(await parked()).toEqual([])
  })

  it('takes what the database refused', async () => {
    const phone = freshPhone()
    const personId = await personAt(phone)
    await world.owner.query(
      `create or replace function refuse_zeca() returns trigger language plpgsql as $$
       begin
         if new.provider_message_id = 'wamid.zeca' then
           raise exception using errcode = '22008';
         end if;
         return new;
       end $$`,
    )
    await world.owner.query(
      `create trigger refuse_zeca before insert on chat_messages
       for each row execute function refuse_zeca()`,
    )
    const sayings = { timestamp: String(Math.floor(Date.now() / 1000)), text: { body: 'Oi' } }
    await tell({
      messages: [{ from: phone.slice(1), id: 'wamid.zeca', type: 'text', ...sayings }],
    })
    await world.owner.query('drop trigger refuse_zeca on chat_messages')
    expect(await parked()).toEqual(['refused-22008'])
    expect(await erase(personId)).toEqual({ state: 'DONE', items: 1 })
    expect(await parked()).toEqual([])
  })

  it('leaves those of nobody to their age, and those of another tenant', async () => {
    const phone = freshPhone()
    const other = await world.addTenant()
    const personId = await personAt(phone)
    await tell(inGroup(phone.slice(1)), { phoneNumberId: fresh('phone'), wabaId: fresh('waba') })
    await tell(inGroup(phone.slice(1)), other.sender)
    expect(await erase(personId)).toEqual({ state: 'DONE', items: 0 })
    expect(await parked()).toEqual([])
    const { rows } = await world.owner.query(
      'select cardinality(authors) as named from parked_items where tenant_id in ($1, 0) order by 1',
      [other.tenantId],
    )
    expect(rows).toEqual([{ named: 0 }, { named: 1 }])
  })

  it('takes any number of them, in batches', async () => {
    const phone = freshPhone()
    const personId = await personAt(phone)
    const items = Array.from({ length: 1100 }, () => ({
      ...{ tenantId: tenant.tenantId, channel: 'WHATSAPP' as const, reason: 'many' },
      raw: fresh('raw'),
      authors: [{ kind: 'phone' as const, value: phone }],
    }))
    await world.events.apply({ events: [], parked: items.slice(0, 550) })
    await world.events.apply({ events: [], parked: items.slice(550) })
    expect(await erase(personId)).toEqual({ state: 'DONE', items: 1100 })
  })

  it('finds one that is being parked, and leaves one that comes after its mark', async () => {
    const phone = freshPhone()
    const personId = await personAt(phone)
    const requestId = await world.ask(tenant.tenantId, personId)
    const name = { tenantId: tenant.tenantId, requestId }
    const park = (raw: string) =>
      world.events.apply({
        events: [],
        parked: [
          {
            ...{ tenantId: tenant.tenantId, channel: 'WHATSAPP', reason: raw, raw },
            authors: [{ kind: 'phone', value: phone }],
          },
        ],
      })
    const sealer = await world.sealer.forTenant(tenant.tenantId)
    const item = {
      ...{ tenantId: tenant.tenantId, channel: 'WHATSAPP', reason: 'early', raw: 'sealed' },
      hash: Buffer.from(fresh('hash')).toString('base64'),
      authors: [
        {
          kind: 'phone',
          hash: Buffer.from(
            sealer.hash('identity:phone', `${phone.slice(1, 5)}${phone.slice(6)}`),
          ).toString('base64'),
        },
      ],
    }
    const lists = { messages: [], preferences: [], reports: [], news: [], parked: [item] }

    // Parked, and not committed: the mark waits for it.
    const parking = await world.owner.connect()
    await parking.query('begin')
    await parking.query('select apply_channel_events_v2($1)', [JSON.stringify(lists)])
    const marking = world.erasures.step(name, [])
    await waiter()
    await parking.query('commit')
    await marking
    parking.release()
    await park('late')
    await world.run(tenant.tenantId)
    expect(await parked()).toEqual(['late'])
  })

  /** Until somebody waits for the lock of an identity. */
  async function waiter() {
    for (const until = Date.now() + 30_000; Date.now() < until; ) {
      const { rows } = await world.owner.query(
        `select 1 from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock'`,
      )
      if (rows.length > 0) return
    }
    throw new Error('nobody waits')
  }
})

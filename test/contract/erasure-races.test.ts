import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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
  fresh,
  inbound,
  report,
  settle,
  text,
  type WorldTenant,
  wish,
} from '#test/support/stores-world.ts'

/** More of them by hand: each takes a quarter of a second. */
const seeds = Number(process.env.ERASURE_SEEDS ?? 20)

/** Chance from a seed (mulberry32). */
function chanceOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Sends and webhooks about one person while it is erased, and erasers that die: I20 of the harness. */
describe('an erasure that races sends and webhooks', () => {
  let world: ErasureWorld
  let tenant: WorldTenant

  beforeAll(async () => {
    world = await openErasureWorld()
    tenant = await world.addTenant()
  })
  afterAll(() => world.close())

  /** What goes on about the person; each may come before, while or after. */
  function doings(somebody: Somebody, planted: string[]) {
    const { phone, chatId, inboundId, sentId, attemptId } = somebody
    const wamid = () => {
      const id = `wamid.${Buffer.from(`${phone}${fresh('w')}`).toString('base64')}`
      planted.push(id)
      return id
    }
    const send = async () => {
      for (const sent of await claim(world, somebody.queued)) {
        const id = wamid()
        await Promise.all([
          settle(world, sent, acceptedAs(id)),
          apply(world, report(tenant, { wamid: id, status: 'SENT', attemptId: sent.attemptId })),
        ])
        await apply(world, report(tenant, { wamid: id, status: 'DELIVERED' }))
      }
    }
    return [
      send,
      send,
      () => world.messages.accept(wish(tenant, chatId)),
      () => apply(world, inbound(tenant, { phone, wamid: inboundId, content: text('cópia') })),
      () =>
        apply(
          world,
          report(tenant, { wamid: sentId, status: 'READ', attemptId }),
          report(tenant, { wamid: sentId, status: 'FAILED' }),
        ),
      () =>
        apply(
          world,
          inbound(tenant, {
            phone,
            more: { amends: { kind: 'edit', providerMessageId: inboundId, content: text('b') } },
          }),
        ),
      () => apply(world, inbound(tenant, { phone, wamid: fresh('wamid.new') })),
      () =>
        world.events.apply({
          events: [],
          parked: [
            {
              ...{ tenantId: tenant.tenantId, channel: 'WHATSAPP', reason: 'malformed' },
              ...{ raw: fresh('raw'), authors: [{ kind: 'phone', value: phone }] },
            },
          ],
        }),
    ]
  }

  /** The call dies before or after the database did its part, once for each death. */
  function dying(chance: () => number) {
    let deaths = 3
    return (store: ErasureWorld['erasures']): ErasureWorld['erasures'] => ({
      ...store,
      step: async (name, deleted) => {
        const fate = deaths > 0 ? chance() : 1
        if (fate >= 0.5) return store.step(name, deleted)
        deaths -= 1
        if (fate < 0.25) await store.step(name, deleted)
        throw new Error('died')
      },
    })
  }

  async function race(seed: number) {
    const chance = chanceOf(seed)
    const somebody = await fillSomebody(world, tenant)
    const planted = [somebody.inboundId, somebody.sentId]
    const requestId = await world.ask(tenant.tenantId, somebody.personId)
    const later = doings(somebody, planted)
      .map((work) => ({ work, place: chance() }))
      .toSorted((one, other) => one.place - other.place)
    const early = Math.floor(chance() * later.length)
    const errors: unknown[] = []
    const guarded = (work: () => Promise<unknown>) => work().catch((error) => errors.push(error))
    await Promise.all([
      world.run(tenant.tenantId, dying(chance)),
      world.run(tenant.tenantId, dying(chance)),
      ...later.slice(0, early).map(({ work }) => guarded(work)),
    ])
    for (const { work } of later.slice(early)) await guarded(work)
    // What a send under way held up, and the net under what crossed.
    await world.tasks.relay(1000)
    await world.run(tenant.tenantId)
    return { somebody, planted, requestId, errors }
  }

  /** I20: cells gone, hashes gone, nothing came later. */
  async function leftOf({ personId, chatId }: Somebody, planted: readonly string[]) {
    const { rows } = await world.owner.query(
      `select
         (select count(*) from chat_messages m join chats c using (tenant_id, chat_id)
          where c.person_id = $1 and (m.content is not null or m.metadata is not null
            or m.fallback_content is not null or m.status in ('QUEUED', 'SENDING')))::integer as cells,
         (select count(*) from contact_identities i join contacts c using (tenant_id, contact_id)
          where c.person_id = $1)::integer as hashes,
         (select count(*) from persons where person_id = $1
          and (name is not null or external_id is not null or erased_at is null))::integer as names,
         (select count(*) from message_status s join chat_messages m using (tenant_id, message_id)
          where m.chat_id = $2 and (s.detail is not null or s.recipient is not null
            or s.recipient_hash is not null))::integer as told,
         (select count(*) from chats where chat_id = $2 and status <> 'ARCHIVED')::integer as open,
         (select count(*) from parked_items where person_id = $1)::integer
         + (select count(*) from raw_mails r where person_id = $1 or message_id in (
             select message_id from chat_messages where chat_id = $2))::integer as unread,
         (select count(*) from send_attempts where provider_message_id = any ($3))::integer
         + (select count(*) from message_status where provider_message_id = any ($3))::integer
         + (select count(*) from chat_messages where provider_message_id = any ($3))::integer as ids`,
      [personId, chatId, planted],
    )
    return rows[0]
  }

  it(`holds for ${seeds} seeds`, async () => {
    expect(seeds).toBeGreaterThan(0)
    for (let seed = 1; seed <= seeds; seed += 1) {
      const { somebody, planted, requestId, errors } = await race(seed)
      expect(errors, `seed ${seed}`).toEqual([])
      expect(await leftOf(somebody, planted), `seed ${seed}`).toEqual({
        ...{ cells: 0, hashes: 0, names: 0, told: 0, open: 0, unread: 0, ids: 0 },
      })
      const { rows } = await world.owner.query(
        `select state, (receipt #>> '{counts,contactIdentities}')::integer as identities,
           (receipt #>> '{counts,rawMails}')::integer as mails,
           (receipt #>> '{counts,parkedItems}')::integer in (1, 2) as items
         from privacy_requests where request_id = $1`,
        [requestId],
      )
      expect(rows, `seed ${seed}`).toEqual([
        { state: 'DONE', identities: 2, mails: 2, items: true },
      ])
    }
  }, 300_000)
})

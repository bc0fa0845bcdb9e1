import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addOldDebt, addUnanswered, media } from '#test/contract/rows/old-rows.ts'
import { day, openChat, type WorldTenant } from '#test/support/stores-world.ts'
import { openUpkeepWorld, type UpkeepWorld } from '#test/support/upkeep-world.ts'

const days = 400
const kept = { inbound: 365, marketing: 30, transactional: 180 }
const mediaDays = 90
const taskDays = 30
const billingDays = 730
/** How old debts are when they come here, or 400 days would be too few. */
const debtDays = 600

/**
 * 400 days, each with messages of every purpose of two people, one of whom is held, a file, debts that
 * ended and one that stands, a dead letter and an alarm that nobody looks at.
 */
describe('400 days', () => {
  let world: UpkeepWorld
  let tenant: WorldTenant
  const chatIds: string[] = []

  beforeAll(async () => {
    world = await openUpkeepWorld()
    tenant = await world.addTenant()
    for (let person = 0; person < 2; person += 1) {
      chatIds.push((await openChat(world, tenant)).chatId)
    }
    await world.hold(tenant.tenantId, chatIds[1] ?? '')
    for (const [purpose, value] of Object.entries(kept)) {
      await world.set(tenant.tenantId, `${purpose}_days`, value)
    }
    await world.set(tenant.tenantId, 'media_days', mediaDays)
    await world.set(tenant.tenantId, 'task_days', taskDays)
    await world.set(tenant.tenantId, 'billing_days', billingDays)
    await world.set(tenant.tenantId, 'close_after_days', null)
  })
  afterAll(() => world.close())

  async function oneDay() {
    for (const chatId of chatIds) {
      await world.owner.query(
        `insert into chat_messages (tenant_id, chat_id, sequence, direction, channel, contact_id,
           sender_id, content_type, content, metadata, row_token, status, provider_message_id,
           expires_at, category)
         select $1, c.chat_id, c.last_sequence + w.place, w.direction, 'WHATSAPP', o.contact_id, $3,
           'text', 'sealed', 'sealed', gen_random_uuid(), w.status,
           case w.direction when 'INBOUND' then gen_random_uuid()::text end,
           case w.direction when 'OUTBOUND' then now() end, w.category
         from chats c
         join contacts o on o.tenant_id = c.tenant_id and o.person_id = c.person_id
         cross join (values (1, 'INBOUND', 'RECEIVED', null), (2, 'OUTBOUND', 'READ', 'marketing'),
           (3, 'OUTBOUND', 'FAILED', null)) w (place, direction, status, category)
         where c.tenant_id = $1 and c.chat_id = $2`,
        [tenant.tenantId, chatId, tenant.senderId],
      )
    }
    await world.owner.query(
      'update chats set last_sequence = last_sequence + 3 where tenant_id = $1',
      [tenant.tenantId],
    )
    await media(world.owner, tenant)
    await addUnanswered(world.owner, tenant)
    for (const [place, status] of [
      [0, 'PAID'],
      [0, 'OPEN'],
      [1, 'PAID'],
    ] as const) {
      await addOldDebt(world.owner, tenant, {
        ...{ chatId: chatIds[place] ?? '', status, days: debtDays },
      })
    }
    await world.pass(day)
    return world.clean(tenant.tenantId)
  }

  /** By hold and purpose: how many contents there are, and how old the oldest is, in days. */
  async function contents() {
    const { rows } = await world.owner.query(
      `select p.legal_hold_at is not null as held, case m.direction when 'INBOUND' then 'inbound'
           else coalesce(m.category, 'transactional') end as purpose,
         count(m.content)::integer as contents, count(m.metadata)::integer as metadata,
         count(*)::integer as messages,
         ceil(extract(epoch from max(now() - m.created_at) filter (where m.content is not null))
           / 86400)::integer as oldest
       from chat_messages m join chats c using (tenant_id, chat_id)
       join persons p using (tenant_id, person_id)
       where m.tenant_id = $1 group by 1, 2 order by 1, 2`,
      [tenant.tenantId],
    )
    return rows
  }

  async function files() {
    const { rows } = await world.owner.query(
      `select count(*) filter (where state = 'STORED')::integer as stored,
         count(*) filter (where removed_at is not null)::integer as removed
       from media where tenant_id = $1`,
      [tenant.tenantId],
    )
    return rows[0]
  }

  /** Of debts: how many rows are left, by hold and whether they stand. */
  async function debts() {
    const { rows } = await world.owner.query(
      `select p.legal_hold_at is not null as held, i.status, count(b.event_id)::integer as events,
         count(d.step)::integer as steps, count(*)::integer as debts
       from installments i
       join movements m using (tenant_id, movement_id)
       join persons p using (tenant_id, person_id)
       left join business_events b
         on b.tenant_id = i.tenant_id and b.thing_id = i.installment_id
       left join dunning_steps d
         on d.tenant_id = i.tenant_id and d.installment_id = i.installment_id
       where i.tenant_id = $1 group by 1, 2 order by 1, 2`,
      [tenant.tenantId],
    )
    return rows
  }

  async function unanswered() {
    const { rows } = await world.owner.query(
      `select count(*)::integer as rows, count(body)::integer as bodies
       from task_failures where tenant_id = $1
       union all select count(*)::integer, count(raw)::integer
       from account_events where tenant_id = $1`,
      [tenant.tenantId],
    )
    return rows
  }

  it('remove each content on its date, none before, and nothing of who is held', {
    timeout: 300_000,
  }, async () => {
    for (let passed = 1; passed <= days; passed += 1) {
      await oneDay()
      const found = await contents()
      const wanted = [false, true].flatMap((held) =>
        (['inbound', 'marketing', 'transactional'] as const).map((purpose) => {
          // What is so many days old to the second is past its date by the time of the cleanup.
          const left = held ? passed : Math.min(passed, kept[purpose] - 1)
          return {
            ...{ held, purpose, contents: left, metadata: left, messages: passed },
            oldest: expect.any(Number),
          }
        }),
      )
      expect(found, `day ${passed}`).toEqual(wanted)
      for (const { held, purpose, oldest } of found) {
        if (!held) expect(oldest).toBeLessThanOrEqual(kept[purpose as keyof typeof kept])
      }
      expect(await files(), `day ${passed}`).toEqual({
        stored: Math.min(passed, mediaDays - 1),
        removed: Math.max(0, passed - mediaDays + 1),
      })
      const left = Math.min(passed, billingDays - debtDays - 1)
      expect(await debts(), `day ${passed}`).toEqual([
        { held: false, status: 'OPEN', events: passed, steps: passed, debts: passed },
        { held: false, status: 'PAID', events: left, steps: left, debts: passed },
        { held: true, status: 'PAID', events: passed, steps: passed, debts: passed },
      ])
      const each = {
        rows: Math.min(passed, 2 * taskDays - 1),
        bodies: Math.min(passed, taskDays - 1),
      }
      expect(await unanswered(), `day ${passed}`).toEqual([each, each])
    }
  })
})

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { media } from '#test/contract/rows/old-rows.ts'
import {
  day,
  freshPhone,
  inbound,
  openChat,
  send,
  type WorldTenant,
  whatsapp,
  wish,
} from '#test/support/stores-world.ts'
import { openUpkeepWorld, type UpkeepWorld } from '#test/support/upkeep-world.ts'

describe('the cleanup of a tenant', () => {
  let world: UpkeepWorld
  let tenant: WorldTenant

  beforeAll(async () => {
    world = await openUpkeepWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
  })

  const status = (chatId: string) => world.chatStatus(tenant.tenantId, chatId)
  const pass = (days: number) => world.pass(days * day)
  const clean = () => world.clean(tenant.tenantId)
  const rows = async (sql: string, ...values: readonly unknown[]) =>
    (await world.owner.query(sql, [tenant.tenantId, ...values])).rows

  it('closes what was left alone for 30 days, archives it 90 days later, and tells it', async () => {
    const { chatId } = await openChat(world, tenant)
    await pass(29)
    expect(await clean()).toEqual({})
    await pass(2)
    expect(await clean()).toEqual({ close: 1 })
    expect(await status(chatId)).toBe('CLOSED')
    await pass(89)
    expect(await clean()).toMatchObject({ tasks: expect.any(Number) })
    expect(await status(chatId)).toBe('CLOSED')
    await pass(2)
    expect(await clean()).toMatchObject({ archive: 1 })
    expect(await status(chatId)).toBe('ARCHIVED')
    const told = await rows(
      `select type from events where tenant_id = $1 and type like 'chat.%' order by event_id`,
    )
    expect(told.map(({ type }) => type)).toEqual(['chat.opened', 'chat.closed', 'chat.archived'])
  })

  it('archives nothing that may still be reopened, and closes nothing when told so', async () => {
    const { chatId } = await openChat(world, tenant)
    await world.setChatStatus(tenant.tenantId, chatId, 'CLOSED')
    await world.setReopenDays(tenant.tenantId, 200)
    await pass(199)
    expect(await clean()).toEqual({})
    await pass(2)
    expect(await clean()).toMatchObject({ archive: 1 })
    const other = await openChat(world, tenant)
    await world.set(tenant.tenantId, 'close_after_days', null)
    await pass(3650)
    await clean()
    expect(await status(other.chatId)).toBe('ACTIVE')
  })

  it('does not close a chat with messages on their way', async () => {
    const { chatId } = await openChat(world, tenant)
    const sendAt = new Date(Date.now() + 5 * day * 1000).toISOString()
    const answer = await world.messages.accept(wish(tenant, chatId, { sendAt }))
    expect(answer).toMatchObject({ outcome: 'accepted' })
    const task = await world.planned(tenant.tenantId)
    await rows(
      `update chats set last_activity_at = now() - interval '60 days'
       where tenant_id = $1 and chat_id = $2`,
      chatId,
    )
    const { run, batches } = world.cleaner()
    await run([task])
    expect(batches).toContainEqual({ stage: 'close', changed: 0, held: { 'on-its-way': 1 } })
    await rows(
      `update tasks set state = 'CANCELLED' where tenant_id = $1 and type = 'MESSAGE_SEND'`,
    )
    expect(await clean()).toEqual({ close: 1 })
  })

  it('blanks contents by their purpose, and leaves ids, states and what is held', async () => {
    const { chatId } = await openChat(world, tenant)
    const phone = freshPhone()
    await world.events.apply({ events: [inbound(tenant, { phone })], parked: [] })
    const sent = await send(world, tenant, chatId)
    await rows(
      `update chat_messages set category = 'marketing' where tenant_id = $1 and message_id = $2`,
      (await send(world, tenant, chatId)).messageId,
    )
    const held = await openChat(world, tenant, { contacts: [whatsapp(freshPhone())] })
    await send(world, tenant, held.chatId)
    await world.hold(tenant.tenantId, held.chatId)
    await rows(`update chat_messages set status = 'READ'
      where tenant_id = $1 and direction = 'OUTBOUND'`)
    await world.set(tenant.tenantId, 'transactional_days', 300)
    await world.set(tenant.tenantId, 'inbound_days', 400)
    const left = () =>
      rows(
        `select direction, category, count(*)::integer as count from chat_messages
         where tenant_id = $1 and content is not null
         group by direction, category order by direction, category`,
      )
    await pass(181)
    expect(await clean()).toMatchObject({ marketing: 1 })
    await pass(120)
    expect(await clean()).toMatchObject({ transactional: 1 })
    await pass(100)
    expect(await clean()).toMatchObject({ inbound: 1 })
    expect(await left()).toEqual([{ direction: 'OUTBOUND', category: null, count: 1 }])
    const [row] = await rows(
      `select status, content, metadata, content_type, created_at from chat_messages
       where tenant_id = $1 and message_id = $2`,
      sent.messageId,
    )
    expect(row).toMatchObject({ status: 'READ', content: null, content_type: 'text' })
    expect(row.created_at).toBeInstanceOf(Date)
    expect(await rows('select 1 from send_attempts where tenant_id = $1')).toHaveLength(3)
  })

  it('takes files out of the bucket, again after a crash, and leaves what is in use', async () => {
    const old = await media(world.owner, tenant)
    const used = await media(world.owner, tenant)
    await pass(366)
    await rows(
      `insert into media_uploads (tenant_id, media_id, sender_id, provider_media_id, row_token)
       values ($1, $2, $3, 'x', gen_random_uuid())`,
      used.mediaId,
      tenant.senderId,
    )
    const crashed = world.cleaner({
      clean: async (job, removed) => {
        await world.cleanups.clean(job, removed)
        throw new Error('crashed')
      },
    })
    // The stages before it are one batch each; the sixth marks the file, and its bytes stay.
    for (let times = 0; times < 6; times += 1) {
      const task = times === 0 ? await world.planned(tenant.tenantId) : undefined
      await rows(`update tasks set due_at = now() where tenant_id = $1 and type = 'CHAT_CLEANUP'`)
      const [{ task_id: taskId }] = await rows(
        `select task_id from tasks where tenant_id = $1 and type = 'CHAT_CLEANUP'`,
      )
      await crashed.run([task ?? { tenantId: tenant.tenantId, taskId }])
    }
    const states = () =>
      rows(
        `select media_id as id, state, reason, removed_at is not null as gone from media
         where tenant_id = $1 order by created_at, media_id`,
      )
    expect(crashed.removedKeys).toEqual([])
    expect(await states()).toContainEqual({
      ...{ id: old.mediaId, state: 'FAILED', reason: 'retention', gone: false },
    })
    await rows(`update tasks set state = 'DEAD' where tenant_id = $1 and type = 'CHAT_CLEANUP'`)
    const after = world.cleaner()
    await after.run([await world.planned(tenant.tenantId)])
    expect(after.removedKeys).toEqual([old.objectKey])
    expect(await states()).toContainEqual(
      expect.objectContaining({ id: old.mediaId, state: 'FAILED', gone: true }),
    )
    expect(await states()).toContainEqual(
      expect.objectContaining({ id: used.mediaId, state: 'STORED', gone: false }),
    )
    const once = world.cleaner()
    await once.run([await world.planned(tenant.tenantId)])
    expect(once.removedKeys).toEqual([])
  })
})

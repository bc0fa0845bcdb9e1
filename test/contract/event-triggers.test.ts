import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Settlement } from '#shared/domain/settlement.ts'
import { type EventWorld, openEventWorld, typesOf } from '#test/support/event-world.ts'
import {
  accept,
  apply,
  claimOne,
  freshPhone,
  inbound,
  openChat,
  report,
  send,
  settle,
  text,
  type WorldTenant,
  whatsapp,
} from '#test/support/stores-world.ts'

/** Whatever road changes a row, the row's own trigger tells it. */
describe('events by trigger', () => {
  let world: EventWorld
  let tenant: WorldTenant

  beforeAll(async () => {
    world = await openEventWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
  })

  const told = async () => typesOf(await world.written(tenant))
  const sql = (text: string, ...values: readonly unknown[]) =>
    world.owner.query(text, [tenant.tenantId, ...values])

  it('tell the life of a message once for each thing that became of it', async () => {
    const chat = await openChat(world, tenant)
    const { wamid, messageId } = await send(world, tenant, chat.chatId)
    for (const status of ['DELIVERED', 'READ', 'READ', 'DELIVERED'] as const) {
      await apply(world, report(tenant, { wamid, status }))
    }
    expect(await told()).toEqual([
      'chat.opened',
      'message.accepted',
      'message.sent',
      'message.delivered',
      'message.read',
    ])
    const [opened, accepted, sent] = await world.written(tenant)
    expect(opened).toMatchObject({
      chatId: chat.chatId,
      personId: chat.person.personId,
      detail: { status: 'ACTIVE' },
    })
    expect(accepted?.detail).toEqual({
      channel: 'WHATSAPP',
      direction: 'OUTBOUND',
      contentType: 'text',
      status: 'QUEUED',
      origin: 'api',
      contactId: expect.stringMatching(/^\d+$/),
      senderId: tenant.senderId,
    })
    expect(sent).toMatchObject({
      type: 'message.sent',
      messageId,
      chatId: chat.chatId,
      personId: chat.person.personId,
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      detail: { status: 'SENT' },
    })
  })

  const endings: readonly (readonly [Settlement, readonly string[], object])[] = [
    [
      {
        outcome: 'REJECTED',
        reason: 'invalid-request',
        code: 131009,
      },
      ['message.failed'],
      { status: 'FAILED', reason: 'invalid-request', reasonCode: 131009 },
    ],
    [{ outcome: 'UNKNOWN', reason: 'timeout' }, ['message.unknown'], { final: false }],
    [
      {
        outcome: 'NOT_CALLED',
        reason: 'provider-unavailable',
        retryInSeconds: 30,
      },
      [],
      { status: 'QUEUED' },
    ],
  ]
  it.each(endings)('tell %j as %j', async (settlement, types, detail) => {
    const chat = await openChat(world, tenant)
    const message = await accept(world, tenant, { chatId: chat.chatId })
    await settle(world, await claimOne(world, message), settlement)
    const events = await world.written(tenant)
    expect(typesOf(events)).toEqual(['chat.opened', 'message.accepted', ...types])
    expect(events.at(-1)?.detail).toMatchObject(detail)
  })

  it('tell that a message was delivered, also when it is told only that it was read', async () => {
    const chat = await openChat(world, tenant)
    const { wamid } = await send(world, tenant, chat.chatId)
    await apply(world, report(tenant, { wamid, status: 'READ' }))
    const events = await world.written(tenant)
    const told = ['message.accepted', 'message.sent', 'message.delivered', 'message.read']
    expect(typesOf(events)).toEqual(['chat.opened', ...told])
    expect(events.map(({ detail }) => detail.status).slice(-2)).toEqual(['DELIVERED', 'READ'])
  })

  it('tell UNKNOWN again once nothing more will be known', async () => {
    const chat = await openChat(world, tenant)
    const message = await accept(world, tenant, {
      chatId: chat.chatId,
      deliveryPolicy: 'at-most-once',
    })
    const attempt = await claimOne(world, message)
    const [check] = await settle(world, attempt, { outcome: 'UNKNOWN', reason: 'timeout' })
    if (check === undefined) throw new Error('no check was planned')
    await world.pass(world.waits.reportWaitSeconds + 1)
    await world.tasks.checkStatuses([check])
    const unknown = (await world.written(tenant)).filter(({ type }) => type === 'message.unknown')
    expect(unknown.map(({ detail }) => detail.final)).toEqual([false, true])
  })

  it('tell a cancellation, an edit, a withdrawal and a removal', async () => {
    const phone = freshPhone()
    const chat = await openChat(world, tenant, { contacts: [whatsapp(phone)] })
    const message = await accept(world, tenant, { chatId: chat.chatId })
    await world.messages.cancel({ ...tenant, ...message })
    await apply(world, inbound(tenant, { phone, wamid: `${phone}-in` }))
    await sql(
      'update chat_messages set edited_at = now() where tenant_id = $1 and direction = $2',
      'INBOUND',
    )
    await sql(
      `update chat_messages set edited_at = now(), revoked_at = now(), content = null
       where tenant_id = $1 and direction = $2`,
      'INBOUND',
    )
    await sql(
      'update chat_messages set deleted_at = now() where message_id = $2 and tenant_id = $1',
      message.messageId,
    )
    expect(await told()).toEqual([
      'chat.opened',
      'message.accepted',
      'message.cancelled',
      'message.received',
      'message.edited',
      'message.edited',
      'message.revoked',
      'message.deleted',
    ])
  })

  it('tell what becomes of a chat', async () => {
    const { chatId } = await openChat(world, tenant)
    for (const status of ['CLOSED', 'ACTIVE', 'ACTIVE', 'ARCHIVED'] as const) {
      await world.setChatStatus(tenant.tenantId, chatId, status)
    }
    expect(await told()).toEqual(['chat.opened', 'chat.closed', 'chat.reopened', 'chat.archived'])
  })

  it('tell that two persons turned out to be one, and which chat is left', async () => {
    const phone = freshPhone()
    await apply(world, inbound(tenant, { phone }))
    const known = await openChat(world, tenant, { externalId: 'known' })
    const merged = await openChat(world, tenant, {
      externalId: 'known',
      contacts: [whatsapp(phone)],
    })
    const events = (await world.written(tenant)).slice(-3)
    expect(typesOf(events)).toEqual(['person.merged', 'chat.closed', 'chat.merged'])
    const [person, , chat] = events
    expect(person?.detail).toEqual({ mergedIntoPersonId: merged.person.personId })
    expect(chat).toMatchObject({
      chatId: known.chatId,
      detail: { mergedIntoChatId: merged.chatId, status: 'CLOSED' },
    })
  })

  it("tell a person's word against being written to, and for it", async () => {
    const chat = await openChat(world, tenant)
    const optOut = (restored: boolean) =>
      world.optOut(tenant.tenantId, chat.chatId, { category: 'ALL', restored })
    for (const restored of [false, false, true, false]) await optOut(restored)
    const events = (await world.written(tenant)).slice(1)
    expect(typesOf(events)).toEqual(['contact.optedOut', 'contact.optedIn', 'contact.optedOut'])
    expect(events[0]).toMatchObject({
      personId: chat.person.personId,
      detail: { channel: 'WHATSAPP', category: 'ALL', source: 'keyword' },
    })
  })

  it('tell nothing of a wish to be written to that no stop came before', async () => {
    const chat = await openChat(world, tenant)
    await world.optOut(tenant.tenantId, chat.chatId, { category: 'ALL', restored: true })
    expect(await told()).toEqual(['chat.opened'])
  })

  it('tell that a template has another status or category', async () => {
    await sql(
      `insert into provider_templates
         (tenant_id, waba_id, name, language, category, accepted_category, status)
       values ($1, 'waba', 'aviso', 'pt_BR', 'UTILITY', 'UTILITY', 'APPROVED')`,
    )
    await sql(`update provider_templates set quality = 'RED' where tenant_id = $1`)
    await sql(
      `update provider_templates set status = 'PAUSED', category = 'MARKETING'
       where tenant_id = $1`,
    )
    expect(await world.written(tenant)).toMatchObject([
      {
        type: 'template.changed',
        detail: {
          wabaId: 'waba',
          name: 'aviso',
          language: 'pt_BR',
          status: 'PAUSED',
          previousStatus: 'APPROVED',
          category: 'MARKETING',
          previousCategory: 'UTILITY',
          acceptedCategory: 'UTILITY',
        },
      },
    ])
  })

  it('tell nothing of a change that is none, and nothing that anybody wrote or is called', async () => {
    const phone = freshPhone()
    const chat = await openChat(world, tenant, { contacts: [whatsapp(phone)] })
    await apply(world, inbound(tenant, { phone, name: 'Ana Lima', content: text('Segredo') }))
    const before = await told()
    for (const table of ['chat_messages', 'chats', 'persons', 'opt_outs']) {
      const { rows } = await world.owner.query(
        `select column_name as name from information_schema.columns
         where table_name = $1 and is_identity = 'NO' order by ordinal_position`,
        [table],
      )
      const same = rows.map(({ name }) => `${name} = ${name}`).join(', ')
      await sql(`update ${table} set ${same} where tenant_id = $1`)
    }
    await accept(world, tenant, { chatId: chat.chatId, content: text('Segredo') })
    expect(await told()).toEqual([...before, 'message.accepted'])
    const { rows } = await sql(
      'select string_agg(e::text, $2) as all from events e where tenant_id = $1',
      ' ',
    )
    expect(rows[0].all).not.toMatch(/Segredo|Ana|Lima/)
    expect(rows[0].all).not.toContain(phone.slice(3))
  })
})

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makePrivacyStore } from '#shared/adapters/database/privacy-store.ts'
import { media } from '#test/contract/rows/old-rows.ts'
import {
  accept,
  apply,
  fresh,
  freshPhone,
  inbound,
  openChat,
  send,
  thread,
  type WorldTenant,
  whatsapp,
} from '#test/support/stores-world.ts'
import { openUpkeepWorld, type UpkeepWorld } from '#test/support/upkeep-world.ts'

/** What a legal hold keeps, whatever becomes of the person and however a file went out. */
describe('a legal hold', () => {
  let world: UpkeepWorld
  let tenant: WorldTenant

  beforeAll(async () => {
    world = await openUpkeepWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
  })

  const rows = async (sql: string, ...values: readonly unknown[]) =>
    (await world.owner.query(sql, [tenant.tenantId, ...values])).rows

  const someChat = () => openChat(world, tenant, { contacts: [whatsapp(freshPhone())] })

  const holds = () =>
    rows(
      `select person_id::text as "personId", legal_hold_reason as reason from persons
       where tenant_id = $1 and legal_hold_at is not null`,
    )

  it.each(['older', 'newer'] as const)(
    'of the %s of two who are merged is that of both',
    async (who) => {
      const [older, newer] = [await someChat(), await someChat()]
      const held = who === 'older' ? older : newer
      await send(world, tenant, newer.chatId)
      await rows(`update chat_messages set status = 'READ' where tenant_id = $1`)
      await rows(
        `update persons set legal_hold_at = now(), legal_hold_reason = 'lawsuit-1'
       where tenant_id = $1 and person_id = $2`,
        held.person.personId,
      )
      await rows(
        'select merge_persons_v1($1, $2, $3)',
        older.person.personId,
        newer.person.personId,
      )
      // One hold, which is lifted where it shows.
      expect(await holds()).toEqual([{ personId: older.person.personId, reason: 'lawsuit-1' }])
      await world.pass(4000 * 86_400)
      await world.clean(tenant.tenantId)
      expect(
        await rows('select content is not null as kept from chat_messages where tenant_id = $1'),
      ).toEqual([{ kept: true }])
    },
  )

  it('keeps the files that were sent, and a send that waits keeps its own', async () => {
    const [heldChat, freeChat] = [await someChat(), await someChat()]
    const [held, fallback, free, waiting] = [
      await media(world.owner, tenant),
      await media(world.owner, tenant),
      await media(world.owner, tenant),
      await media(world.owner, tenant),
    ]
    await world.hold(tenant.tenantId, heldChat.chatId)
    const attach = (messageId: string, payload: object, state: string) =>
      rows(
        `update tasks set payload = $3, state = $4
         where tenant_id = $1 and message_id = $2 and type = 'MESSAGE_SEND'`,
        messageId,
        JSON.stringify(payload),
        state,
      )
    const sent = async (chatId: string, payload: object, state = 'DONE') =>
      attach((await accept(world, tenant, { chatId })).messageId, payload, state)
    await sent(heldChat.chatId, { mediaIds: [held.mediaId] })
    await sent(heldChat.chatId, { fallbackMediaIds: [fallback.mediaId] })
    await sent(freeChat.chatId, { mediaIds: [free.mediaId] })
    await sent(freeChat.chatId, { mediaIds: [waiting.mediaId] }, 'PENDING')
    await rows(
      `update media set created_at = created_at - interval '400 days' where tenant_id = $1`,
    )
    const { run, batches, removedKeys } = world.cleaner()
    await run([await world.planned(tenant.tenantId)])
    expect(removedKeys).toEqual([free.objectKey])
    expect(batches).toContainEqual({
      ...{ stage: 'media', changed: 1, held: { 'legal-hold': 2, 'in-use': 1 } },
    })
  })

  const privacy = () =>
    makePrivacyStore({
      database: world.dataApi,
      sealer: world.sealer,
    })

  it('keeps what the person takes back, shown to nobody, and lets go of it when it ends', async () => {
    const phone = freshPhone()
    const {
      chatId,
      person: { personId },
    } = await openChat(world, tenant, { contacts: [whatsapp(phone)] })
    const wamid = fresh('wamid')
    const said = { kind: 'image', mediaId: crypto.randomUUID() } as const
    await apply(
      world,
      inbound(tenant, {
        ...{ phone, wamid, occurredAt: '2026-11-23T12:00:00Z' },
        content: { type: 'image', mediaId: said.mediaId, caption: 'Não devo nada' },
        more: {
          metadata: { forwarded: true },
          file: { ...said, mimeType: 'image/png', providerMediaId: 'm' },
        },
      }),
    )
    expect(await privacy().hold({ ...tenant, personId, reason: 'lawsuit-1' })).toMatchObject({
      outcome: 'changed',
    })
    const takeBack = {
      ...{ phone, occurredAt: '2026-11-23T12:00:30Z' },
      content: { type: 'other', providerType: 'revoke', raw: {} } as const,
      more: { amends: { kind: 'revoke', providerMessageId: wamid } as const },
    }
    await apply(world, inbound(tenant, takeBack))
    const kept = () =>
      rows(`select m.content is not null as content, m.metadata is not null as metadata,
          f.provider_media_id is not null as file, f.state
        from chat_messages m join media f using (tenant_id, message_id) where tenant_id = $1`)
    expect(await kept()).toEqual([{ content: true, metadata: true, file: true, state: 'FAILED' }])
    const [shown] = await thread(world, tenant, chatId)
    expect(shown).toMatchObject({ content: undefined, metadata: undefined })
    expect(shown?.revokedAt).toBe('2026-11-23T12:00:30.000Z')

    await privacy().hold({ ...tenant, personId })
    expect(await kept()).toEqual([
      { content: false, metadata: false, file: false, state: 'FAILED' },
    ])
  })

  it('keeps items that were parked and name the person, until it ends', async () => {
    const [held, free] = [freshPhone(), freshPhone()]
    const chats = []
    for (const phone of [held, free]) {
      chats.push(await openChat(world, tenant, { contacts: [whatsapp(phone)] }))
    }
    const park = (reason: string, value?: string) =>
      world.events.apply({
        events: [],
        news: [],
        parked: [
          {
            ...{ tenantId: tenant.tenantId, channel: 'WHATSAPP', reason },
            ...{ raw: { id: fresh('raw') }, authors: value ? [{ kind: 'phone', value }] : [] },
          },
        ],
      })
    await park('of-held', held)
    await park('of-free', free)
    await park('of-nobody')
    await world.hold(tenant.tenantId, String(chats[0]?.chatId))
    await world.pass(400 * 86_400)
    const left = async () =>
      (await rows('select reason from parked_items where tenant_id = $1')).map(
        ({ reason }) => reason,
      )
    const stage = { tenantId: tenant.tenantId, stage: 'parked-items', most: 100 }
    const dry = await world.dataApi.query('select changed from preview_cleanup_v1(:input::jsonb)', {
      input: JSON.stringify(stage),
    })
    expect(dry).toEqual([{ changed: '2' }])
    expect(await world.clean(tenant.tenantId)).toMatchObject({ 'parked-items': 2 })
    expect(await left()).toEqual(['of-held'])
    const personId = String(chats[0]?.person.personId)
    await privacy().hold({ ...tenant, personId })
    await world.clean(tenant.tenantId)
    expect(await left()).toEqual([])
  })
})

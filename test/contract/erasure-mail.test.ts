import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeErasureStore } from '#shared/adapters/database/erasure-store.ts'
import {
  freshMail,
  type MailTenant,
  mailContact,
  openReceivingWorld,
  type ReceivingWorld,
  written,
} from '#test/support/receiving-world.ts'
import { allChats, fresh, openChat } from '#test/support/stores-world.ts'

/** Mails of a person who was erased: copies, and answers to what is no more. */
describe('mails after an erasure', () => {
  let world: ReceivingWorld
  let tenant: MailTenant

  beforeAll(async () => {
    world = await openReceivingWorld()
    tenant = await world.addMailTenant()
  })
  afterAll(() => world.close())

  async function erase(personId: string): Promise<void> {
    const { rows } = await world.owner.query(
      "select request::text from plan_privacy_v1($1, $2, 'ERASURE', null)",
      [tenant.tenantId, personId],
    )
    const name = { tenantId: tenant.tenantId, requestId: String(rows[0].request) }
    const erasures = makeErasureStore(world.dataApi, {
      backupDays: 35,
      rawMailDays: 30,
      queueDays: 14,
    })
    let step = await erasures.step(name, [])
    while (step.outcome === 'more') step = await erasures.step(name, step.objects)
    expect(step.outcome).toBe('done')
  }

  async function counts() {
    const { rows } = await world.owner.query(
      `select (select count(*) from chat_messages where tenant_id = $1)::integer as messages,
         (select count(*) from persons where tenant_id = $1)::integer as persons,
         (select count(*) from contact_identities where tenant_id = $1)::integer as identities`,
      [tenant.tenantId],
    )
    return rows[0]
  }

  it('take no copy in, whatever SES calls it, and lead nobody into the old chat', async () => {
    const address = freshMail()
    const chat = await openChat(world, tenant, { contacts: [mailContact(address)] })
    const token = await world.tokenAddress(tenant, chat.chatId)
    const mailId = `<${fresh('mail')}@casa-da-ana.com.br>`
    const raw = written(address, [`Message-ID: ${mailId}`], 'minha senha')
    const handed = { recipients: [token], sesMessageId: fresh('ses') }
    expect(await world.hand(raw, handed)).toMatchObject({ stored: 1 })
    await erase(chat.person.personId)
    const before = await counts()

    await world.hand(raw, handed)
    await world.hand(raw, { recipients: [token], sesMessageId: fresh('ses') })
    expect(await counts()).toEqual(before)
    const { rows } = await world.owner.query(
      'select count(*)::integer as held from chat_messages where mail_id = $1 or content is not null and tenant_id = $2',
      [mailId, tenant.tenantId],
    )
    expect(rows).toEqual([{ held: 0 }])

    // A mail of its own, to the address that the old chat had.
    const news = written(address, [`Message-ID: <${fresh('mail')}@x.br>`], 'oi de novo')
    await world.hand(news, { recipients: [token] })
    const chats = await allChats(world, tenant)
    const live = chats.filter(({ status }) => status === 'ACTIVE')
    expect(live.map(({ person }) => person.personId)).not.toContain(chat.person.personId)
    const { rows: old } = await world.owner.query(
      'select count(*)::integer as held from chat_messages where chat_id = $1 and content is not null',
      [chat.chatId],
    )
    expect(old).toEqual([{ held: 0 }])
  })
})

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ExportStore } from '#shared/ports/exports.ts'
import { type ExportWorld, openExportWorld } from '#test/support/export-world.ts'
import {
  apply,
  fresh,
  freshPhone,
  inbound,
  openChat,
  report,
  send,
  text,
  type WorldTenant,
  whatsapp,
} from '#test/support/stores-world.ts'

describe('the copy of everything that is kept of a person', () => {
  let world: ExportWorld
  let tenant: WorldTenant

  beforeAll(async () => {
    world = await openExportWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
  })

  const ask = (personId: string) => world.askCopy(tenant, personId)
  const run = (store = (same: ExportStore) => same) => world.makeCopies(tenant.tenantId, { store })
  const requestOf = (requestId: string) => world.privacy.get(tenant, requestId)
  const copies = async (requestId: string) =>
    (await world.keys('files')).filter((key) => key.includes(`/${requestId}/`))

  async function somebody() {
    const phone = freshPhone()
    const mail = `${fresh('ana')}@example.com`
    const externalId = fresh('ext')
    const contacts = [whatsapp(phone), { channel: 'EMAIL', address: mail } as const]
    const chat = await openChat(world, tenant, { externalId, contacts })
    return { ...chat, personId: chat.person.personId, phone, mail, externalId }
  }

  it('is the exact set of what is stored, opened', async () => {
    const ana = await somebody()
    const other = await somebody()
    const said = ['=HYPERLINK("x")', 'Olá, "Ana"\nlinha 2']
    for (const content of said) {
      await apply(world, inbound(tenant, { phone: ana.phone, content: text(content) }))
    }
    await apply(world, inbound(tenant, { phone: other.phone, content: text('de outra pessoa') }))
    const sent = await send(world, tenant, ana.chatId)
    await apply(world, report(tenant, { wamid: sent.wamid, status: 'DELIVERED' }))
    await apply(world, report(tenant, { wamid: sent.wamid, status: 'READ' }))
    await world.optOut(tenant.tenantId, ana.chatId, { category: 'MARKETING' })

    const requestId = await ask(ana.personId)
    expect(await run()).toEqual({ claimed: 1, done: 1, broken: [] })

    const document = JSON.parse(await world.read(tenant.tenantId, requestId, 'json'))
    expect(document).toMatchObject({
      format: 'recado-person/2',
      personId: ana.personId,
      persons: [{ personId: ana.personId, name: 'Ana Lima', externalId: ana.externalId }],
      chats: [{ chatId: ana.chatId, status: 'ACTIVE' }],
      suppressions: [],
      files: [],
      movements: [],
      installments: [],
      readers: [],
    })
    expect(document.contacts.map(({ address }: { address: string }) => address).toSorted()).toEqual(
      [ana.mail, ana.phone].toSorted(),
    )
    expect(document.messages.map(({ content }: { content: unknown }) => content)).toEqual([
      ...said.map(text),
      text('Olá'),
    ])
    const [sentCopy] = document.messages.filter(
      ({ messageId }: Record<string, string>) => messageId === sent.messageId,
    )
    expect(sentCopy).toMatchObject({
      attempts: [{ number: 1, outcome: 'ACCEPTED', providerMessageId: sent.wamid }],
      statuses: [
        { status: 'DELIVERED', providerMessageId: sent.wamid },
        { status: 'READ', providerMessageId: sent.wamid },
      ],
    })
    expect(document.optOuts).toHaveLength(2)
    expect(document.consents).toHaveLength(2)
    const all = JSON.stringify(document)
    for (const foreign of [other.phone, other.mail, other.externalId, 'de outra pessoa']) {
      expect(all).not.toContain(foreign)
    }
    expect(all).not.toMatch(/rowToken|Token"/)

    const table = await world.read(tenant.tenantId, requestId, 'csv')
    expect(table.split('\r\n')).toHaveLength(1 + 3 + 1)
    expect(table).toContain(`text,"'=HYPERLINK(""x"")"\r\n`)
    const { asked, downloads } = await requestOf(requestId)
    expect(asked).toMatchObject({
      state: 'DONE',
      receipt: { counts: { messages: 3, statuses: 2, contacts: 2, persons: 1, chats: 1 } },
    })
    const fetched = await fetch(downloads?.csv.url ?? '')
    expect([fetched.status, await fetched.text()]).toEqual([200, table])
    expect(fetched.headers.get('content-disposition')).toContain('attachment')
  })

  it('reads long lists page by page, once each', async () => {
    const ana = await somebody()
    await world.owner.query(
      `insert into consents (tenant_id, person_id, channel, purpose, action, source, occurred_at)
       select $1, $2, 'EMAIL', 'p' || n, 'GIVEN', 'site', now() from generate_series(1, 450) n`,
      [tenant.tenantId, ana.personId],
    )
    const requestId = await ask(ana.personId)
    await run()
    const { consents } = JSON.parse(await world.read(tenant.tenantId, requestId, 'json'))
    const purposes = new Set(consents.map(({ purpose }: { purpose: string }) => purpose))
    expect([consents.length, purposes.size]).toEqual([450, 450])
  })

  it('has nothing of somebody who was erased while it was made, and nothing stays', async () => {
    const ana = await somebody()
    const requestId = await ask(ana.personId)
    await run((store) => ({
      ...store,
      finish: async (name, counts) => {
        await world.owner.query('update persons set erased_at = now() where person_id = $1', [
          ana.personId,
        ])
        return store.finish(name, counts)
      },
    }))
    expect((await requestOf(requestId)).asked).toMatchObject({
      state: 'REFUSED',
      reason: 'erased',
    })
    expect(await copies(requestId)).toEqual([])
  })

  it('leaves no copy of who was erased, also when it dies before it took it back', async () => {
    const ana = await somebody()
    const requestId = await ask(ana.personId)
    await run((store) => ({
      ...store,
      finish: async (name, counts) => {
        await world.owner.query('update persons set erased_at = now() where person_id = $1', [
          ana.personId,
        ])
        await store.finish(name, counts)
        throw new Error('its process is gone')
      },
    }))
    expect(await copies(requestId)).toHaveLength(2)
    expect(await run()).toMatchObject({ done: 1 })
    expect(await copies(requestId)).toEqual([])
    expect((await requestOf(requestId)).asked).toMatchObject({
      ...{ state: 'REFUSED', reason: 'erased' },
    })
  })

  it('goes with its person: an erasure deletes what was made before', async () => {
    const ana = await somebody()
    const requestId = await ask(ana.personId)
    await run()
    expect((await requestOf(requestId)).downloads).toBeDefined()
    await world.ask(tenant.tenantId, ana.personId)
    await world.run(tenant.tenantId)
    expect((await requestOf(requestId)).downloads).toBeUndefined()
    expect(await copies(requestId)).toEqual([])
  })
})

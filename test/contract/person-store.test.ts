import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makePersonStore } from '#shared/adapters/database/person-store.ts'
import type { Contact, Person } from '#shared/domain/person.ts'
import type { PersonAnswer, PersonStore } from '#shared/ports/person-store.ts'
import { systemRandomness } from '#shared/runtime/system.ts'
import { openPostgresWorld, type PostgresWorld } from '#test/support/stores.ts'
import {
  accept,
  acceptedAs,
  allChats,
  apply,
  claim,
  claimOne,
  day,
  fresh,
  freshPhone,
  inbound,
  messageOf,
  openChat,
  settle,
  type WorldTenant,
  whatsapp,
  wish,
} from '#test/support/stores-world.ts'

const changed = (answer: PersonAnswer): Person => {
  if (answer.outcome === 'refused') throw new Error(`not changed: ${answer.code}`)
  return answer.person
}
const mail = (): Contact => ({ channel: 'EMAIL', address: `${fresh('ana')}@example.com` })
const addresses = ({ contacts }: Pick<Person, 'contacts'>) =>
  contacts.map(({ channel, address }) => ({ channel, address }))

describe('persons in PostgreSQL', () => {
  let world: PostgresWorld
  let tenant: WorldTenant
  let persons: PersonStore

  beforeAll(async () => {
    world = await openPostgresWorld()
    const { dataApi: database, sealer } = world
    persons = makePersonStore({ database, sealer, randomness: systemRandomness })
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
  })

  const put = (personId: string, contacts: readonly Contact[], of = tenant) =>
    persons.putContacts({ ...of, personId, contacts })
  const optOut = (personId: string, isOut = true, of = tenant) =>
    persons.changeOptOut({ ...of, personId, channel: 'WHATSAPP', category: 'ALL', isOut })
  /** Somebody who wrote first. */
  async function writer(phone: string) {
    await apply(world, inbound(tenant, { phone, name: 'Aninha' }))
    const chat = (await allChats(world, tenant)).find(
      ({ person }) => person.contacts[0]?.address === phone,
    )
    if (chat === undefined) throw new Error('nobody wrote')
    return { chatId: chat.chatId, personId: chat.person.personId }
  }

  it('reads a person by its id and by the id of the business', async () => {
    const externalId = fresh('person')
    const contacts = [whatsapp(freshPhone()), mail()]
    const chat = await openChat(world, tenant, { externalId, contacts })
    const { personId } = chat.person
    const person = await persons.get(tenant, personId)
    expect(person).toEqual({
      personId,
      externalId,
      name: 'Ana Lima',
      contacts: contacts.map((contact) => ({
        ...contact,
        contactId: expect.stringMatching(/^\d+$/),
      })),
      optOuts: [],
      activeChatId: chat.chatId,
      mergedIntoPersonId: undefined,
    })
    expect(await persons.findByExternalId(tenant, externalId)).toEqual(person)
    expect(await persons.findByExternalId(tenant, `${externalId}x`)).toBeUndefined()
    const other = await world.addTenant()
    expect(await persons.get(other, personId)).toBeUndefined()
    expect(await persons.findByExternalId(other, externalId)).toBeUndefined()
  })

  describe('contacts', () => {
    it('are replaced: new ones come, known ones stay, the rest is retired', async () => {
      const [kept, left, added] = [whatsapp(freshPhone()), whatsapp(freshPhone()), mail()]
      const chat = await openChat(world, tenant, { contacts: [left, kept] })
      const { personId } = chat.person
      const before = await persons.get(tenant, personId)
      const person = changed(await put(personId, [added, kept]))
      expect(addresses(person)).toEqual([kept, added])
      expect(person.contacts[0]).toEqual(before?.contacts[1])
      const shown = await world.chats.get(tenant, chat.chatId)
      expect(shown?.channels).toEqual(['EMAIL', 'WHATSAPP'])
      expect(shown?.person.contacts).toEqual([kept, added])

      const empty = changed(await put(personId, []))
      expect(empty.contacts).toEqual([])
      expect((await world.chats.get(tenant, chat.chatId))?.channels).toEqual([])
      expect(await world.messages.accept(wish(tenant, chat.chatId))).toMatchObject({
        code: 'contact-missing',
      })
      const back = changed(await put(personId, [left, kept, added]))
      expect(back.contacts).toEqual([...(before?.contacts ?? []), person.contacts[1]])
    })

    it('the same list again changes nothing', async () => {
      const contacts = [whatsapp(freshPhone()), mail()]
      const chat = await openChat(world, tenant, { contacts })
      const before = await world.chats.get(tenant, chat.chatId)
      const once = changed(await put(chat.person.personId, contacts))
      expect(changed(await put(chat.person.personId, contacts))).toEqual(once)
      expect(await world.chats.get(tenant, chat.chatId)).toEqual(before)
    })

    it('a retired one is not written to, and comes back when the person writes', async () => {
      const phone = freshPhone()
      const other = whatsapp(freshPhone())
      const chat = await openChat(world, tenant, { contacts: [whatsapp(phone), other] })
      const queued = await accept(world, tenant, { chatId: chat.chatId })
      const { personId } = chat.person
      expect(addresses(changed(await put(personId, [other])))).toEqual([other])
      expect(await claim(world, queued)).toEqual([])
      expect(await messageOf(world, tenant, queued)).toMatchObject({
        status: 'FAILED',
        reason: 'contact-retired',
      })
      const next = await accept(world, tenant, { chatId: chat.chatId })
      const sent = await claimOne(world, next)
      expect(sent.recipient).toMatchObject({ phone: other.address })
      await settle(world, sent, acceptedAs(fresh('wamid')))

      await apply(world, inbound(tenant, { phone }))
      expect(await persons.get(tenant, personId)).toMatchObject({
        contacts: [{ address: phone }, other],
      })
      const reply = await accept(world, tenant, { chatId: chat.chatId })
      expect((await claimOne(world, reply)).recipient).toMatchObject({ phone })
    })

    it('whom a user id alone names stays', async () => {
      const userId = `BR.${fresh('user')}`
      await apply(world, inbound(tenant, { userId }))
      const [chat] = await allChats(world, tenant)
      const person = changed(await put(chat?.person.personId ?? '', [mail()]))
      expect(person.contacts).toHaveLength(2)
      expect(person.contacts[0]).toMatchObject({ address: userId })
    })

    it('of another linked person are refused, and nothing changes', async () => {
      const phone = whatsapp(freshPhone())
      const theirs = await openChat(world, tenant, { contacts: [phone] })
      const mine = await openChat(world, tenant)
      const before = await persons.get(tenant, mine.person.personId)
      expect(await put(mine.person.personId, [mail(), phone])).toMatchObject({
        code: 'contact-taken',
      })
      expect(await persons.get(tenant, mine.person.personId)).toEqual(before)
      expect(await persons.get(tenant, theirs.person.personId)).toMatchObject({
        contacts: [phone],
      })
      // Also where the person wrote first and is not linked.
      const { personId } = await writer(freshPhone())
      expect(await put(personId, [phone])).toMatchObject({ code: 'contact-taken' })
    })

    it('of one who wrote first merge the two: the older survives', async () => {
      const phone = freshPhone()
      const older = await openChat(world, tenant)
      const wrote = await writer(phone)
      const merged = changed(
        await put(older.person.personId, [...older.person.contacts, whatsapp(phone)]),
      )
      expect(merged).toMatchObject({
        personId: older.person.personId,
        externalId: older.person.externalId,
        activeChatId: older.chatId,
      })
      expect(merged.contacts).toHaveLength(2)
      expect(await persons.get(tenant, wrote.personId)).toMatchObject({
        contacts: [],
        activeChatId: undefined,
        mergedIntoPersonId: older.person.personId,
      })
      expect(await put(wrote.personId, [])).toMatchObject({ code: 'person-merged' })
      expect(await optOut(wrote.personId)).toMatchObject({ code: 'person-merged' })
    })

    it('of an older one who wrote first: that one survives, with the id of the business', async () => {
      const phone = freshPhone()
      const wrote = await writer(phone)
      const newer = await openChat(world, tenant)
      const merged = changed(await put(newer.person.personId, [whatsapp(phone)]))
      expect(merged).toMatchObject({
        personId: wrote.personId,
        externalId: newer.person.externalId,
        activeChatId: wrote.chatId,
        contacts: [whatsapp(phone)],
      })
      expect(await persons.findByExternalId(tenant, newer.person.externalId ?? '')).toEqual(merged)
    })

    it('20 at once for one person leave one list', async () => {
      const chat = await openChat(world, tenant)
      const lists = Array.from({ length: 20 }, () => [whatsapp(freshPhone()), mail()])
      const answers = await Promise.all(lists.map((list) => put(chat.person.personId, list)))
      expect(answers.map(({ outcome }) => outcome)).toEqual(lists.map(() => 'changed'))
      const person = await persons.get(tenant, chat.person.personId)
      expect(lists).toContainEqual(person && addresses(person))
    })
  })

  describe('names and ids', () => {
    const update = (
      personId: string,
      more: { name?: string; externalId?: string; timeZone?: string; state?: string },
    ) => persons.update({ ...tenant, personId, name: undefined, externalId: undefined, ...more })

    it('a name changes, an id is given once', async () => {
      const { personId, chatId } = await writer(freshPhone())
      expect(changed(await update(personId, { name: 'Ana Souza' }))).toMatchObject({
        name: 'Ana Souza',
        externalId: undefined,
      })
      const externalId = fresh('person')
      const given = changed(await update(personId, { externalId }))
      expect(given).toMatchObject({ name: 'Ana Souza', externalId, activeChatId: chatId })
      expect(changed(await update(personId, { externalId }))).toEqual(given)
      expect(await update(personId, { externalId: fresh('other') })).toMatchObject({
        code: 'external-id-set',
      })
      const known = await openChat(world, tenant, { externalId })
      expect(known).toMatchObject({ chatId, person: { personId } })
    })

    it('where somebody is is kept, and goes along when they turn out to be somebody known', async () => {
      const phone = freshPhone()
      const { personId } = await writer(phone)
      const place = { timeZone: 'America/Manaus', state: 'AM' }
      expect(changed(await update(personId, place))).toMatchObject({ personId, ...place })
      expect(changed(await update(personId, { name: 'Ana' }))).toMatchObject(place)
      const known = await openChat(world, tenant, { contacts: [whatsapp(phone)] })
      expect(await persons.get(tenant, known.person.personId)).toMatchObject(place)
    })

    it('an id of another person is refused', async () => {
      const externalId = fresh('person')
      await openChat(world, tenant, { externalId })
      const { personId } = await writer(freshPhone())
      expect(await update(personId, { externalId })).toMatchObject({ code: 'external-id-taken' })
      expect((await persons.get(tenant, personId))?.externalId).toBeUndefined()
    })
  })

  describe('opt-outs', () => {
    it('stop messages on all contacts of the channel, until they are taken back', async () => {
      const contacts = [whatsapp(freshPhone()), whatsapp(freshPhone()), mail()]
      const chat = await openChat(world, tenant, { contacts })
      const { personId } = chat.person
      const queued = await accept(world, tenant, { chatId: chat.chatId })
      const out = changed(await optOut(personId))
      expect(out.optOuts).toHaveLength(2)
      expect(out.optOuts[0]).toEqual({
        contactId: out.contacts[0]?.contactId,
        channel: 'WHATSAPP',
        category: 'ALL',
        source: 'client',
        optedOutAt: expect.stringMatching(/^\d{4}-.*Z$/),
        restoredAt: undefined,
      })
      const asked = async () => {
        const answer = await world.messages.accept(wish(tenant, chat.chatId))
        return answer.outcome === 'refused' ? answer.code : answer.outcome
      }
      expect(await asked()).toBe('opted-out')
      expect(await claim(world, queued)).toEqual([])
      expect(await messageOf(world, tenant, queued)).toMatchObject({ reason: 'opted-out' })
      const back = changed(await optOut(personId, false))
      expect(back.optOuts.map(({ restoredAt }) => typeof restoredAt)).toEqual(['string', 'string'])
      expect(await asked()).toBe('accepted')
    })

    it('the newest word counts, whoever said it', async () => {
      const phone = freshPhone()
      const chat = await openChat(world, tenant, { contacts: [whatsapp(phone)] })
      const { personId } = chat.person
      await optOut(personId)
      const stand = async () =>
        (await persons.get(tenant, personId))?.optOuts.map(({ source, restoredAt }) => ({
          source,
          isOut: restoredAt === undefined,
        }))
      const says = (word: 'stop' | 'resume', seconds: number) => {
        const occurredAt = new Date(Date.now() + seconds * 1000).toISOString()
        return apply(
          world,
          inbound(tenant, { phone, occurredAt, optOut: { word, confirmation: undefined } }),
        )
      }
      await says('resume', -day)
      expect(await stand()).toEqual([{ source: 'client', isOut: true }])
      await says('resume', 5)
      expect(await stand()).toEqual([{ source: 'client', isOut: false }])
      await optOut(personId)
      expect(await stand()).toEqual([{ source: 'client', isOut: false }])
      await says('stop', 10)
      expect(await stand()).toEqual([{ source: 'keyword', isOut: true }])
    })

    it('taking back what nobody said shows nothing', async () => {
      const { person } = await openChat(world, tenant)
      expect(changed(await optOut(person.personId, false)).optOuts).toEqual([])
      expect(changed(await optOut(person.personId)).optOuts).toHaveLength(1)
    })

    it('hold on a contact that is retired and comes back', async () => {
      const chat = await openChat(world, tenant)
      const { personId, contacts } = chat.person
      await optOut(personId)
      expect(changed(await put(personId, [])).optOuts).toEqual([])
      expect(changed(await put(personId, contacts)).optOuts).toHaveLength(1)
    })

    it('need a contact on the channel', async () => {
      const { person } = await openChat(world, tenant, { contacts: [mail()] })
      expect(await optOut(person.personId)).toMatchObject({ code: 'contact-missing' })
    })
  })

  it('knows nobody of another tenant, takes tokens, and makes one call each', async () => {
    const { person } = await openChat(world, tenant)
    const other = await world.addTenant()
    const { personId } = person
    const asks = [
      (of: WorldTenant) => put(personId, [], of),
      (of: WorldTenant) => optOut(personId, true, of),
      (of: WorldTenant) => persons.update({ ...of, personId, name: 'Eu', externalId: undefined }),
    ]
    for (const ask of asks) {
      expect(await ask(other)).toMatchObject({ code: 'person-not-found' })
      world.endpoint.resetCalls()
      expect(await ask({ ...tenant, clientId: '999999999' })).toMatchObject({
        code: 'client-unknown',
      })
      // Beside what the directory keeps for 5 minutes.
      expect(world.endpoint.calls().filter(({ sql }) => sql.includes('_v1('))).toHaveLength(1)
    }
    expect(await persons.get(tenant, personId)).toMatchObject({ name: 'Ana Lima', optOuts: [] })
    const clientId = await world.addClient(tenant.tenantId, { ratePerSecond: 0.1, burst: 1 })
    await persons.get({ ...tenant, clientId }, personId)
    await expect(persons.get({ ...tenant, clientId }, personId)).rejects.toMatchObject({
      code: 'rate-limited',
    })
  })
})

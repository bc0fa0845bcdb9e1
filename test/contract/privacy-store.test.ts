import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makePersonStore } from '#shared/adapters/database/person-store.ts'
import { makePrivacyStore } from '#shared/adapters/database/privacy-store.ts'
import type { PrivacyRequest } from '#shared/domain/privacy.ts'
import type { AddConsent, AskPrivacy, PrivacyStore } from '#shared/ports/privacy-store.ts'
import { systemRandomness } from '#shared/runtime/system.ts'
import { type ErasureWorld, fillSomebody, openErasureWorld } from '#test/support/erasure-world.ts'
import {
  accept,
  claim,
  claimOne,
  fresh,
  openChat,
  type WorldTenant,
  wish,
} from '#test/support/stores-world.ts'

describe('what persons ask for, in PostgreSQL', () => {
  let world: ErasureWorld
  let privacy: PrivacyStore
  let tenant: WorldTenant

  beforeAll(async () => {
    world = await openErasureWorld()
    privacy = makePrivacyStore({ database: world.dataApi, sealer: world.sealer })
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addTenant()
  })

  const requestKey = () => ({ route: 'POST /x', key: fresh('key'), body: '{}' })
  const ask = (personId: string, more: Partial<AskPrivacy> = {}) =>
    privacy.ask({ ...tenant, personId, kind: 'ERASURE', request: requestKey(), ...more })
  async function asked(personId: string, more?: Partial<AskPrivacy>): Promise<PrivacyRequest> {
    const answer = await ask(personId, more)
    if (answer.outcome === 'refused') throw new Error(`refused: ${answer.code}`)
    return answer.asked
  }
  const consent = (personId: string, more: Partial<AddConsent> = {}) =>
    privacy.addConsent({
      ...{ ...tenant, personId, request: requestKey(), channel: 'WHATSAPP', source: 'site' },
      ...{ purpose: 'marketing', action: 'GIVEN', textVersion: 'termos-1' },
      ...more,
    })
  const all = { limit: 100, cursor: undefined }

  it('plans a request once, with the task to wake, and answers the one under way again', async () => {
    const { personId } = (await openChat(world, tenant)).person
    const request = requestKey()
    const first = await ask(personId, { request })
    expect(first).toMatchObject({
      outcome: 'asked',
      asked: { kind: 'ERASURE', personId, state: 'REQUESTED', receipt: {} },
      wake: { type: 'PERSON_ERASURE', tenantId: tenant.tenantId, inSeconds: 0 },
    })
    expect(await ask(personId, { request })).toMatchObject({ outcome: 'asked', wake: undefined })
    expect((await asked(personId)).requestId).toBe((await asked(personId)).requestId)
    const { rows } = await world.owner.query(
      "select count(*)::integer as tasks from tasks where tenant_id = $1 and type like 'PERSON_%'",
      [tenant.tenantId],
    )
    expect(rows).toEqual([{ tasks: 1 }])
  })

  it('lists requests of the tenant, newest first, by person and page by page', async () => {
    const [one, other] = [await openChat(world, tenant), await openChat(world, tenant)]
    const ids = []
    for (const { person } of [one, other]) {
      ids.unshift((await asked(person.personId, { kind: 'EXPORT' })).requestId)
    }
    const page = await privacy.list(tenant, { limit: 1 })
    expect(page.items.map(({ requestId }) => requestId)).toEqual(ids.slice(0, 1))
    const rest = await privacy.list(tenant, { limit: 1, cursor: page.nextCursor })
    expect(rest).toMatchObject({ items: [{ requestId: ids[1] }], nextCursor: undefined })
    const own = await privacy.list(tenant, { limit: 9, personId: one.person.personId })
    expect(own.items).toHaveLength(1)
    const stranger = await world.addTenant()
    expect((await privacy.list(stranger, all)).items).toEqual([])
    expect(await privacy.get(stranger, String(ids[0]))).toBeUndefined()
  })

  it('refuses an erasure while a legal hold stands, and takes it once that is lifted', async () => {
    const { personId } = (await openChat(world, tenant)).person
    const held = await privacy.hold({ ...tenant, personId, reason: '0001234-56' })
    expect(held).toEqual({
      outcome: 'changed',
      held: { personId, heldAt: expect.any(String), reason: '0001234-56' },
    })
    expect(await ask(personId)).toMatchObject({ outcome: 'refused', code: 'legal-hold' })
    expect(await privacy.hold({ ...tenant, personId })).toMatchObject({
      held: { heldAt: null, reason: null },
    })
    expect(await ask(personId)).toMatchObject({ outcome: 'asked' })
  })

  it('finds nobody who was erased, whatever is asked', async () => {
    const somebody = await fillSomebody(world, tenant)
    const { personId } = somebody
    await asked(personId)
    await world.run(tenant.tenantId)
    const notFound = { outcome: 'refused', code: 'person-not-found' }
    expect(await ask(personId)).toMatchObject(notFound)
    expect(await ask(personId, { kind: 'EXPORT' })).toMatchObject(notFound)
    expect(await privacy.hold({ ...tenant, personId, reason: 'x' })).toMatchObject(notFound)
    expect(await consent(personId)).toMatchObject(notFound)
    expect(await privacy.consents(tenant, personId, all)).toBeUndefined()
    const { dataApi: database, sealer } = world
    const persons = makePersonStore({ database, sealer, randomness: systemRandomness })
    expect(await persons.get(tenant, personId)).toBeUndefined()
    const contacts = { ...tenant, personId, contacts: [] }
    expect(await persons.putContacts(contacts)).toMatchObject(notFound)
    const renamed = { ...tenant, personId, name: 'Ana', externalId: undefined }
    expect(await persons.update(renamed)).toMatchObject(notFound)
    expect(await world.messages.accept(wish(tenant, somebody.chatId))).toMatchObject({
      outcome: 'refused',
      code: 'chat-closed',
    })
  })

  it('keeps each word; taking consent back stops marketing and giving it lets it go again', async () => {
    const chat = await openChat(world, tenant)
    const { personId } = chat.person
    await world.owner.query(
      "insert into provider_templates (tenant_id, waba_id, name, language, category, accepted_category, status) values ($1, $2, 'oferta', 'pt_BR', 'MARKETING', 'MARKETING', 'APPROVED')",
      [tenant.tenantId, tenant.sender.wabaId],
    )
    const template = { type: 'template', name: 'oferta', language: 'pt_BR', variables: {} } as const
    const send = () => world.messages.accept(wish(tenant, chat.chatId, { content: template }))
    const queued = await accept(world, tenant, { chatId: chat.chatId, content: template })

    const first = await consent(personId, { action: 'REVOKED' })
    expect(first).toMatchObject({ outcome: 'added', consent: { action: 'REVOKED' } })
    expect(await send()).toMatchObject({ outcome: 'refused', code: 'opted-out' })
    // A send that was queued before the word does not go after it.
    expect(await claim(world, queued)).toEqual([])
    await consent(personId, { action: 'GIVEN' })
    const again = await accept(world, tenant, { chatId: chat.chatId, content: template })
    expect(await claimOne(world, again)).toMatchObject({ messageId: again.messageId })

    const words = await privacy.consents(tenant, personId, all)
    expect(words?.items.map(({ action, source }) => [action, source])).toEqual([
      ['REVOKED', 'site'],
      ['GIVEN', 'site'],
    ])
  })

  it('books an opt-out in the ledger in the same transaction, and what takes it back', async () => {
    const chat = await openChat(world, tenant)
    const { personId } = chat.person
    const { dataApi: database, sealer } = world
    const persons = makePersonStore({ database, sealer, randomness: systemRandomness })
    const word = { ...tenant, personId, channel: 'WHATSAPP', category: 'ALL' } as const
    await persons.changeOptOut({ ...word, isOut: true })
    await persons.changeOptOut({ ...word, isOut: true })
    await persons.changeOptOut({ ...word, isOut: false })
    const page = await privacy.consents(tenant, personId, { limit: 1 })
    expect(page?.items).toMatchObject([{ action: 'REVOKED', purpose: 'all', source: 'client' }])
    const rest = await privacy.consents(tenant, personId, { limit: 9, cursor: page?.nextCursor })
    expect(rest?.items).toMatchObject([{ action: 'GIVEN', purpose: 'all' }])
    expect(rest?.items).toHaveLength(1)

    // Also of what a consent had stopped.
    await consent(personId, { action: 'REVOKED', purpose: 'all' })
    await persons.changeOptOut({ ...word, isOut: false })
    const words = await privacy.consents(tenant, personId, all)
    expect(words?.items.map(({ action }) => action)).toEqual([
      'REVOKED',
      'GIVEN',
      'REVOKED',
      'GIVEN',
    ])
  })

  it('lets nobody change what was said', async () => {
    const { personId } = (await openChat(world, tenant)).person
    await consent(personId)
    const change = world.owner.query(
      "update consents set action = 'REVOKED' where tenant_id = $1",
      [tenant.tenantId],
    )
    await expect(change).rejects.toMatchObject({ code: '42501' })
    const removal = world.owner.query('delete from consents where tenant_id = $1', [
      tenant.tenantId,
    ])
    await expect(removal).rejects.toMatchObject({ code: '42501' })
  })
})

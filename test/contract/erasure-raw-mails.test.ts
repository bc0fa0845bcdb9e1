import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeErasureStore } from '#shared/adapters/database/erasure-store.ts'
import { makeErasePerson } from '#shared/use-cases/erase-person.ts'
import {
  freshMail,
  type MailTenant,
  mailContact,
  notification,
  openReceivingWorld,
  parkedReasons,
  type ReceivingWorld,
  written,
} from '#test/support/receiving-world.ts'
import { allChats, fresh, openChat } from '#test/support/stores-world.ts'

const stored = { stored: 1, copies: 0, parked: 0, ignored: 0, gone: 0, woken: 0 }
const parked = { ...stored, stored: 0, parked: 1 }
const spam = { verdicts: { spam: 'FAIL' } }

/** Mails as they came in, in SES's bucket, of persons who are erased. */
describe('an erasure, of raw mails', () => {
  let world: ReceivingWorld
  let tenant: MailTenant

  beforeAll(async () => {
    world = await openReceivingWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    tenant = await world.addMailTenant()
  })

  const open = (address: string, at = tenant) =>
    openChat(world, at, { contacts: [mailContact(address)] })

  async function plan(personId: string, { tenantId } = tenant) {
    const { rows } = await world.owner.query(
      "select request::text from plan_privacy_v1($1, $2, 'ERASURE', null)",
      [tenantId, personId],
    )
    return { tenantId, requestId: String(rows[0].request) }
  }

  const erasuresOf = () =>
    makeErasureStore(world.dataApi, { backupDays: 35, rawMailDays: 30, queueDays: 14 })

  /** To its end; answers the counts of the receipt. */
  async function erase(personId: string, { at = tenant, hasInbox = true } = {}) {
    const name = await plan(personId, at)
    const run = makeErasePerson({
      erasures: erasuresOf(),
      ledger: {
        put: async () => undefined,
        all: () => {
          throw new Error('nothing is replayed here')
        },
      },
      objects: { delete: async () => undefined },
      rawMails: hasInbox ? world.rawMails : undefined,
    })
    const job = { taskId: '1', fence: '1', attempts: 1, messageId: undefined }
    expect(await run({ ...name, ...job, payload: { ...name } })).toEqual({ outcome: 'DONE' })
    const { rows } = await world.owner.query(
      `select receipt -> 'counts' as counts from privacy_requests
       where tenant_id = $1 and request_id = $2`,
      [name.tenantId, name.requestId],
    )
    return rows[0].counts
  }

  /** Hands a mail over; answers its key and what came of it. */
  async function hand(from: string, handed: Partial<Parameters<ReceivingWorld['hand']>[1]> = {}) {
    const sesMessageId = handed.sesMessageId ?? fresh('ses')
    const recipients = [tenant.fromAddress]
    const outcome = await world.hand(written(from), { recipients, ...handed, sesMessageId })
    return { key: `inbound/${sesMessageId}`, outcome }
  }

  const noted = async ({ tenantId } = tenant) => {
    const { rows } = await world.owner.query(
      `select object_key as key, message_id is not null as stored, person_id::text as person
       from raw_mails where tenant_id = $1 order by raw_mail_id`,
      [tenantId],
    )
    return rows
  }

  it('takes what the person wrote, whether it became a message or was parked', async () => {
    const [address, other] = [freshMail(), freshMail()]
    const { person } = await open(address)
    const mine = [await hand(address), await hand(address, spam), await hand(other)]
    expect(mine.map(({ outcome }) => outcome)).toEqual([stored, parked, stored])
    expect(await noted()).toEqual([
      { key: mine[0]?.key, stored: true, person: null },
      { key: mine[1]?.key, stored: false, person: null },
      { key: mine[2]?.key, stored: true, person: null },
    ])
    expect(await erase(person.personId)).toMatchObject({ rawMails: 2, parkedItems: 1 })
    const left = await world.rawKeys()
    expect(mine.map(({ key }) => left.includes(key))).toEqual([false, false, true])
    expect(await noted()).toEqual([{ key: mine[2]?.key, stored: true, person: null }])
    expect(await parkedReasons(world, tenant.tenantId)).toEqual([])
  })

  it('takes what somebody else wrote into the chat of the person', async () => {
    const chat = await open(freshMail())
    const recipients = [await world.tokenAddress(tenant, chat.chatId)]
    const { key } = await hand(freshMail(), { recipients })
    expect(await erase(chat.person.personId)).toMatchObject({ rawMails: 1 })
    expect(await world.rawKeys()).not.toContain(key)
  })

  it('takes what nobody read, by its envelope', async () => {
    // SES tells of every mail of these tests that this address sent it.
    const { person } = await open('ana@cliente.com.br')
    const virus = await hand(freshMail(), { verdicts: { virus: 'FAIL' } })
    expect(virus.outcome).toEqual(parked)
    expect(await erase(person.personId)).toMatchObject({ rawMails: 1, parkedItems: 1 })
    expect(await world.rawKeys()).not.toContain(virus.key)
  })

  it('of two companies takes the mail with the first, and what the other stored stays', async () => {
    const address = freshMail()
    const other = await world.addMailTenant()
    const [chat, otherChat] = [await open(address), await open(address, other)]
    const recipients = [tenant.fromAddress, other.fromAddress]
    const { key, outcome } = await hand(address, { recipients })
    expect(outcome).toEqual({ ...stored, stored: 2 })
    expect(await erase(chat.person.personId)).toMatchObject({ rawMails: 1 })
    expect(await world.rawKeys()).not.toContain(key)
    expect(await noted(other)).toEqual([{ key, stored: true, person: null }])
    const { rows } = await world.owner.query(
      'select content is not null as kept from chat_messages where chat_id = $1',
      [otherChat.chatId],
    )
    expect(rows).toEqual([{ kept: true }])
    expect(await erase(otherChat.person.personId, { at: other })).toMatchObject({ rawMails: 1 })
  })

  it('makes a notice that comes again ask for nothing, and keeps nothing of it', async () => {
    const address = freshMail()
    const { person } = await open(address)
    const sesMessageId = fresh('ses')
    await hand(address, { sesMessageId })
    await erase(person.personId)
    world.endpoint.resetCalls()
    const again = notification({ recipients: [tenant.fromAddress], sesMessageId })
    expect(await world.receive([again])).toEqual({ ...stored, stored: 0, gone: 1 })
    expect(world.endpoint.calls()).toEqual([])
    expect(await parkedReasons(world, tenant.tenantId)).toEqual([])
    expect(await noted()).toEqual([])
  })

  it('meets a later mail of the same address as one of somebody new', async () => {
    const address = freshMail()
    const { person } = await open(address)
    await erase(person.personId)
    const { key, outcome } = await hand(address)
    expect(outcome).toEqual(stored)
    expect(await noted()).toEqual([{ key, stored: true, person: null }])
    const [chat] = await allChats(world, tenant)
    expect(chat?.person.personId).not.toBe(person.personId)
    expect(await erase(String(chat?.person.personId))).toMatchObject({ rawMails: 1 })
    expect(await world.rawKeys()).not.toContain(key)
  })

  it('takes a copy of an erased mail that comes while it goes on', async () => {
    const address = freshMail()
    const { person } = await open(address)
    const headers = [`Message-ID: <${fresh('mail')}@cliente.com.br>`]
    const recipients = [tenant.fromAddress]
    const copyId = fresh('ses')
    await world.hand(written(address, headers), { recipients })
    const name = await plan(person.personId)
    const first = await erasuresOf().step(name, [])
    expect(first.outcome).toBe('more')
    const copy = await world.hand(written(address, headers), { recipients, sesMessageId: copyId })
    expect(copy).toEqual({ ...stored, stored: 0, copies: 1 })
    let step = first
    while (step.outcome === 'more') step = await erasuresOf().step(name, step.objects)
    expect(step.outcome).toBe('done')
    expect(await noted()).toEqual([])
  })

  it('notes it in the call that stores or parks it, once', async () => {
    const address = freshMail()
    await open(address)
    const twice = { sesMessageId: fresh('ses'), occurredAt: '2026-11-23T12:00:00.000Z' }
    for (const verdict of [{}, spam]) {
      await hand(address, { ...twice, ...verdict })
      world.endpoint.resetCalls()
      await hand(address, { ...twice, ...verdict })
      const calls = world.endpoint.calls().map(({ sql }) => sql)
      expect(calls).toEqual(['select * from store_mails_v1(:input::jsonb)'])
    }
    expect(await noted()).toHaveLength(1)
  })

  it('notes none of nobody, whose time is that of the bucket', async () => {
    const { outcome, key } = await hand(freshMail(), { recipients: [freshMail()] })
    expect(outcome).toEqual(parked)
    expect(await world.rawKeys()).toContain(key)
    expect(await noted({ ...tenant, tenantId: '0' })).toEqual([])
  })

  it('ends where no mail comes in any more, although its bucket is not there', async () => {
    const address = freshMail()
    const { person } = await open(address)
    const { key } = await hand(address)
    expect(await erase(person.personId, { hasInbox: false })).toMatchObject({
      ...{ rawMails: 0, rawMailsLeft: 1 },
    })
    expect(await world.rawKeys()).toContain(key)
    expect(await noted()).toEqual([])
  })

  it('and a mail that come at once end with the mail found, or of somebody new', async () => {
    for (let turn = 0; turn < 12; turn += 1) {
      const address = freshMail()
      const chat = await open(address)
      const name = await plan(chat.person.personId)
      const [{ key }] = await Promise.all([hand(address), erasuresOf().step(name, [])])
      const { rows } = await world.owner.query(
        `select r.person_id::text as claimed, c.person_id::text as person
         from raw_mails r join chat_messages m using (tenant_id, message_id)
         join chats c using (tenant_id, chat_id) where r.tenant_id = $1 and r.object_key = $2`,
        [tenant.tenantId, key],
      )
      const isOld = rows[0]?.person === chat.person.personId
      expect(rows, `turn ${turn}`).toEqual([
        { claimed: isOld ? chat.person.personId : null, person: expect.any(String) },
      ])
    }
  })

  it('refuses a mail into a chat that it has marked: it comes again as of somebody new', async () => {
    const chat = await open(freshMail())
    const name = await plan(chat.person.personId)
    const recipients = [await world.tokenAddress(tenant, chat.chatId)]
    const marking = await world.owner.connect()
    await marking.query('begin')
    await marking.query('select mark_erased_v1($1, $2)', [tenant.tenantId, chat.person.personId])
    world.endpoint.resetCalls()
    const handing = hand(freshMail(), { recipients })
    await waiter()
    await marking.query('commit')
    marking.release()
    const { key, outcome } = await handing
    expect(outcome).toEqual(stored)
    expect(world.endpoint.calls().length).toBeGreaterThan(1)
    const mine = (await allChats(world, tenant)).filter(({ status }) => status === 'ACTIVE')
    expect(mine.map(({ person }) => person.personId)).not.toContain(chat.person.personId)
    expect(await noted()).toEqual([{ key, stored: true, person: null }])
    expect(await erasuresOf().step(name, [])).toMatchObject({ objects: [] })
  })

  /** Until a call waits for what another transaction holds. */
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

  it.each([
    // A day more than what waits on a queue and then is kept as a dead letter, or as a parked item.
    [{ raw_days: 7, task_days: 60 }, 14 + 60 + 1],
    [{ raw_days: 90, task_days: 60 }, 14 + 90 + 1],
    // As long as what is nobody's, which the deployment's own tenant keeps.
    [{ raw_days: 1, task_days: 1 }, 14 + 30 + 1],
  ])('tells by when what is of nobody has gone: %o', async (settings, days) => {
    const { person } = await open(freshMail())
    await world.owner.query(
      'update tenants set raw_days = $2, task_days = $3 where tenant_id = $1',
      [tenant.tenantId, settings.raw_days, settings.task_days],
    )
    await erase(person.personId)
    const { rows } = await world.owner.query(
      `select (receipt ->> 'unassignedExpireOn')::date - (done_at at time zone 'UTC')::date as days
       from privacy_requests where tenant_id = $1`,
      [tenant.tenantId],
    )
    expect(rows).toEqual([{ days }])
  })
})

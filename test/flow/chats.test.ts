import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, type Flow, startFlow, textMessage, until } from '#test/support/stack.ts'

type Json = Readonly<Record<string, unknown>>

let issued = 0
/** Phones that nobody else of this file has. */
const freshPhone = () => {
  issued += 1
  return `+55119${String(86_000_000 + issued)}`
}

describe('chats, persons and their contacts, end to end', () => {
  let flow: Flow

  beforeAll(async () => {
    flow = await startFlow()
  })
  afterAll(() => flow?.stop())

  const other = () => ({ token: flow.stack.ready.otherTenantToken })
  const read = (chatId: string) => flow.ask(`GET /chats/${chatId}`)
  const etagOf = async (chatId: string) => (await read(chatId)).headers.get('etag') ?? ''
  const patch = (chatId: string, status: string, ifMatch?: string) =>
    flow.ask(`PATCH /chats/${chatId}`, {
      body: { status },
      ...(ifMatch !== undefined && { headers: { 'if-match': ifMatch } }),
    })
  const problem = ({ status, json }: Answer) => ({ status, code: json?.code })
  const list = async (query: string) => {
    const { status, json } = await flow.ask(`GET /chats?${query}`)
    expect(status).toBe(200)
    return json?.items as readonly Json[]
  }
  const personOf = async (chatId: string) => String((await read(chatId)).json?.personId)
  const writes = (phone: string, said = 'Oi') =>
    flow.phones.inbound({
      from: phone,
      name: 'Ana Lima',
      phoneNumberId: flow.stack.ready.phoneNumberId,
      content: { type: 'text', text: said },
    })
  const put = (personId: string, ...phones: readonly string[]) =>
    flow.ask(`PUT /persons/${personId}/contacts`, {
      body: { contacts: phones.map((address) => ({ channel: 'WHATSAPP', address })) },
    })

  describe('a chat', () => {
    it('is closed, reopened and archived under the ETag that was read', async () => {
      const chatId = await flow.openChat()
      for (const status of ['CLOSED', 'ACTIVE', 'ARCHIVED']) {
        const answer = await patch(chatId, status, await etagOf(chatId))
        expect(answer).toMatchObject({ status: 200, json: { chatId, status } })
        expect(answer.headers.get('etag')).toBe(await etagOf(chatId))
      }
      const archived = await patch(chatId, 'ACTIVE', await etagOf(chatId))
      expect(problem(archived)).toEqual({ status: 409, code: 'chat-archived' })
    })

    it('wants If-Match, and one that was read', async () => {
      const chatId = await flow.openChat()
      const stale = await etagOf(chatId)
      const { text } = await read(chatId)
      expect(problem(await patch(chatId, 'CLOSED'))).toEqual({
        status: 428,
        code: 'if-match-missing',
      })
      expect((await flow.post(chatId)).status).toBe(202)
      for (const tag of [stale, '*', '"1"', `W/${await etagOf(chatId)}`, 'made-up', '']) {
        expect(problem(await patch(chatId, 'CLOSED', tag))).toEqual({
          status: 412,
          code: 'version-mismatch',
        })
      }
      expect((await read(chatId)).json?.status).toBe('ACTIVE')
      expect(JSON.parse(text)).toMatchObject({ version: stale.slice(1).split('.')[0] })
      expect((await patch(chatId, 'ACTIVE', stale)).status).toBe(200)
    })

    it('changes its ETag, but not its version, with the person and the last message', async () => {
      const chatId = await flow.openChat()
      await flow.post(chatId)
      await until(
        () => flow.thread(chatId),
        ([message]) => message?.status === 'READ',
      )
      const before = await read(chatId)
      const rename = { body: { name: 'Ana Souza' } }
      expect((await flow.ask(`PATCH /persons/${await personOf(chatId)}`, rename)).status).toBe(200)
      const after = await read(chatId)
      expect(after.json).toMatchObject({
        version: before.json?.version,
        person: { name: 'Ana Souza' },
        lastMessage: { status: 'READ', preview: 'Olá', contentType: 'text' },
      })
      const etag = before.headers.get('etag') ?? ''
      expect(after.headers.get('etag')).not.toBe(etag)
      expect((await patch(chatId, 'CLOSED', etag)).status).toBe(200)
    })

    it('is not sent again to who has it', async () => {
      const chatId = await flow.openChat()
      const headers = { 'if-none-match': await etagOf(chatId) }
      const again = await flow.ask(`GET /chats/${chatId}`, { headers })
      expect({ status: again.status, text: again.text }).toEqual({ status: 304, text: '' })
      await flow.post(chatId)
      expect((await flow.ask(`GET /chats/${chatId}`, { headers })).status).toBe(200)
      const page = await flow.ask('GET /chats?limit=1&status=ARCHIVED')
      const etag = page.headers.get('etag') ?? ''
      const repeated = await flow.ask('GET /chats?limit=1&status=ARCHIVED', {
        headers: { 'if-none-match': `"x", ${etag}` },
      })
      expect(repeated.status).toBe(304)
    })

    it('does not exist for another tenant', async () => {
      const chatId = await flow.openChat()
      const headers = { 'if-match': await etagOf(chatId) }
      const body = { status: 'CLOSED' }
      const theirs = await flow.ask(`PATCH /chats/${chatId}`, { ...other(), body, headers })
      expect(problem(theirs)).toEqual({ status: 404, code: 'chat-not-found' })
      expect((await read(chatId)).json?.status).toBe('ACTIVE')
      const personId = await personOf(chatId)
      const listed = await flow.ask(`GET /chats?personId=${personId}`, other())
      expect(listed.json).toEqual({ items: [], nextCursor: null })
    })

    it('reopens with what the person writes, unless it was archived', async () => {
      const phone = freshPhone()
      const chatId = await flow.openChat(phone)
      await patch(chatId, 'CLOSED', await etagOf(chatId))
      writes(phone)
      await until(
        async () => (await read(chatId)).json,
        (chat) => chat?.status === 'ACTIVE' && chat.unreadCount === 1,
      )
      await patch(chatId, 'ARCHIVED', await etagOf(chatId))
      writes(phone, 'De novo')
      const personId = await personOf(chatId)
      const chats = await until(
        () => list(`personId=${personId}`),
        (found) => found.length === 2,
      )
      expect(chats.map(({ status }) => status)).toEqual(['ACTIVE', 'ARCHIVED'])
      expect(problem(await patch(chatId, 'ACTIVE', await etagOf(chatId))).code).toBe(
        'chat-archived',
      )
    })
  })

  describe('the list', () => {
    it('is narrowed by each filter', async () => {
      const phone = freshPhone()
      const chatId = await flow.openChat(phone)
      writes(phone)
      await until(
        async () => (await read(chatId)).json?.unreadCount,
        (count) => count === 1,
      )
      const personId = await personOf(chatId)
      const idsOf = async (query: string) =>
        (await list(`personId=${personId}&${query}`)).map((chat) => chat.chatId)
      for (const query of ['unread=true', 'status=ACTIVE', 'channel=WHATSAPP', 'limit=1']) {
        expect(await idsOf(query)).toEqual([chatId])
      }
      for (const query of ['unread=false', 'status=CLOSED', 'channel=EMAIL']) {
        expect(await idsOf(query)).toEqual([])
      }
      const { json } = await read(chatId)
      const before = new Date(Date.parse(String(json?.updatedAt)) - 1000).toISOString()
      expect(await idsOf(`updatedAfter=${before}`)).toEqual([chatId])
      const later = '2126-01-01T00:00:00-03:00'
      expect(await idsOf(`updatedAfter=${encodeURIComponent(later)}`)).toEqual([])
    })

    it.each([
      'personId=0',
      'personId=a',
      'status=OPEN',
      'channel=SMS',
      'unread=1',
      'updatedAfter=yesterday',
      'updatedAfter=0000-01-01T00:00:00Z',
      'colour=red',
    ])('takes no %s', async (query) => {
      expect(problem(await flow.ask(`GET /chats?${query}`))).toEqual({
        status: 422,
        code: 'invalid-query',
      })
    })

    it('has cursors that belong to their filter', async () => {
      await flow.openChat()
      await flow.openChat()
      const { json } = await flow.ask('GET /chats?limit=1&status=ACTIVE')
      const cursor = String(json?.nextCursor)
      expect((await flow.ask(`GET /chats?limit=1&status=ACTIVE&cursor=${cursor}`)).status).toBe(200)
      expect(problem(await flow.ask(`GET /chats?limit=1&cursor=${cursor}`))).toEqual({
        status: 422,
        code: 'invalid-cursor',
      })
    })
  })

  describe('a person', () => {
    it('is found by either id, and by nobody else', async () => {
      const phone = freshPhone()
      const chatId = await flow.openChat(phone)
      const { personId, person } = (await read(chatId)).json as Json & { person: Json }
      const answer = await flow.ask(`GET /persons/${personId}`)
      expect(answer).toMatchObject({
        status: 200,
        json: {
          personId,
          name: 'Ana Lima',
          contacts: [{ channel: 'WHATSAPP', address: phone }],
          optOuts: [],
          activeChatId: chatId,
          mergedIntoPersonId: null,
        },
      })
      const found = await flow.ask(`GET /persons?externalId=${String(person.externalId)}`)
      expect(found.json).toEqual({ items: [answer.json], nextCursor: null })
      const headers = { 'if-none-match': answer.headers.get('etag') ?? '' }
      expect((await flow.ask(`GET /persons/${personId}`, { headers })).status).toBe(304)
      expect((await flow.ask('GET /persons?externalId=nobody')).json?.items).toEqual([])
      expect(problem(await flow.ask('GET /persons'))).toMatchObject({ status: 422 })
      const body = { contacts: [] }
      const asks: readonly Promise<Answer>[] = [
        flow.ask(`GET /persons/${personId}`, other()),
        flow.ask(`GET /persons/${personId}/opt-outs`, other()),
        flow.ask(`PATCH /persons/${personId}`, { ...other(), body: { name: 'Eu' } }),
        flow.ask(`PUT /persons/${personId}/contacts`, { ...other(), body }),
        flow.ask(`PUT /persons/${personId}/opt-outs/WHATSAPP/ALL`, other()),
        flow.ask(`DELETE /persons/${personId}/opt-outs/WHATSAPP/ALL`, other()),
        flow.ask('GET /persons/none'),
      ]
      const answers = (await Promise.all(asks)).map(problem)
      expect(answers).toEqual(asks.map(() => ({ status: 404, code: 'person-not-found' })))
      expect((await flow.ask(`GET /persons/${personId}`)).json).toEqual(answer.json)
    })

    it('is written to where the business says', async () => {
      const [old, fresh] = [freshPhone(), freshPhone()]
      const chatId = await flow.openChat(old)
      const personId = await personOf(chatId)
      expect((await put(personId, fresh)).json).toMatchObject({
        contacts: [{ channel: 'WHATSAPP', address: fresh }],
      })
      await flow.post(chatId, { body: textMessage('No número novo') })
      await until(
        () => flow.thread(chatId),
        ([message]) => message?.status === 'READ',
      )
      const bodies = flow.phones.ledger().calls.map(({ body }) => JSON.stringify(body))
      const [sent] = bodies.filter((body) => body.includes('No número novo'))
      expect(sent).toContain(fresh.slice(1))
      const theirs = await flow.openChat(freshPhone())
      expect(problem(await put(await personOf(theirs), fresh))).toEqual({
        status: 409,
        code: 'contact-taken',
      })
      expect(problem(await put(personId, 'abc'))).toEqual({ status: 422, code: 'invalid-body' })
    })

    it('who wrote first is merged into the one who is given their number', async () => {
      const phone = freshPhone()
      const chatId = await flow.openChat()
      const personId = await personOf(chatId)
      writes(phone)
      const [wrote] = await until(
        () => list('unread=true&limit=100'),
        (chats) => JSON.stringify(chats[0]?.contacts).includes(phone),
      )
      expect((await put(personId, phone)).json).toMatchObject({ personId, activeChatId: chatId })
      const merged = String(wrote?.chatId)
      expect((await read(merged)).json).toMatchObject({ mergedIntoChatId: chatId, personId })
      expect(problem(await patch(merged, 'ACTIVE', await etagOf(merged)))).toEqual({
        status: 409,
        code: 'chat-merged',
      })
      const gone = await flow.ask(`GET /persons/${String(wrote?.personId)}`)
      expect(gone.json).toMatchObject({ mergedIntoPersonId: personId, contacts: [] })
    })
  })

  describe('an opt-out', () => {
    it('stops messages until it is taken back', async () => {
      const chatId = await flow.openChat()
      const personId = await personOf(chatId)
      const path = `/persons/${personId}/opt-outs/WHATSAPP/ALL` as const
      const item = { channel: 'WHATSAPP', category: 'ALL', source: 'client' }
      expect(await flow.ask(`PUT ${path}`)).toMatchObject({
        status: 200,
        json: { items: [{ ...item, restoredAt: null }] },
      })
      expect(problem(await flow.post(chatId))).toEqual({ status: 422, code: 'opted-out' })
      const listed = await flow.ask(`GET /persons/${personId}/opt-outs`)
      expect(listed.json?.items).toMatchObject([{ ...item, restoredAt: null }])
      expect((await flow.ask(`DELETE ${path}`)).json?.items).toMatchObject([
        { ...item, restoredAt: expect.stringMatching(/Z$/) },
      ])
      expect((await flow.post(chatId)).status).toBe(202)
    })

    it('of marketing lets the rest go', async () => {
      const chatId = await flow.openChat()
      await flow.ask(`PUT /persons/${await personOf(chatId)}/opt-outs/WHATSAPP/MARKETING`)
      expect((await flow.post(chatId)).status).toBe(202)
    })

    it('names a channel and a category that exist, and a contact that is there', async () => {
      const personId = await personOf(await flow.openChat())
      for (const name of ['SMS/ALL', 'WHATSAPP/all', 'WHATSAPP/SERVICE']) {
        expect(problem(await flow.ask(`PUT /persons/${personId}/opt-outs/${name}`))).toEqual({
          status: 404,
          code: 'opt-out-not-found',
        })
      }
      expect(problem(await flow.ask(`PUT /persons/${personId}/opt-outs/EMAIL/ALL`))).toEqual({
        status: 422,
        code: 'contact-missing',
      })
    })
  })
})

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Flow, startFlow } from '#test/support/stack.ts'

describe('/suppressions', () => {
  let flow: Flow
  beforeAll(async () => {
    flow = await startFlow()
  })
  afterAll(() => flow.stop())

  const freshAddress = () => `${randomUUID()}@cliente.com.br`
  const suppress = (body: object, headers: Record<string, string> = {}) =>
    flow.ask('POST /suppressions', { body, headers })
  const list = async (query: string, token?: string) => {
    const path = `GET /suppressions${query}` as const
    const { status, json } = await flow.ask(path, { ...(token !== undefined && { token }) })
    expect(status).toBe(200)
    return json as {
      items: { suppressionId: string; address: string }[]
      nextCursor: string | null
    }
  }
  const named = (address: string, token?: string) =>
    list(`?channel=EMAIL&address=${encodeURIComponent(address)}`, token)

  it('are added, shown, found and removed', async () => {
    const address = freshAddress()
    const { status, json } = await suppress({ channel: 'EMAIL', address })
    expect(status).toBe(201)
    expect(json).toEqual({
      suppressionId: expect.stringMatching(/^\d+$/),
      ...{ channel: 'EMAIL', address, reason: 'manual', source: 'client' },
      clientId: expect.stringMatching(/^\d+$/),
      createdAt: expect.stringMatching(/Z$/),
      expiresAt: null,
    })
    expect(await named(address)).toEqual({ items: [json], nextCursor: null })
    expect(await named(address.toUpperCase())).toEqual({ items: [json], nextCursor: null })
    const route = `DELETE /suppressions/${json?.suppressionId}` as const
    // A second time changes nothing.
    for (let times = 0; times < 2; times += 1) {
      const removed = await flow.ask(route)
      expect([removed.status, removed.text]).toEqual([204, ''])
    }
    expect((await named(address)).items).toEqual([])
    const rows = await flow.rows(
      `select removed_by, removed_by_client_id::text as client from suppressions
       where suppression_id = $1`,
      [json?.suppressionId],
    )
    expect(rows).toEqual([{ removed_by: 'client', client: json?.clientId }])
  })

  it('are kept sealed: the address is in no cell', async () => {
    const address = freshAddress()
    await suppress({ channel: 'EMAIL', address })
    const [row] = await flow.rows(
      `select count(*)::int as found from suppressions s where s::text like '%' || $1 || '%'
         or position(convert_to($1, 'UTF8') in s.value) > 0`,
      [address],
    )
    expect(row).toEqual({ found: 0 })
  })

  it('are answered again to the byte under the same key, and refused with another body', async () => {
    const headers = { 'idempotency-key': randomUUID() }
    const body = { channel: 'EMAIL', address: freshAddress(), reason: 'complaint' }
    const first = await suppress(body, headers)
    const again = await suppress(body, headers)
    expect([first.status, again.status, again.text]).toEqual([201, 201, first.text])
    const other = await suppress({ ...body, reason: 'manual' }, headers)
    expect([other.status, other.json?.code]).toEqual([422, 'idempotency-key-mismatch'])
    const anew = await suppress({ ...body, reason: 'manual' })
    expect([anew.status, anew.json]).toEqual([200, first.json])
  })

  it('know a phone by any of its spellings', async () => {
    const { status, json } = await suppress({ channel: 'WHATSAPP', address: '+55 11 98765-0001' })
    expect([status, json?.address]).toEqual([201, '+5511987650001'])
    const found = await list('?channel=WHATSAPP&address=%2B551187650001')
    expect(found.items).toEqual([json])
  })

  it('belong to their tenant', async () => {
    const address = freshAddress()
    const { json } = await suppress({ channel: 'EMAIL', address })
    const token = flow.stack.ready.otherTenantToken
    expect((await named(address, token)).items).toEqual([])
    const removed = await flow.ask(`DELETE /suppressions/${json?.suppressionId}`, { token })
    expect([removed.status, removed.json?.code]).toEqual([404, 'suppression-not-found'])
    expect((await named(address)).items).toHaveLength(1)
  })

  it('come page by page, newest first', async () => {
    const expiresAt = '2999-01-01T00:00:00-03:00'
    const made: unknown[] = []
    for (let count = 0; count < 5; count += 1) {
      const { json } = await suppress({ channel: 'EMAIL', address: freshAddress(), expiresAt })
      made.unshift(json)
    }
    const first = await list('?channel=EMAIL&limit=3')
    const cursor = encodeURIComponent(first.nextCursor ?? '')
    const second = await list(`?channel=EMAIL&limit=2&cursor=${cursor}`)
    expect([...first.items, ...second.items]).toEqual(made)
    expect(made[0]).toMatchObject({ expiresAt: '2999-01-01T03:00:00.000Z' })
    const elsewhere = await flow.ask(`GET /suppressions?cursor=${cursor}`)
    expect([elsewhere.status, elsewhere.json?.code]).toEqual([422, 'invalid-cursor'])
  })

  it.each([
    '?channel=SMS',
    '?address=ana@cliente.com.br',
    '?channel=EMAIL&address=ana',
    '?channel=WHATSAPP&address=ana@cliente.com.br',
    '?colour=red',
    '?limit=0',
  ])('GET %s is 422', async (query) => {
    const { status, json } = await flow.ask(`GET /suppressions${query}`)
    expect([status, json?.code]).toEqual([422, 'invalid-query'])
  })

  const address = 'ana@cliente.com.br'
  it.each([
    ['no address', { channel: 'EMAIL' }, 'invalid-body'],
    ['no channel', { address }, 'invalid-body'],
    ['a phone as a mail address', { channel: 'EMAIL', address: '11987650001' }, 'invalid-body'],
    ['a line break', { channel: 'EMAIL', address: 'ana@cliente.com.br\r\nBcc: x' }, 'invalid-body'],
    [
      "the provider's reason",
      { channel: 'EMAIL', address, reason: 'provider-list' },
      'invalid-body',
    ],
    ['an unknown field', { channel: 'EMAIL', address, colour: 'red' }, 'invalid-body'],
    ['no time', { channel: 'EMAIL', address, expiresAt: 'tomorrow' }, 'invalid-body'],
    [
      'a time that is over',
      { channel: 'EMAIL', address, expiresAt: '2020-01-01T00:00:00Z' },
      'expiry-passed',
    ],
  ])('POST with %s is 422', async (_, body, code) => {
    const answer = await suppress(body)
    expect([answer.status, answer.json?.code]).toEqual([422, code])
  })

  it('that nobody has are 404', async () => {
    for (const id of ['999999', '0', 'x', '1%27']) {
      const { status, json } = await flow.ask(`DELETE /suppressions/${id}`)
      expect([status, json?.code]).toEqual([404, 'suppression-not-found'])
    }
  })

  it('cost one database call and one token a request', async () => {
    flow.stack.dataApi?.resetCalls()
    const answers = [
      await suppress({ channel: 'EMAIL', address: freshAddress() }),
      await flow.ask('GET /suppressions'),
      await flow.ask('DELETE /suppressions/999999'),
    ]
    const calls = flow.stack.dataApi
      ?.calls()
      .filter(({ sql }) => /suppression|take_client_token/.test(sql))
    expect(calls).toHaveLength(3)
    for (const { headers } of answers) expect(headers.get('ratelimit')).toMatch(/r=\d+/)
  })
})

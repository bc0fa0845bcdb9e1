import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEventBus } from '#test/support/event-bus.ts'
import { isSignedBy, receiver } from '#test/support/receiver.ts'
import { type Answer, type Flow, startFlow, until } from '#test/support/stack.ts'

interface ShownEvent {
  readonly id: string
  readonly type: string
  readonly createdAt: string
  readonly data: Readonly<Record<string, unknown>>
}

/** What happens to a message, as the feed, a program's webhook and the bus hear of it. */
describe('events on the whole stack', () => {
  let flow: Flow
  let bus: Awaited<ReturnType<typeof startEventBus>>

  beforeAll(async () => {
    bus = await startEventBus()
    flow = await startFlow({ environment: { AWS_ENDPOINT_URL_EVENTBRIDGE: bus.url } })
  })
  afterAll(async () => {
    await flow.stop()
    await bus.close()
  })

  const now = async () => String((await flow.ask('GET /events?from=now')).json?.nextCursor)

  /** Reads on from a cursor until what was read holds. */
  async function feedUntil(cursor: string, holds: (seen: readonly ShownEvent[]) => boolean) {
    const seen: ShownEvent[] = []
    let after = cursor
    await until(async () => {
      const { json } = await flow.ask(`GET /events?after=${encodeURIComponent(after)}&limit=2`)
      seen.push(...((json?.items ?? []) as ShownEvent[]))
      after = String(json?.nextCursor)
      return seen
    }, holds)
    return seen
  }
  async function subscribe(url: string, types: readonly string[] = []) {
    const { status, json } = await flow.ask('POST /subscriptions', { body: { url, types } })
    if (status !== 201) throw new Error(`not subscribed: ${status} ${json?.code}`)
    return { id: String(json?.subscriptionId), secret: String(json?.secret) }
  }
  const unsubscribe = async (id: string) =>
    expect((await flow.ask(`DELETE /subscriptions/${id}`)).status).toBe(204)
  const problem = ({ status, json }: Answer) => `${status} ${json?.code}`
  const typesOf = (events: readonly { type: string }[]) => events.map(({ type }) => type)
  const bodies = (program: Awaited<ReturnType<typeof receiver>>) =>
    program.seen.map(({ body }) => JSON.parse(body) as ShownEvent)

  const life = [
    'chat.opened',
    'message.accepted',
    'message.delivered',
    'message.read',
    'message.sent',
  ]

  it("a message's life is in the feed, at the receiver, signed, and on the bus", async () => {
    const program = await receiver()
    const { id, secret } = await subscribe(program.url)
    const cursor = await now()
    const chatId = await flow.openChat()
    const { json: accepted } = await flow.post(chatId)
    const seen = await feedUntil(cursor, (events) => typesOf(events).includes('message.read'))
    expect(typesOf(seen).toSorted()).toEqual(life)
    expect(new Set(seen.map((event) => event.id)).size).toBe(life.length)
    expect(seen.find(({ type }) => type === 'message.sent')?.data).toMatchObject({
      chatId,
      messageId: accepted?.messageId,
      channel: 'WHATSAPP',
      direction: 'OUTBOUND',
      status: 'SENT',
    })

    await until(
      () => program.seen.length,
      (count) => count >= life.length,
    )
    const byId = (one: ShownEvent, other: ShownEvent) => Number(one.id) - Number(other.id)
    expect(bodies(program).toSorted(byId)).toEqual(seen.toSorted(byId))
    for (const call of program.seen) expect(isSignedBy(secret, call)).toBe(true)

    const ids = seen.map((event) => event.id)
    const onBus = await until(
      () =>
        bus.taken.map(({ Detail }) => JSON.parse(Detail)).filter((event) => ids.includes(event.id)),
      (events) => events.length === life.length,
    )
    expect(onBus.map(({ tenantId: _, ...event }) => event).toSorted(byId)).toEqual(
      seen.toSorted(byId),
    )
    await unsubscribe(id)
  })

  it('an event that a receiver refuses comes again under the same id', async () => {
    const program = await receiver((response) => response.writeHead(500).end())
    const { id } = await subscribe(program.url, ['chat.opened'])
    await flow.openChat()
    await until(
      () => program.seen.length,
      (count) => count === 1,
    )
    program.answerWith((response) => response.writeHead(200).end())
    await until(
      () => program.seen.length,
      (count) => count === 2,
    )
    const [first, second] = program.seen
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id'])
    expect(second?.body).toBe(first?.body)
    const { json } = await until(
      () => flow.ask(`GET /subscriptions/${id}/deliveries`),
      (answer) => (answer.json?.items as unknown[] | undefined)?.length === 2,
    )
    expect(json).toMatchObject({
      items: [
        { number: 2, outcome: 'delivered', statusCode: 200 },
        { number: 1, outcome: 'refused', statusCode: 500 },
      ],
      nextCursor: null,
    })
    await unsubscribe(id)
  })

  it('a receiver that is gone is paused, told of, resumed, and given what it missed', async () => {
    const program = await receiver((response) => response.writeHead(410).end())
    const { id, secret } = await subscribe(program.url, ['chat.opened'])
    const startedAt = new Date(Date.now() - 60_000).toISOString()
    const cursor = await now()
    await flow.openChat()
    const seen = await feedUntil(cursor, (events) =>
      typesOf(events).includes('subscription.paused'),
    )
    expect(seen.at(-1)?.data).toEqual({ subscriptionId: id, reason: 'gone' })
    const shown = async () => (await flow.ask(`GET /subscriptions/${id}`)).json
    expect(await shown()).toMatchObject({ status: 'PAUSED', pausedReason: 'gone' })
    const wish = { from: startedAt, to: new Date(Date.now() + 60_000).toISOString() }
    const replay = (body: unknown) => flow.ask(`POST /subscriptions/${id}/replay`, { body })
    expect(problem(await replay(wish))).toBe('409 subscription-paused')

    program.answerWith((response) => response.writeHead(204).end())
    const resumed = await flow.ask(`PATCH /subscriptions/${id}`, { body: { status: 'ACTIVE' } })
    expect(resumed.json).toMatchObject({ status: 'ACTIVE', pausedReason: null })
    const calls = program.seen.length
    const missed = seen.find(({ type }) => type === 'chat.opened')
    expect(await replay({ eventId: missed?.id })).toMatchObject({
      status: 202,
      json: { events: 1, nextFrom: null },
    })
    await until(
      () => program.seen.length,
      (count) => count === calls + 1,
    )
    expect(bodies(program).at(-1)).toEqual(missed)

    const rotated = await flow.ask(`POST /subscriptions/${id}/rotate-secret`)
    const opened = Number((await replay(wish)).json?.events)
    expect(opened).toBeGreaterThanOrEqual(1)
    await until(
      () => program.seen.length,
      (count) => count === calls + 1 + opened,
    )
    for (const call of program.seen.slice(calls + 1)) {
      expect(isSignedBy(secret, call)).toBe(true)
      expect(isSignedBy(String(rotated.json?.secret), call)).toBe(true)
    }
    await unsubscribe(id)
    expect(problem(await flow.ask(`GET /subscriptions/${id}`))).toBe('404 subscription-not-found')
  })

  it('asked again with the same key it is the same subscription, with the same secret', async () => {
    const headers = { 'idempotency-key': 'subscribe-once' }
    const body = { url: 'http://127.0.0.1:9/hook' }
    const first = await flow.ask('POST /subscriptions', { headers, body })
    const second = await flow.ask('POST /subscriptions', { headers, body })
    expect(first).toMatchObject({
      status: 201,
      json: { url: body.url, types: [], secret: expect.stringMatching(/^whsec_/) },
    })
    expect(first.headers.get('location')).toBe(`/subscriptions/${first.json?.subscriptionId}`)
    expect(second.json).toEqual(first.json)
    const { json } = await flow.ask('GET /subscriptions')
    expect(JSON.stringify(json)).not.toContain('whsec_')
    await unsubscribe(String(first.json?.subscriptionId))
  })

  it.each([
    ['an unknown type', { url: 'https://example.com/', types: ['message.lost'] }],
    ['an address that is none', { url: 'example' }],
    ['an unknown field', { url: 'https://example.com/', secret: 'mine' }],
    ['no address', {}],
  ])('%s is refused', async (_, body) => {
    expect(problem(await flow.ask('POST /subscriptions', { body }))).toBe('422 invalid-body')
  })

  it.each(['ftp://example.com/', 'https://u:p@example.com/'])(
    '%s is no address for it',
    async (url) => {
      const answer = await flow.ask('POST /subscriptions', { body: { url } })
      expect(problem(answer)).toBe('422 address-refused')
    },
  )

  it('a feed refuses cursors that are none, and unknown types', async () => {
    expect(problem(await flow.ask('GET /events?after=abc'))).toBe('422 invalid-cursor')
    expect(problem(await flow.ask('GET /events?types=message.lost'))).toBe('422 invalid-query')
    const cursor = await now()
    expect(problem(await flow.ask(`GET /events?from=now&after=${cursor}`))).toBe(
      '422 invalid-query',
    )
    const token = flow.stack.ready.otherTenantToken
    expect(problem(await flow.ask(`GET /events?after=${cursor}`, { token }))).toBe(
      '422 invalid-cursor',
    )
  })

  it("another tenant's events and subscriptions are not there", async () => {
    const token = flow.stack.ready.otherTenantToken
    const { id } = await subscribe('http://127.0.0.1:9/hook', ['template.changed'])
    const route = `/subscriptions/${id}` as const
    const answers = [
      await flow.ask(`GET ${route}`, { token }),
      await flow.ask(`PATCH ${route}`, { token, body: { status: 'PAUSED' } }),
      await flow.ask(`DELETE ${route}`, { token }),
      await flow.ask(`POST ${route}/rotate-secret`, { token }),
      await flow.ask(`POST ${route}/replay`, { token, body: { eventId: '1' } }),
      await flow.ask(`GET ${route}/deliveries`, { token }),
    ]
    expect(answers.map(problem)).toEqual(Array(6).fill('404 subscription-not-found'))
    const { json } = await flow.ask('GET /events', { token })
    expect(json).toMatchObject({ items: [], hasMore: false })
    await unsubscribe(id)
  })
})

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type LocalAws, startAws } from '#infra/local/aws.ts'
import { place } from '#infra/local/resources.ts'
import { type Flow, metaBody, metaStatus, metaText, startFlow, until } from '#test/support/stack.ts'
import { type QueueProxy, startQueueProxy } from '#test/support/stack-queue.ts'

/** Database calls of warm functions, and what happens when a queue fails. */
describe('calls and losses', () => {
  let aws: LocalAws
  let proxy: QueueProxy
  let flow: Flow

  beforeAll(async () => {
    aws = await startAws(0, place.region)
    proxy = await startQueueProxy(aws.url)
    flow = await startFlow({ environment: { AWS_ENDPOINT_URL_SQS: proxy.url } })
  })
  afterAll(async () => {
    await flow.stop()
    await Promise.all([proxy.close(), aws.close()])
  })
  afterEach(() => {
    proxy.set('none')
    flow.phones.clearLedger()
    flow.phones.clearFaults()
  })

  /** Calls but those for the configuration, which warm functions load every 5 minutes. */
  function databaseCalls(): readonly string[] {
    const calls = flow.stack.dataApi?.calls() ?? []
    return calls.map(({ sql }) => sql).filter((sql) => !sql.includes("'kind', 'tenant'"))
  }

  /** The database calls of a piece of work while nothing else happens. */
  async function callsOf<T>(
    work: () => Promise<T>,
  ): Promise<{ calls: readonly string[]; value: T }> {
    flow.stack.dataApi?.resetCalls()
    const value = await work()
    return { calls: databaseCalls(), value }
  }

  /** What was put on a queue by this work; nothing of it arrives. */
  async function queuedBy(type: string, work: () => Promise<unknown>): Promise<readonly string[]> {
    proxy.set('lost')
    const before = proxy.batches.length
    await work()
    return proxy.batches
      .slice(before)
      .filter(({ queueUrl }) => queueUrl.includes(type))
      .flatMap(({ entries }) => entries.map(({ MessageBody }) => MessageBody))
  }

  const invoke = (functionName: string, bodies: readonly string[]) =>
    flow.stack.pool.invoke(functionName, {
      Records: bodies.map((body, index) => ({ messageId: String(index), body, attributes: {} })),
    })

  const isRead = (chatId: string) =>
    until(
      () => flow.thread(chatId),
      (messages) => messages.length > 0 && messages.every(({ status }) => status === 'READ'),
    )

  it('a wake-up that is lost is brought by the relay', async () => {
    const chatId = await flow.openChat()
    for (const fault of ['lost', 'down', 'refused'] as const) {
      proxy.set(fault, 'MESSAGE_SEND')
      const posted = await flow.post(chatId)
      expect(posted.status).toBe(202)
      proxy.set('none')
      expect((await flow.thread(chatId)).at(-1)?.status).toBe('QUEUED')
      expect(flow.phones.ledger().calls).toEqual([])
      await flow.rows(`update tasks set woken_at = woken_at - interval '130 seconds'`)
      await flow.stack.pool.invoke('relay', {})
      await isRead(chatId)
      expect(flow.phones.ledger().calls).toHaveLength(1)
      flow.phones.clearLedger()
    }
  })

  it.each(['down', 'refused'] as const)(
    'a webhook is not acknowledged while its queue is %s, and nothing of it is lost',
    async (fault) => {
      proxy.set(fault, 'WEBHOOK_EVENT')
      const from = fault === 'down' ? '5511977770001' : '5511977770002'
      const body = metaBody(flow.stack.ready, {
        messages: [metaText(`wamid.${fault}`, from, 'Oi')],
      })
      const refused = await flow.webhook(body)
      expect(refused.status).toBeGreaterThanOrEqual(500)
      const stored = () =>
        flow.rows(`select 1 from chat_messages where provider_message_id = 'wamid.${fault}'`)
      expect(await stored()).toEqual([])
      proxy.set('none')
      expect((await flow.webhook(body)).status).toBe(200)
      await until(stored, (rows) => rows.length === 1)
    },
  )

  it('a report whose webhook was refused comes again, until it is shown', async () => {
    const chatId = await flow.openChat()
    proxy.set('refused', 'WEBHOOK_EVENT')
    await flow.post(chatId)
    await until(
      () => flow.phones.ledger().events.flatMap(({ answers }) => answers),
      (answers) => answers.some(({ httpStatus }) => (httpStatus ?? 0) >= 500),
    )
    proxy.set('none')
    await isRead(chatId)
  })

  describe('database calls, warm', () => {
    it('POST message makes 1', async () => {
      const chatId = await flow.openChat()
      await quiet()
      proxy.set('lost')
      await flow.post(chatId)
      const { calls, value } = await callsOf(() => flow.post(chatId))
      expect(value.status).toBe(202)
      tell(`POST message: ${calls.length} database call`)
      expect(calls).toHaveLength(1)
    })

    it('each other way to use messages makes 1, a request of 100 too', async () => {
      const chatId = await flow.openChat()
      proxy.set('lost')
      const planned = { channel: 'WHATSAPP', content: { type: 'text', text: 'Olá' } }
      const sendAt = '2030-01-01T12:00:00Z'
      const message = { ...planned, sendAt, chatId }
      const { json } = await flow.post(chatId, { body: { ...planned, sendAt } })
      const path = `/chats/${chatId}/messages/${json?.messageId}` as const
      await flow.ask(`POST ${path}/cancel`)
      const ways = [
        ['POST /messages', { messages: Array(100).fill(message) }, 200],
        [`POST /chats/${chatId}/messages/check`, planned, 200],
        [`POST ${path}/resend`, { sendAt }, 202],
        [`GET ${path}`, undefined, 200],
        [`GET /chats/${chatId}/messages?limit=100`, undefined, 200],
        [`DELETE ${path}`, undefined, 200],
      ] as const
      for (const [route, body, status] of ways) {
        const { calls, value } = await callsOf(() => flow.ask(route, { body }))
        expect([route, value.status]).toEqual([route, status])
        tell(`${route.replaceAll(/\d+/g, '…')}: ${calls.length} database call`)
        expect(calls).toHaveLength(1)
      }
      await flow.rows(
        `update tasks set state = 'CANCELLED' where state = 'PENDING' and planned_at > now()`,
      )
      await flow.rows(
        `update chat_messages set status = 'CANCELLED' where status = 'QUEUED' and chat_id = $1`,
        [chatId],
      )
    })

    it('a batch of ten sends makes 2, a single one too', async () => {
      const chats = await Promise.all(Array.from({ length: 11 }, () => flow.openChat()))
      const bodies = await queuedBy('MESSAGE_SEND', () =>
        Promise.all(chats.map((chatId) => flow.post(chatId))),
      )
      expect(bodies).toHaveLength(11)
      flow.phones.configure({
        delays: { sentMs: 80_000_000, deliveredMs: 80_000_000, readMs: 80_000_000 },
      })
      flow.phones.clearLedger()
      const one = await callsOf(() => invoke('message-send', bodies.slice(0, 1)))
      const ten = await callsOf(() => invoke('message-send', bodies.slice(1)))
      tell(`a batch of 1 send: ${one.calls.length}, of 10: ${ten.calls.length} calls`)
      expect(one.calls).toHaveLength(2)
      expect(ten.calls).toHaveLength(2)
      expect(ten.value).toMatchObject({ payload: { batchItemFailures: [] } })
      expect(flow.phones.ledger().calls).toHaveLength(11)
    })

    it('a webhook of 1,000 mixed items makes 0 at the door and 1 behind it', async () => {
      const attempts = await flow.rows(
        `select provider_message_id as wamid from send_attempts where outcome = 'ACCEPTED'
           and reported_status is null`,
      )
      const known = attempts.flatMap(({ wamid }) =>
        ['sent', 'delivered', 'read'].map((status) => metaStatus(String(wamid), status)),
      )
      const statuses = [
        ...known,
        ...Array.from({ length: 600 - known.length }, (_, index) =>
          metaStatus(`wamid.strange.${index}`, index % 9 === 0 ? 'baffled' : 'sent'),
        ),
      ]
      const messages = Array.from({ length: 400 }, (_, index) =>
        metaText(`wamid.batch.${index}`, `55119${66_000_000 + (index % 90)}`, `mensagem ${index}`),
      )
      const before = await flow.countRows()
      const body = metaBody(flow.stack.ready, { statuses, messages })
      let status = 0
      const door = await callsOf(() =>
        queuedBy('WEBHOOK_EVENT', async () => {
          status = (await flow.webhook(body)).status
        }),
      )
      expect(status).toBe(200)
      const chunks = door.value
      expect(chunks.length).toBeGreaterThan(3)
      const behind = await callsOf(() => invoke('webhook-event', chunks))
      tell(
        `webhook of 1,000 items: ${door.calls.length} calls to acknowledge, ${behind.calls.length} to apply`,
      )
      expect(door.calls).toEqual([])
      expect(behind.calls).toHaveLength(1)
      const after = await flow.countRows()
      const grown = (table: string) => (after[table] ?? 0) - (before[table] ?? 0)
      expect(grown('chat_messages')).toBe(400)
      expect(grown('persons')).toBe(90)
      expect(grown('message_status') + grown('parked_items')).toBe(600)
      // The same again changes nothing.
      await invoke('webhook-event', chunks)
      expect(await flow.countRows()).toEqual(after)
    })

    /** All that was under way has ended. */
    async function quiet(): Promise<void> {
      await until(
        () => flow.phones.ledger().pending,
        ({ reports, webhooks }) => reports === 0 && webhooks === 0,
      )
      await until(
        () =>
          flow.rows(`select 1 from chat_messages where status in ('QUEUED', 'SENDING', 'SENT')`),
        (rows) => rows.length === 0,
      )
    }
  })
})

/** Figures of a run, for people who read its log. */
function tell(line: string): void {
  process.stdout.write(`${line}\n`)
}

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type LocalAws, startAws } from '#infra/local/aws.ts'
import { demoTenant } from '#infra/local/demo-tenants.ts'
import { place } from '#infra/local/resources.ts'
import { type Flow, startFlow, textMessage, until } from '#test/support/stack.ts'
import { type QueueProxy, startQueueProxy } from '#test/support/stack-queue.ts'

/** Cancelling, and what limits refuse, over HTTP. */
describe('what is not sent', () => {
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
  beforeEach(() => {
    proxy.set('none')
    flow.phones.clearLedger()
    flow.phones.clearFaults()
  })

  const cancel = (chatId: string, messageId: unknown, token?: string) =>
    flow.ask(`POST /chats/${chatId}/messages/${messageId}/cancel`, { ...(token && { token }) })

  /** Accepted, and nobody is woken for it. */
  async function unwoken(chatId: string, more: object = {}): Promise<string> {
    proxy.set('lost', 'MESSAGE_SEND')
    const posted = await flow.post(chatId, { body: { ...textMessage('Olá'), ...more } })
    proxy.set('none')
    expect(posted.status).toBe(202)
    return String(posted.json?.messageId)
  }

  const reached = (chatId: string, ...statuses: readonly string[]) =>
    until(
      () => flow.thread(chatId),
      (messages) => statuses.every((status, index) => messages[index]?.status === status),
    )

  const calls = () => flow.phones.ledger().calls

  describe('cancelled', () => {
    it('before anybody claimed it: 200, as often as it is asked', async () => {
      const chatId = await flow.openChat()
      const messageId = await unwoken(chatId)
      const first = await cancel(chatId, messageId)
      expect(first.status).toBe(200)
      expect(first.json).toEqual({ chatId, messageId, status: 'CANCELLED' })
      const second = await cancel(chatId, messageId)
      expect(second).toMatchObject({ status: 200, text: first.text })
      expect(await flow.thread(chatId)).toMatchObject([{ messageId, status: 'CANCELLED' }])
    })

    it('its own wake-up, late, sends nothing', async () => {
      const chatId = await flow.openChat()
      const messageId = await unwoken(chatId)
      await cancel(chatId, messageId)
      const late = proxy.batches.at(-1)?.entries.map(({ MessageBody }) => MessageBody) ?? []
      expect(late).toHaveLength(1)
      const Records = late.map((body) => ({ messageId: 'late', body, attributes: {} }))
      const answer = await flow.stack.pool.invoke('message-send', { Records })
      expect(answer).toMatchObject({ payload: { batchItemFailures: [] } })
      expect(calls()).toEqual([])
    })

    it('frees its lane: what waited behind it goes', async () => {
      const chatId = await flow.openChat()
      const head = await unwoken(chatId)
      await flow.post(chatId, { body: textMessage('Depois') })
      expect(calls()).toEqual([])
      expect((await cancel(chatId, head)).status).toBe(200)
      await reached(chatId, 'CANCELLED', 'READ')
      expect(calls()).toHaveLength(1)
    })

    it('a planned message never goes, not even when its time comes', async () => {
      const chatId = await flow.openChat()
      const sendAt = new Date(Date.now() + 3_600_000).toISOString()
      const posted = await flow.post(chatId, { body: { ...textMessage('Amanhã'), sendAt } })
      expect((await cancel(chatId, posted.json?.messageId)).status).toBe(200)
      await flow.rows(
        `update tasks set due_at = now() - interval '1 hour', planned_at = due_at,
           woken_at = null
         where message_id = $1`,
        [posted.json?.messageId],
      )
      await flow.stack.pool.invoke('relay', {})
      // A message posted now goes: the relay's wake-ups have been worked on by then.
      await flow.post(chatId)
      await reached(chatId, 'CANCELLED', 'READ')
      expect(calls()).toHaveLength(1)
    })

    it('not while the provider is being called, and not afterwards: 409', async () => {
      // Accepted, late, and never reported on: it shows SENDING until the answer, then SENT.
      const chatId = await flow.openChat('+5519900000020')
      flow.phones.fail({ kind: 'latency', delayMs: 2000, count: 1 })
      const { json } = await flow.post(chatId)
      await reached(chatId, 'SENDING')
      const during = await cancel(chatId, json?.messageId)
      expect(during).toMatchObject({ status: 409, json: { code: 'message-claimed' } })
      expect(during.headers.get('content-type')).toBe('application/problem+json')
      await reached(chatId, 'SENT')
      expect(await cancel(chatId, json?.messageId)).toMatchObject({ status: 409 })
      expect((await flow.thread(chatId))[0]).toMatchObject({ status: 'SENT' })
      expect(calls()).toHaveLength(1)
    })

    it('not what does not exist, is not ours or came in: 404', async () => {
      const chatId = await flow.openChat('+5511960007001')
      const messageId = await unwoken(chatId)
      const foreign = await cancel(chatId, messageId, flow.stack.ready.otherTenantToken)
      expect(foreign).toMatchObject({ status: 404, json: { code: 'message-not-found' } })
      for (const wrong of ['999999999', '0', '-1', 'abc', '9'.repeat(30)]) {
        expect(await cancel(chatId, wrong)).toMatchObject({
          status: 404,
          json: { code: 'message-not-found' },
        })
      }
      expect(await cancel(await flow.openChat(), messageId)).toMatchObject({ status: 404 })
      const content = { type: 'text', text: 'Oi' } as const
      flow.phones.inbound({ from: '+5511960007001', content })
      const thread = await reached(chatId, 'QUEUED', 'RECEIVED')
      expect(await cancel(chatId, thread[1]?.messageId)).toMatchObject({ status: 404 })
      expect((await flow.thread(chatId))[0]).toMatchObject({ status: 'QUEUED' })
    })

    it('not without the scope or a token', async () => {
      const chatId = await flow.openChat()
      const messageId = await unwoken(chatId)
      const path = `POST /chats/${chatId}/messages/${messageId}/cancel` as const
      expect((await flow.ask(path, { token: null })).status).toBe(401)
      const { issuer } = flow.stack.parts
      const reader = await issuer.token(demoTenant.clientId, { scopes: ['chats:read'] })
      expect((await flow.ask(path, { token: reader })).status).toBe(403)
      expect((await flow.thread(chatId))[0]).toMatchObject({ status: 'QUEUED' })
    })
  })

  describe('refused by a limit', () => {
    /** Of the tenant that opened this chat. */
    const limited = async (chatId: string) => {
      const [row] = await flow.rows('select tenant_id::text as id from chats where chat_id = $1', [
        chatId,
      ])
      return String(row?.id)
    }

    it('of charged messages: 429, when to come again, and nothing is stored', async () => {
      const chatId = await flow.openChat()
      const tenantId = await limited(chatId)
      await flow.rows(`update tenants set charged_per_day = 1 where tenant_id = $1`, [tenantId])
      expect((await flow.post(chatId)).status).toBe(202)
      await reached(chatId, 'READ')
      const refused = await flow.post(chatId, { headers: { 'idempotency-key': 'boleto-1' } })
      expect(refused).toMatchObject({
        status: 429,
        json: { code: 'charged-limit', retryable: true, status: 429 },
      })
      expect(refused.headers.get('retry-after')).toBe('86400')
      expect(await flow.thread(chatId)).toHaveLength(1)
      await flow.rows(`update tenants set charged_per_day = null where tenant_id = $1`, [tenantId])
      // The same key again is the same wish: it was never taken.
      const again = await flow.post(chatId, { headers: { 'idempotency-key': 'boleto-1' } })
      expect(again.status).toBe(202)
      await reached(chatId, 'READ', 'READ')
    })

    it('of unique users: 429, when to come again; who wrote to us may be answered', async () => {
      const phone = '+5511960007002'
      const chatId = await flow.openChat(phone)
      const tenantId = await limited(chatId)
      await flow.rows(
        `with made as (
           insert into portfolios (tenant_id, portfolio_id, unique_users_limit)
           values ($1, 'p', 1) returning tenant_id)
         insert into portfolio_hours (tenant_id, portfolio_id, hour, users)
         values ($1, 'p', now(), 1)`,
        [tenantId],
      )
      await flow.rows(`update senders set portfolio_id = 'p' where tenant_id = $1`, [tenantId])
      const refused = await flow.post(chatId)
      expect(refused).toMatchObject({
        status: 429,
        json: { code: 'unique-users-limit', retryable: true },
      })
      expect(refused.headers.get('retry-after')).toBe('3600')
      expect(await flow.thread(chatId)).toEqual([])
      flow.phones.inbound({ from: phone, content: { type: 'text', text: 'Oi' } })
      await reached(chatId, 'RECEIVED')
      expect((await flow.post(chatId)).status).toBe(202)
      await reached(chatId, 'RECEIVED', 'READ')
    })
  })
})

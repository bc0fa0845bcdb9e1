import { CreateQueueCommand, PurgeQueueCommand, SendMessageBatchCommand } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startAws } from '#infra/local/aws.ts'
import { place, sqsClient } from '#infra/local/resources.ts'
import { makeSqsBacklog } from '#shared/adapters/queue/sqs-backlog.ts'
import { makeCloudApiProvider } from '#shared/adapters/whatsapp/cloud-api-provider.ts'
import { makeHistoryProbe } from '#shared/adapters/whatsapp/history-probe.ts'
import type { Wake } from '#shared/ports/task-queue.ts'
import type { WebhookBacklog } from '#shared/ports/webhook-backlog.ts'
import { systemClock, systemRandomness } from '#shared/runtime/system.ts'
import { makeCheckStatuses } from '#shared/use-cases/check-statuses.ts'
import { makeSendMessages } from '#shared/use-cases/send-messages.ts'
import { graph, type Reply } from '#test/support/hostile-graph.ts'
import { withoutFiles } from '#test/support/media.ts'
import { until } from '#test/support/stack.ts'
import { openPostgresWorld, type PostgresWorld } from '#test/support/stores.ts'
import {
  accept,
  apply,
  day,
  freshPhone,
  messageOf,
  openChat,
  report,
  type WorldTenant,
  whatsapp,
} from '#test/support/stores-world.ts'
import { type Bench, startBench } from '#test/support/whatsapp-bench.ts'

const accessToken = 'token-de-teste'
/** Recipients of the simulator's table: sent and nothing more, and failed after acceptance. */
const undelivered = '+5519900000021'
const failing = '+5521900131026'

describe('a last look at the history of the provider', () => {
  let world: PostgresWorld
  /** Phones whose webhooks go nowhere: what they tell is in the history only. */
  let phones: Bench
  let tenant: WorldTenant
  let numbers = 0

  beforeAll(async () => {
    world = await openPostgresWorld()
    phones = await startBench(undefined)
  })
  afterAll(async () => {
    await Promise.all([world.close(), phones.close()])
  })
  beforeEach(async () => {
    phones.configure({ messageHistory: true })
    tenant = await tenantWithProbe(true)
  })

  async function tenantWithProbe(isOn: boolean): Promise<WorldTenant> {
    numbers += 1
    const made = await world.addTenant()
    const sender = { phoneNumberId: `10654009${numbers}`, wabaId: `10229009${numbers}` }
    await world.owner.query(
      `update senders set phone_number_id = $2, waba_id = $3, history_probe = $4
       where sender_id = $1`,
      [made.senderId, sender.phoneNumberId, sender.wabaId, isOn],
    )
    const number = { ...sender, accessToken, displayPhoneNumber: '+55 11 4000-0009' }
    expect(await phones.steer('PUT', 'numbers', number)).toMatchObject({ status: 200 })
    return { ...made, sender }
  }

  /** A message that the phones took; its reports are in their history. */
  async function sent(phone = freshPhone()) {
    const { chatId } = await openChat(world, tenant, { contacts: [whatsapp(phone)] })
    const message = await accept(world, tenant, { chatId })
    await makeSendMessages({
      ...withoutFiles,
      messages: world.messages,
      queue: { wake: async () => ({ failed: 0 }) },
      provider: makeCloudApiProvider(options(phones.url)),
      clock: systemClock,
      randomness: systemRandomness,
      waits: world.waits,
      alerts: { raise: () => undefined },
    })([message])
    expect(await shown(message)).toMatchObject({ status: 'SENT' })
    await until(
      () => phones.ledger().pending.reports,
      (pending) => pending === 0,
    )
    return message
  }

  const options = (graphUrl: string) => ({
    graphUrl,
    version: 'v26.0',
    token: async () => accessToken,
    timeoutMs: 2000,
  })

  const shown = (message: { chatId: string; messageId: string }) =>
    messageOf(world, tenant, message)

  async function isOn(): Promise<boolean> {
    const { rows } = await world.owner.query(
      'select history_probe from senders where sender_id = $1',
      [tenant.senderId],
    )
    return rows[0].history_probe
  }

  /** Status checks as the function does them, with the real look at this address. */
  function checking(graphUrl = phones.url, backlog: WebhookBacklog = { size: async () => 0 }) {
    const woken: Wake[] = []
    const looked: string[] = []
    const history = makeHistoryProbe(options(graphUrl))
    const checkStatuses = makeCheckStatuses({
      tasks: world.tasks,
      queue: {
        wake: async (wakes) => {
          woken.push(...wakes)
          return { failed: 0 }
        },
      },
      events: world.events,
      history: {
        look: (probe) => {
          looked.push(probe.providerMessageId)
          return history.look(probe)
        },
      },
      backlog,
    })
    const due = async () =>
      (await world.tasks.relay(1000)).filter(({ tenantId }) => tenantId === tenant.tenantId)
    return { due, run: async () => checkStatuses(await due()), checkStatuses, woken, looked }
  }

  const monthPasses = () => world.pass(30 * day + world.waits.deliveryGraceSeconds + 1)
  const probeWaitPasses = () => world.pass(world.waits.probeWaitSeconds + 1)

  it('finds what no webhook told, and applies it as if one had', async () => {
    const message = await sent()
    await monthPasses()
    const { run, looked } = checking()
    expect(await run()).toEqual({ woken: 1, probed: 1, found: 3 })
    expect(looked).toHaveLength(1)
    expect(await shown(message)).toMatchObject({ status: 'READ' })
    await probeWaitPasses()
    expect(await checking().due()).toEqual([])
    const { rows } = await world.owner.query(
      'select status from message_status where message_id = $1 order by status',
      [message.messageId],
    )
    expect(rows).toEqual([{ status: 'DELIVERED' }, { status: 'READ' }, { status: 'SENT' }])
  })

  it('the same news by webhook later changes nothing', async () => {
    const message = await sent()
    await monthPasses()
    const { run, looked } = checking()
    await run()
    const once = await shown(message)
    const [wamid = ''] = looked
    await apply(
      world,
      report(tenant, { wamid, status: 'DELIVERED' }),
      report(tenant, { wamid, status: 'SENT' }),
    )
    expect(await shown(message)).toEqual(once)
  })

  it('a failure in the history is a failure', async () => {
    const message = await sent(failing)
    await monthPasses()
    await checking().run()
    expect(await shown(message)).toMatchObject({ status: 'FAILED', reason: 'unknown-error' })
  })

  it('where the history knows no delivery either, the message expires; it is asked once', async () => {
    const message = await sent(undelivered)
    await monthPasses()
    const { run, looked, woken, due } = checking()
    expect(await run()).toEqual({ woken: 1, probed: 1, found: 1 })
    expect(woken).toMatchObject([
      { type: 'MESSAGE_STATUS_CHECK', inSeconds: world.waits.probeWaitSeconds },
    ])
    expect(await shown(message)).toMatchObject({ status: 'SENT' })
    expect(await due()).toEqual([])
    await world.pass(world.waits.probeWaitSeconds + world.waits.staleSeconds + 1)
    expect(await run()).toEqual({ woken: 0, probed: 0, found: 0 })
    expect(looked).toHaveLength(1)
    expect(await shown(message)).toMatchObject({ status: 'EXPIRED', reason: 'no-delivery-report' })
    expect(await isOn()).toBe(true)
  })

  it('is not asked where it is switched off', async () => {
    tenant = await tenantWithProbe(false)
    const message = await sent()
    await monthPasses()
    const { run, looked } = checking()
    expect(await run()).toEqual({ woken: 0, probed: 0, found: 0 })
    expect(looked).toEqual([])
    expect(await shown(message)).toMatchObject({ status: 'EXPIRED' })
  })

  it('a number without a history is not asked again', async () => {
    phones.configure({ messageHistory: false })
    const [first, second] = [await sent(), await sent()]
    await monthPasses()
    const { due, checkStatuses, run, looked } = checking()
    const [check, other] = await due()
    if (check === undefined || other === undefined) throw new Error('two checks are due')
    await checkStatuses([check])
    expect(await isOn()).toBe(false)
    await checkStatuses([other])
    await world.pass(world.waits.probeWaitSeconds + world.waits.staleSeconds + 1)
    await run()
    expect(looked).toHaveLength(1)
    for (const message of [first, second]) {
      expect(await shown(message)).toMatchObject({ status: 'EXPIRED' })
    }
  })

  const error = (code: number) => ({ error: { code, type: 'OAuthException', message: '' } })
  const answers: readonly (readonly [answer: string, staysOn: boolean, Reply])[] = [
    ['400', false, { status: 400, body: error(100) }],
    ['403', false, { status: 403, body: error(10) }],
    ['404', false, { status: 404, body: 'not found' }],
    ['401', true, { status: 401, body: error(190) }],
    ['429', true, { status: 429, body: error(4) }],
    ['500', true, { status: 500, body: error(1) }],
    ['503', true, { status: 503, body: '<html>' }],
    ['HTML with 200', true, { status: 200, body: '<html>' }],
    ['another form with 200', true, { status: 200, body: { messages: [] } }],
    ['a redirect', true, { status: 302, headers: { location: 'http://127.0.0.1:9/' } }],
  ]
  it.each(answers)('after %s it stays on: %s', async (_, staysOn, reply) => {
    const message = await sent()
    await monthPasses()
    const server = await graph(reply)
    const { run } = checking(server.url)
    expect(await run()).toEqual({ woken: 1, probed: 1, found: 0 })
    expect(server.seen).toHaveLength(1)
    expect(server.seen[0]?.url).toMatch(
      new RegExp(`^/v26\\.0/${tenant.sender.phoneNumberId}/message_history\\?message_id=wamid`),
    )
    expect(await isOn()).toBe(staysOn)
    expect(await shown(message)).toMatchObject({ status: 'SENT' })
    await world.pass(world.waits.probeWaitSeconds + world.waits.staleSeconds + 1)
    await run()
    expect(server.seen).toHaveLength(1)
    expect(await shown(message)).toMatchObject({ status: 'EXPIRED' })
  })

  it('a provider that cannot be reached leaves it on', async () => {
    await sent()
    await monthPasses()
    expect(await checking('http://127.0.0.1:9').run()).toEqual({ woken: 1, probed: 1, found: 0 })
    expect(await isOn()).toBe(true)
  })

  it('ignores states that nobody documents, and reads on', async () => {
    const message = await sent()
    await monthPasses()
    const at = Math.floor(Date.now() / 1000)
    const events = ['DELETED', 'BAFFLED', 'DELIVERED'].map((delivery_status) => ({
      delivery_status,
      timestamp: at,
    }))
    const body = { data: [{ id: '1' }, { id: '2', events: { data: events } }] }
    const server = await graph({ status: 200, body })
    expect(await checking(server.url).run()).toEqual({ woken: 1, probed: 1, found: 1 })
    expect(await shown(message)).toMatchObject({ status: 'DELIVERED' })
  })

  it('a backlog of webhooks postpones the checks: what is waited for may be in it', async () => {
    const aws = await startAws(0, place.region)
    const client = sqsClient(aws.url)
    await client.send(new CreateQueueCommand({ QueueName: 'chunks' }))
    const queueUrl = `${aws.url}/${place.accountId}/chunks`
    const put = async (count: number) => {
      for (let sentCount = 0; sentCount < count; sentCount += 10) {
        const size = Math.min(10, count - sentCount)
        const Entries = Array.from({ length: size }, (_, index) => ({
          Id: String(index),
          MessageBody: '{}',
        }))
        await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }))
      }
    }
    const message = await sent(undelivered)
    await monthPasses()
    const { due, checkStatuses, woken, looked } = checking(
      phones.url,
      makeSqsBacklog(client, queueUrl),
    )
    const checks = await due()
    await put(51)
    expect(await checkStatuses(checks)).toEqual({ postponed: 1 })
    expect(looked).toEqual([])
    expect(woken).toMatchObject([{ type: 'MESSAGE_STATUS_CHECK', inSeconds: 60 }])
    expect(await shown(message)).toMatchObject({ status: 'SENT' })
    await client.send(new PurgeQueueCommand({ QueueUrl: queueUrl }))
    await put(50)
    expect(await checkStatuses(checks)).toMatchObject({ probed: 1 })
    client.destroy()
    await aws.close()
  })
})

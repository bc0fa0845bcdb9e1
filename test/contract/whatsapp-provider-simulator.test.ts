import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BehaviourName } from '#infra/local/whatsapp/behaviours.ts'
import { knownErrorCodes } from '#infra/local/whatsapp/graph-error.ts'
import { magicNumberFor } from '#infra/local/whatsapp/magic-numbers.ts'
import {
  makeCloudApiProvider,
  makeCloudApiReadReceipts,
} from '#shared/adapters/whatsapp/cloud-api-provider.ts'
import { translateItem } from '#shared/adapters/whatsapp/webhook-events.ts'
import { splitWebhook } from '#shared/adapters/whatsapp/webhook-items.ts'
import type { DeliveryResult } from '#shared/domain/delivery.ts'
import { durations } from '#shared/domain/durations.ts'
import { decide } from '#shared/domain/settlement.ts'
import type { DeliveryRequest } from '#shared/ports/message-provider.ts'
import {
  type Bench,
  number,
  type Receiver,
  startBench,
  startReceiver,
} from '#test/support/whatsapp-bench.ts'
import { type CodeClass, codeClasses, givenUpAfterThree, pairCode } from './rows/whatsapp-codes.ts'

const waits = durations()
const sender = { phoneNumberId: number.phoneNumberId, secretName: 'numero' }

let receiver: Receiver
let bench: Bench
beforeAll(async () => {
  receiver = await startReceiver()
  bench = await startBench(receiver.url, {
    settings: { webhooks: { maxUpdatesPerPost: 100, lingerMs: 5 } },
  })
})
afterAll(async () => {
  await bench.close()
  await receiver.close()
})

const options = (timeoutMs: number) => ({
  graphUrl: bench.url,
  version: 'v26.0',
  token: async () => number.accessToken,
  timeoutMs,
})

function send(more: Partial<DeliveryRequest>, timeoutMs = 20_000): Promise<DeliveryResult> {
  return makeCloudApiProvider(options(timeoutMs)).send({
    attemptId: crypto.randomUUID(),
    sender,
    recipient: { phone: '+5511987654321' },
    content: { type: 'text', text: 'Olá' },
    ...more,
  })
}

const stepAfter = (result: DeliveryResult, attempts: number) =>
  decide(result, { attempts, waits, fraction: 0.5 })

/** What the class of a code makes of an answer, and of the message. */
const meanings: Readonly<Record<CodeClass, { result: object; health: string; retries: boolean }>> =
  {
    passing: {
      result: { outcome: 'unavailable', scope: 'provider' },
      health: 'failing',
      retries: true,
    },
    limited: { result: { outcome: 'throttled', scope: 'sender' }, health: 'slow', retries: true },
    stopping: {
      result: { outcome: 'unavailable', scope: 'sender' },
      health: 'broken',
      retries: true,
    },
    final: { result: { outcome: 'rejected' }, health: 'ok', retries: false },
  }

describe('every error code', () => {
  it('of the simulator has its class', () => {
    const classified = Object.values(codeClasses).flat()
    expect(new Set(classified).size).toBe(classified.length)
    expect(classified.toSorted((a, b) => a - b)).toEqual(knownErrorCodes.toSorted((a, b) => a - b))
  })

  it.each(Object.keys(codeClasses) as CodeClass[])('that is %s ends so', async (name) => {
    const { result: expected, health, retries } = meanings[name]
    for (const code of codeClasses[name]) {
      const result = await send({ recipient: { phone: magicNumberFor('error', code) } })
      const pair = code === pairCode
      expect(result).toMatchObject({ ...expected, ...(pair && { scope: 'pair' }), code })
      expect('reason' in result ? result.reason : 'none').not.toBe('unknown-error')
      const step = stepAfter(result, 3)
      const isGivenUp = givenUpAfterThree.includes(code)
      expect(step).toMatchObject({ outcome: 'REJECTED', health: pair ? 'pair' : health, code })
      expect([code, 'retryInSeconds' in step]).toEqual([code, retries && !isGivenUp])
      expect([code, 'retryInSeconds' in stepAfter(result, 2)]).toEqual([code, retries])
    }
  })

  it('says the same by report as by answer', async () => {
    const codes = knownErrorCodes.filter((code) => code < 2_388_000 || code > 2_388_010)
    const byAnswer = new Map<number, string | undefined>()
    for (const code of codes) {
      const phone = magicNumberFor('failed', code)
      expect(await send({ recipient: { phone } })).toMatchObject({ outcome: 'accepted' })
      const refused = await send({ recipient: { phone: magicNumberFor('error', code) } })
      byAnswer.set(code, 'reason' in refused ? refused.reason : 'rate-limited')
    }
    await receiver.until(() => receiver.statuses().length >= codes.length, 60_000)
    const events = receiver.posts
      .flatMap(({ body }) => splitWebhook(body))
      .map((item) => translateItem(item, { now: new Date(), uuid: () => crypto.randomUUID() }))
    const byReport = events.flatMap((event) =>
      event.kind === 'status' && event.failure ? [[event.failure.code, event.failure.reason]] : [],
    )
    expect(new Map(byReport as [number, string][])).toEqual(byAnswer)
  }, 120_000)
})

describe('every way an answer can end', () => {
  it.each<[BehaviourName, object]>([
    ['plain', { outcome: 'accepted', held: false }],
    ['held', { outcome: 'accepted', held: true }],
    ['paused', { outcome: 'accepted', held: true }],
    ['slow', { outcome: 'accepted' }],
    ['early', { outcome: 'accepted' }],
    ['reset', { outcome: 'unknown', detail: 'connection-lost' }],
    ['drop-after-accept', { outcome: 'unknown', detail: 'connection-lost' }],
    ['truncated-after-accept', { outcome: 'unknown', detail: 'connection-lost' }],
    ['server-error', { outcome: 'unknown', detail: 'server-error' }],
    ['server-error-after-accept', { outcome: 'unknown', detail: 'server-error' }],
    ['not-json', { outcome: 'unknown', detail: 'unreadable-answer' }],
    ['not-json-after-accept', { outcome: 'unknown', detail: 'unreadable-answer' }],
  ])('%s', async (name, expected) => {
    expect(await send({ recipient: { phone: magicNumberFor(name) } })).toMatchObject(expected)
  })

  it.each<BehaviourName>(['hang', 'hang-after-accept'])('%s', async (name) => {
    const result = await send({ recipient: { phone: magicNumberFor(name) } }, 400)
    expect(result).toEqual({ outcome: 'unknown', detail: 'timeout' })
    expect(stepAfter(result, 1)).toMatchObject({ outcome: 'UNKNOWN' })
    expect(stepAfter(result, 1)).not.toHaveProperty('retryInSeconds')
  })
})

describe('a read receipt', () => {
  const tell = (providerMessageId: string, typing = false) =>
    makeCloudApiReadReceipts(options(20_000)).tell({ sender, providerMessageId, typing })
  const written = () =>
    bench.inbound({ from: '+5511987654321', content: { type: 'text', text: 'Oi' } }).messageId

  it('is taken, with typing and without', async () => {
    const messageId = written()
    bench.clearLedger()
    expect(await tell(messageId)).toEqual({ outcome: 'accepted' })
    expect(await tell(messageId, true)).toEqual({ outcome: 'accepted' })
    const receipt = { messaging_product: 'whatsapp', status: 'read', message_id: messageId }
    expect(bench.ledger().calls.map(({ body }) => body)).toEqual([
      receipt,
      { ...receipt, typing_indicator: { type: 'text' } },
    ])
  })

  it('for a message that is not there is refused for good', async () => {
    expect(await tell('wamid.nada')).toEqual({
      outcome: 'rejected',
      reason: 'invalid-request',
      code: 131009,
    })
  })

  it.each<[BehaviourName, object]>([
    ['outage', { outcome: 'unavailable', scope: 'provider' }],
    ['drop-after-accept', { outcome: 'unknown', detail: 'connection-lost' }],
    ['not-json', { outcome: 'unknown', detail: 'unreadable-answer' }],
  ])('that meets %s is told so', async (kind, expected) => {
    const messageId = written()
    bench.fail({ kind, count: 1 })
    expect(await tell(messageId)).toMatchObject(expected)
  })
})

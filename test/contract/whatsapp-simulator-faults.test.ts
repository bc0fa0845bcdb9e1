import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type BehaviourName, behaviourNames, behaviours } from '#infra/local/whatsapp/behaviours.ts'
import { errorMeaning, knownErrorCodes } from '#infra/local/whatsapp/graph-error.ts'
import { magicNumberFor } from '#infra/local/whatsapp/magic-numbers.ts'
import {
  acceptedIn,
  type Bench,
  errorIn,
  number,
  type Receiver,
  startBench,
  startReceiver,
  templateSend,
  text,
  wamidOf,
} from '#test/support/whatsapp-bench.ts'

let receiver: Receiver
let bench: Bench
const moved = { nowMs: Date.parse('2026-11-23T12:00:00Z') }
const movableClock = {
  now: () => moved.nowMs,
  after(delayMs: number, run: () => void) {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
}

beforeAll(async () => {
  receiver = await startReceiver()
  bench = await startBench(receiver.url, { clock: movableClock })
})
afterAll(async () => {
  await bench.close()
  await receiver.close()
})
afterEach(async () => {
  await bench.steer('DELETE', 'faults')
  await bench.steer('PUT', 'settings', { limits: { window: 'off', pair: false } })
  await expect.poll(settled).toBe(true)
  bench.clearLedger()
})

const settled = () => {
  const { pending } = bench.ledger()
  return pending.reports === 0 && pending.webhooks === 0
}
const reportsOf = (wamid: string | undefined) =>
  receiver.statuses().filter(({ id }) => id === wamid)
const lastCall = () => bench.ledger().calls.at(-1)
const storyOf = async (wamid: string | undefined) => {
  await expect.poll(settled).toBe(true)
  return bench
    .ledger()
    .events.filter((event) => event.wamid === wamid)
    .map(({ status }) => status)
}

describe('magic numbers', () => {
  it('provoke every error code as the answer to the call', async () => {
    const seen = await Promise.all(
      knownErrorCodes.map(async (code) => {
        const answer = await bench.send({ ...text('x'), to: magicNumberFor('error', code) })
        return [errorIn(answer).code, answer.status]
      }),
    )
    expect(seen).toEqual(knownErrorCodes.map((code) => [code, errorMeaning(code).httpStatus]))
  })

  it('provoke every error code as a failed report', async () => {
    const wamids = await Promise.all(
      knownErrorCodes.map(async (code) =>
        wamidOf(await bench.send({ ...text('x'), to: magicNumberFor('failed', code) })),
      ),
    )
    await expect.poll(settled, { timeout: 20_000 }).toBe(true)
    const byId = Map.groupBy(receiver.statuses(), ({ id }) => id)
    const codes = wamids.map((wamid) =>
      byId.get(wamid ?? '')?.map(({ errors }) => errors?.[0]?.code),
    )
    expect(codes).toEqual(knownErrorCodes.map((code) => [code]))
  })

  it('are the numbers that the README names', async () => {
    expect(magicNumberFor('error', 131056)).toBe('+5511900131056')
    const once = { ...text('x'), to: '+55 12 90013-0429' }
    expect(errorIn(await bench.send(once)).code).toBe(130429)
    expect((await bench.send(once)).status).toBe(200)
    expect((await bench.send({ ...text('x'), to: '+5511998877665' })).status).toBe(200)
  })

  it.each<[BehaviourName, (string | undefined)[]]>([
    ['silence', []],
    ['undelivered', ['sent']],
    ['skip-delivered', ['sent', 'read']],
    ['shuffle', ['read', 'delivered', 'sent']],
    ['duplicate', ['sent', 'delivered', 'read', 'sent', 'delivered', 'read']],
    ['late', ['sent', 'delivered', 'read']],
    ['unread', ['sent', 'delivered']],
    ['played', ['sent', 'delivered', 'read', 'played']],
    ['unknown-status', ['sent', 'warning', 'delivered']],
    ['failed-after-sent', ['sent', 'failed']],
    ['failed-after-delivered', ['sent', 'delivered', 'failed']],
    ['slow', ['sent', 'delivered', 'read']],
  ])('%s is reported as %j', async (name, story) => {
    const wamid = wamidOf(await bench.send({ ...text('x'), to: magicNumberFor(name, 131026) }))
    expect(await storyOf(wamid)).toEqual(story)
    expect(lastCall()?.meant).toBe(name)
  })

  it('early reports before it answers', async () => {
    let reported = 0
    const sending = bench.send({ ...text('x'), to: magicNumberFor('early') }).then((answer) => {
      reported = reportsOf(wamidOf(answer)).length
    })
    await sending
    expect(reported).toBeGreaterThan(0)
  })

  it.each<[BehaviourName, string, (string | undefined)[]]>([
    ['held', 'held_for_quality_assessment', ['sent', 'delivered', 'read']],
    ['held-then-dropped', 'held_for_quality_assessment', ['failed']],
    ['paused', 'paused', ['failed']],
  ])('%s answers %s', async (name, messageStatus, story) => {
    const answer = await bench.send({ ...templateSend('aviso_geral'), to: magicNumberFor(name) })
    expect(acceptedIn(answer).messages).toMatchObject([{ message_status: messageStatus }])
    expect(await storyOf(wamidOf(answer))).toEqual(story)
  })

  it.each<[BehaviourName, boolean]>([
    ['reset', false],
    ['drop-after-accept', true],
    ['hang', false],
    ['hang-after-accept', true],
    ['truncated-after-accept', true],
  ])('%s gives no readable answer; accepted: %s', async (name, accepted) => {
    const signal = AbortSignal.timeout(300)
    const attempt = { ...text('x'), to: magicNumberFor(name), biz_opaque_callback_data: name }
    await expect(bench.send(attempt, { signal })).rejects.toThrow()
    const call = lastCall()
    expect(call).toMatchObject({ meant: name, attemptId: name, accepted })
    expect(call?.httpStatus).toBeUndefined()
    expect(await storyOf(call?.wamid)).toHaveLength(accepted ? 3 : 0)
  })

  it.each<[BehaviourName, number, boolean]>([
    ['server-error', 500, false],
    ['server-error-after-accept', 500, true],
    ['not-json', 200, false],
    ['not-json-after-accept', 200, true],
  ])('%s answers HTML with HTTP %i; accepted: %s', async (name, status, accepted) => {
    const body = { messaging_product: 'whatsapp', to: magicNumberFor(name), ...text('x') }
    const response = await fetch(`${bench.url}/v26.0/${number.phoneNumberId}/messages`, {
      method: 'POST',
      headers: bench.authorization,
      body: JSON.stringify(body),
    })
    expect(response.status).toBe(status)
    expect(await response.text()).toMatch(/^<!DOCTYPE html>/)
    expect(lastCall()).toMatchObject({ meant: name, accepted })
  })

  it('are all in the README, and no others', () => {
    const readme = readFileSync('infra/local/whatsapp/README.md', 'utf8')
    const rows = [...readme.matchAll(/^\| `([a-z-]+)` \| `19 90000-00(\d\d)` \| (.+) \|$/gm)]
    const expected = behaviourNames.flatMap((name) => {
      const { number: digits, says } = behaviours[name]
      return digits === undefined ? [] : [[name, digits, says]]
    })
    expect(rows.map(([, name, digits, says]) => [name, digits, says])).toEqual(expected)
  })
})

describe('faults', () => {
  it('strike as often as told, only whom they name, before the magic of a number', async () => {
    await bench.steer('POST', 'faults', {
      kind: 'error',
      code: 131016,
      count: 2,
      to: '+5511955554444',
    })
    const other = await bench.send(text('x'))
    expect(other.status).toBe(200)
    const codes = []
    for (let index = 0; index < 3; index += 1) {
      const answer = await bench.send({ ...text('x'), to: '+55 11 95555-4444' })
      codes.push(answer.status === 200 ? 'accepted' : errorIn(answer).code)
    }
    expect(codes).toEqual([131016, 131016, 'accepted'])
  })

  it('end with their seconds', async () => {
    await bench.steer('POST', 'faults', { kind: 'outage', seconds: 60 })
    const down = await bench.send(text('x'))
    expect([down.status, errorIn(down).code, errorIn(down).is_transient]).toEqual([503, 2, true])
    moved.nowMs += 60_000
    expect((await bench.send(text('x'))).status).toBe(200)
    expect((await bench.steer('GET', 'faults')).json).toEqual({ faults: [] })
  })

  it('strike by chance, the same calls for the same seed', async () => {
    const struck = async () => {
      const run = await startBench(undefined, { seed: 11 })
      run.fail({ kind: 'error', code: 1, probability: 0.5 })
      const statuses = []
      for (let index = 0; index < 20; index += 1) statuses.push((await run.send(text('x'))).status)
      await run.close()
      return statuses
    }
    const first = await struck()
    expect(new Set(first)).toEqual(new Set([200, 400]))
    expect(await struck()).toEqual(first)
  })

  it('give an error any HTTP status and an undocumented code', async () => {
    const fault = { kind: 'error', code: 999_999, httpStatus: 502, transient: true, count: 1 }
    await bench.steer('POST', 'faults', fault)
    const answer = await bench.send(text('x'))
    expect([answer.status, errorIn(answer).code, errorIn(answer).is_transient]).toEqual([
      502,
      999_999,
      true,
    ])
  })

  it('of latency go with any other', async () => {
    await bench.steer('POST', 'faults', { kind: 'latency', delayMs: 5000 })
    await bench.steer('POST', 'faults', { kind: 'silence' })
    const signal = AbortSignal.timeout(100)
    await expect(bench.send(text('x'), { signal })).rejects.toThrow()
    expect(lastCall()).toMatchObject({ meant: 'silence', accepted: true })
  })

  it('are refused when they are none', async () => {
    expect((await bench.steer('POST', 'faults', { kind: 'gremlin' })).status).toBe(400)
    expect((await bench.steer('PUT', 'settings', { delays: { sentMs: -1 } })).status).toBe(400)
  })
})

describe('limits', () => {
  const to = (recipient: string) => ({ ...text('x'), to: recipient })

  it('close the window 24 hours after the person last wrote', async () => {
    await bench.steer('PUT', 'settings', { limits: { window: 'answer' } })
    const recipient = '+5511911112222'
    expect(errorIn(await bench.send(to(recipient))).code).toBe(131047)
    const template = await bench.send({ ...templateSend('aviso_geral'), to: recipient })
    expect(template.status).toBe(200)
    bench.inbound({ from: recipient, content: { type: 'text', text: 'Oi' } })
    moved.nowMs += 24 * 3_600_000 - 1
    expect((await bench.send(to(recipient))).status).toBe(200)
    moved.nowMs += 1
    await bench.steer('PUT', 'settings', { limits: { window: 'report' } })
    const wamid = wamidOf(await bench.send(to(recipient)))
    await receiver.until(() => reportsOf(wamid).length === 1)
    expect(reportsOf(wamid)).toMatchObject([{ status: 'failed', errors: [{ code: 131047 }] }])
  })

  it('let 45 messages at once to one person, then one each 6 s', async () => {
    await bench.steer('PUT', 'settings', { limits: { pair: true } })
    const burst = await Promise.all(
      Array.from({ length: 46 }, () => bench.send(to('+5511933334444'))),
    )
    expect(burst.filter(({ status }) => status === 200)).toHaveLength(45)
    expect((await bench.send(to('+5511933335555'))).status).toBe(200)
    moved.nowMs += 6000
    expect((await bench.send(to('+5511933334444'))).status).toBe(200)
    expect(errorIn(await bench.send(to('+5511933334444'))).code).toBe(131056)
  })

  it('hold a number to its throughput, until that is switched off', async () => {
    const slow = { ...number, phoneNumberId: '777', throughputPerSecond: 2, accessToken: 'novo' }
    await bench.steer('PUT', 'numbers', slow)
    const send = () =>
      bench.call('POST', '/v26.0/777/messages', {
        headers: { authorization: 'Bearer novo' },
        body: JSON.stringify({ messaging_product: 'whatsapp', ...to('+5511966667777') }),
      })
    const answers = [await send(), await send(), await send()]
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 400])
    expect(errorIn(answers[2] ?? { json: {} }).code).toBe(130429)
    await bench.steer('PUT', 'settings', { limits: { throughput: false } })
    expect((await send()).status).toBe(200)
  })
})

import { afterEach, describe, expect, it } from 'vitest'
import {
  type Bench,
  errorIn,
  number,
  otherNumber,
  type Receiver,
  type Status,
  startBench,
  startReceiver,
  templateSend,
  text,
  wamidOf,
} from '#test/support/whatsapp-bench.ts'

let receiver: Receiver
let bench: Bench
const open = async (
  more?: Parameters<typeof startBench>[1],
  answer?: Parameters<typeof startReceiver>[0],
) => {
  receiver = await startReceiver(answer)
  bench = await startBench(receiver.url, more)
}
afterEach(async () => {
  await bench.close()
  await receiver.close()
})

const words = (statuses: readonly Status[]) => statuses.map(({ status }) => status)
const settled = () => {
  const { pending } = bench.ledger()
  return pending.reports === 0 && pending.webhooks === 0
}
const write = (body: string, more?: object) =>
  bench.steer('POST', 'inbound', {
    from: '+5511987654321',
    content: { type: 'text', text: body },
    ...more,
  })

describe('reports', () => {
  it('tells sent, delivered and read, echoing the attempt id', async () => {
    await open()
    const wamid = wamidOf(
      await bench.send({ ...templateSend('aviso_geral'), biz_opaque_callback_data: 'tentativa-9' }),
    )
    await receiver.until(() => receiver.statuses().length === 3)
    const base = {
      id: wamid,
      timestamp: expect.stringMatching(/^\d{10}$/),
      recipient_id: '5511987654321',
      recipient_user_id: expect.stringMatching(/^BR\.\d+$/),
      biz_opaque_callback_data: 'tentativa-9',
    }
    const pricing = { billable: true, pricing_model: 'PMP', type: 'regular', category: 'utility' }
    expect(receiver.statuses()).toHaveLength(3)
    expect(receiver.statuses()).toEqual(
      expect.arrayContaining([
        { ...base, status: 'sent', pricing },
        { ...base, status: 'delivered', pricing },
        { ...base, status: 'read' },
      ]),
    )
    expect(receiver.posts[0]?.body.entry[0]).toMatchObject({
      id: number.wabaId,
      changes: [
        {
          field: 'messages',
          value: {
            metadata: {
              display_phone_number: '551140000000',
              phone_number_id: number.phoneNumberId,
            },
            contacts: [{ wa_id: '5511987654321' }],
          },
        },
      ],
    })
    await expect.poll(settled).toBe(true)
    expect(bench.ledger().events).toMatchObject(
      ['sent', 'delivered', 'read'].map((status) => ({
        kind: 'status',
        wamid,
        status,
        attemptId: 'tentativa-9',
        acknowledged: true,
        answers: [{ httpStatus: 200 }],
      })),
    )
  })

  it('keeps the phone out of the reports of a send by user id', async () => {
    await open()
    await bench.send({ ...text('x'), to: undefined, recipient: 'BR.42' })
    await receiver.until(() => receiver.statuses().length === 3)
    for (const status of receiver.statuses()) {
      expect(status).not.toHaveProperty('recipient_id')
      expect(status.recipient_user_id).toBe('BR.42')
    }
  })

  it('tells of a reaction only that it was sent, or that its target is unknown', async () => {
    await open()
    const target = wamidOf(await bench.send(text('x')))
    const reaction = (message_id?: string) => ({
      type: 'reaction',
      reaction: { message_id, emoji: '👍' },
    })
    const known = wamidOf(await bench.send(reaction(target)))
    const unknown = wamidOf(await bench.send(reaction('wamid.none')))
    await expect.poll(settled).toBe(true)
    const of = (id?: string) => receiver.statuses().filter((status) => status.id === id)
    expect(words(of(known))).toEqual(['sent'])
    expect(of(unknown)).toMatchObject([{ status: 'failed', errors: [{ code: 131009 }] }])
  })

  it('fails media behind a link that nobody can fetch', async () => {
    await open()
    await bench.send({ type: 'image', image: { link: 'https://fora.invalid/a.png' } })
    await receiver.until(() => receiver.statuses().length === 1)
    expect(receiver.statuses()).toMatchObject([{ status: 'failed', errors: [{ code: 131053 }] }])
  })

  it('carries a conversation when the subscription is older than v24', async () => {
    await open({ settings: { webhooks: { version: 23 } } })
    await bench.send(text('x'))
    await receiver.until(() => receiver.statuses().length === 3)
    const sent = receiver.statuses().find(({ status }) => status === 'sent')
    expect(sent?.conversation).toMatchObject({ origin: { type: 'service' } })
  })

  it('answers message_history only when it is switched on', async () => {
    await open()
    const wamid = wamidOf(await bench.send(text('x')))
    await expect.poll(settled).toBe(true)
    const path = `${number.phoneNumberId}/message_history?message_id=${encodeURIComponent(wamid ?? '')}`
    expect(errorIn(await bench.graph('GET', path)).code).toBe(100)
    await bench.steer('PUT', 'settings', { messageHistory: true })
    const answer = await bench.graph('GET', path)
    const events = ['SENT', 'DELIVERED', 'READ'].map((delivery_status) => ({
      delivery_status,
      webhook_update_state: 'DELIVERED',
    }))
    expect(answer.json.data).toMatchObject([{ message_id: wamid, events: { data: events } }])
  })
})

describe('webhook transport', () => {
  it('escapes as Meta does and signs exactly those bytes', async () => {
    await open()
    await write('Ação 5/5 <já> 😀', { name: 'João' })
    await receiver.until(() => receiver.posts.length === 1)
    const [post] = receiver.posts
    expect(post?.signatureValid).toBe(true)
    expect(post?.raw.toString('latin1')).toContain(
      String.raw`A\u00e7\u00e3o 5\/5 \u003Cj\u00e1\u003E \ud83d\ude00`,
    )
    expect(receiver.messages()).toMatchObject([{ text: { body: 'Ação 5/5 <já> 😀' } }])
  })

  it('tries again with the same bytes until a 200, and keeps every answer', async () => {
    await open({}, (posts) => (posts < 4 ? ([500, 202, 403][posts - 1] ?? 500) : 200))
    await write('Oi')
    await expect.poll(settled).toBe(true)
    expect(receiver.posts).toHaveLength(4)
    expect(new Set(receiver.posts.map(({ raw }) => raw.toString('latin1'))).size).toBe(1)
    expect(bench.ledger().events).toMatchObject([
      {
        kind: 'message',
        acknowledged: true,
        answers: [500, 202, 403, 200].map((httpStatus) => ({ httpStatus })),
      },
    ])
  })

  it('gives up after the last attempt and says so', async () => {
    await open({ settings: { webhooks: { firstRetryMs: 1, maxAttempts: 2 } } }, () => 500)
    await write('Oi')
    await expect.poll(settled).toBe(true)
    expect(bench.ledger().events).toMatchObject([{ acknowledged: false, abandoned: true }])
  })

  it('notes a receiver that is not there', async () => {
    await open({ webhookUrl: () => 'http://127.0.0.1:9/' })
    await write('Oi')
    await expect
      .poll(() => bench.ledger().events[0]?.answers[0])
      .toMatchObject({ failure: 'ECONNREFUSED' })
  })

  it('packs updates of two accounts into one body of entries, changes and lists', async () => {
    await open({ settings: { webhooks: { maxUpdatesPerPost: 1000, lingerMs: 1 } } })
    await bench.steer('POST', 'faults', { kind: 'webhook-outage' })
    for (let index = 0; index < 120; index += 1) await write(`mensagem ${index}`)
    await write('outra conta', { phoneNumberId: otherNumber.phoneNumberId })
    await bench.steer('DELETE', 'faults')
    await receiver.until(() => receiver.messages().length === 121)
    expect(receiver.posts).toHaveLength(1)
    const counts = receiver.posts[0]?.body.entry.map(({ id, changes }) => [
      id,
      changes.map(({ value }) => value.messages?.length),
    ])
    expect(counts).toEqual([
      [number.wabaId, [100, 20]],
      [otherNumber.wabaId, [1]],
    ])
    expect(new Set(receiver.messages().map(({ id }) => id)).size).toBe(121)
  })

  it('keeps bodies under 3 MB', async () => {
    await open({ settings: { webhooks: { maxUpdatesPerPost: 1000 } } })
    await bench.steer('POST', 'faults', { kind: 'webhook-outage' })
    const long = 'ç'.repeat(60_000)
    for (let index = 0; index < 20; index += 1) await write(long)
    await bench.steer('DELETE', 'faults')
    await receiver.until(() => receiver.messages().length === 20)
    expect(receiver.posts.length).toBeGreaterThan(2)
    for (const { raw } of receiver.posts) expect(raw.length).toBeLessThan(3_000_000)
  })

  it('performs the handshake and sends bodies of the caller', async () => {
    await open()
    const report = { ok: true, httpStatus: 200, challengeEchoed: true }
    expect((await bench.steer('POST', 'verify')).json).toEqual(report)
    const value = { event: 'APPROVED', message_template_name: 'aviso_geral' }
    const field = 'message_template_status_update'
    const sent = await bench.steer('POST', 'webhooks', { value, field })
    expect(sent.json).toMatchObject({ httpStatus: 200 })
    await bench.steer('POST', 'webhooks', {
      body: { object: 'x', entry: [] },
      signature: 'invalid',
    })
    await bench.steer('POST', 'webhooks', {
      text: '{"object":"y","entry":[]}',
      signature: 'missing',
    })
    expect(receiver.posts.map(({ signatureValid }) => signatureValid)).toEqual([true, false, false])
    expect(receiver.posts[0]?.body.entry).toMatchObject([
      { time: expect.any(Number), changes: [{ field, value }] },
    ])
  })

  it('withholds, doubles and falsely signs webhooks when told to', async () => {
    await open()
    await bench.steer('POST', 'faults', { kind: 'webhook-outage' })
    await write('um')
    expect(bench.ledger().pending.webhooks).toBe(1)
    await bench.steer('DELETE', 'faults')
    await receiver.until(() => receiver.posts.length === 1)
    await bench.steer('POST', 'faults', { kind: 'webhook-duplicate', count: 1 })
    await write('dois')
    await receiver.until(() => receiver.posts.length === 3)
    await bench.steer('POST', 'faults', { kind: 'webhook-bad-signature', count: 1 })
    await write('três')
    await receiver.until(() => receiver.posts.length === 4)
    const bodies = receiver.messages().map(({ text: it }) => (it as { body: string }).body)
    expect(bodies).toEqual(['um', 'dois', 'dois', 'três'])
    expect(receiver.posts.map(({ signatureValid }) => signatureValid)).toEqual([
      true,
      true,
      true,
      false,
    ])
  })
})

describe('inbound', () => {
  it('writes as a person whose id lacks the ninth digit, or who hides the phone', async () => {
    await open()
    const { json } = await write('Oi', { from: '+55 31 98765-4321', name: 'Ana' })
    await write('Oi', { from: '+5511987654321', hidesPhone: true })
    await write('Oi', { from: 'BR.77' })
    await receiver.until(() => receiver.messages().length === 3)
    const messages = receiver.messages()
    expect(messages[0]).toMatchObject({ id: json.messageId, from: '553187654321', type: 'text' })
    expect(messages[1]).not.toHaveProperty('from')
    expect(messages[2]).toMatchObject({ from_user_id: 'BR.77' })
    expect(receiver.posts[0]?.body.entry[0]?.changes[0]?.value.contacts).toMatchObject([
      { profile: { name: 'Ana' }, wa_id: '553187654321' },
    ])
  })

  it.each<[object, object]>([
    [
      { type: 'button', text: 'Sim', payload: 'sim' },
      { type: 'button', button: { payload: 'sim' } },
    ],
    [
      { type: 'list_reply', id: 'a', title: 'A' },
      { type: 'interactive', interactive: { type: 'list_reply', list_reply: { id: 'a' } } },
    ],
    [{ type: 'reaction', messageId: 'wamid.x' }, { reaction: { message_id: 'wamid.x' } }],
    [{ type: 'location', latitude: -23.5, longitude: -46.6 }, { location: { latitude: -23.5 } }],
  ])('builds %j', async (content, message) => {
    await open()
    await write('', { content, replyTo: 'wamid.antes' })
    await receiver.until(() => receiver.messages().length === 1)
    expect(receiver.messages()).toMatchObject([{ ...message, context: { id: 'wamid.antes' } }])
  })

  it('passes a raw message through and serves the file of a media message', async () => {
    await open()
    const raw = { type: 'unsupported', errors: [{ code: 131051 }], id: 'wamid.cru' }
    await write('', { content: undefined, raw })
    const content = { type: 'media', mimeType: 'image/png', base64: 'cG5n', caption: 'recibo' }
    await write('', { content })
    await receiver.until(() => receiver.messages().length === 2)
    const [first, second] = receiver.messages()
    expect(first).toMatchObject({ ...raw, from: '5511987654321' })
    const image = second?.image as { url: string; caption: string }
    expect(image.caption).toBe('recibo')
    const file = await fetch(image.url, { headers: bench.authorization })
    expect(await file.text()).toBe('png')
  })

  it.each<object>([
    { from: 'ninguém', content: { type: 'text', text: 'x' } },
    { from: '+5511987654321' },
    { from: '+5511987654321', content: { type: 'text', text: 'x' }, phoneNumberId: '9' },
  ])('refuses %j', async (message) => {
    await open()
    const answer = await bench.steer('POST', 'inbound', message)
    expect(answer).toMatchObject({ status: 400, json: { detail: expect.any(String) } })
  })
})

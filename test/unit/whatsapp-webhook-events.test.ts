import { describe, expect, it } from 'vitest'
import { translateItem } from '#shared/adapters/whatsapp/webhook-events.ts'
import { splitWebhook } from '#shared/adapters/whatsapp/webhook-items.ts'
import type { ChannelEvent } from '#shared/domain/channel-event.ts'

const now = new Date('2026-11-23T12:00:00Z')
const uuid = () => '7f9c24e5-3b1a-4c3e-9d52-0a4b8f1d6e01'
const reading = { now, uuid }
const timestamp = String(Date.parse('2026-11-23T11:59:00Z') / 1000)
const occurredAt = '2026-11-23T11:59:00.000Z'
const sender = { phoneNumberId: '106540000000001', wabaId: '102290000000001' }
const attemptId = '0198c1d2-7b1e-7c7a-9a50-5f0f4e7a9b11'

const metadata = { display_phone_number: '551140000000', phone_number_id: sender.phoneNumberId }
const ana = { profile: { name: 'Ana' }, wa_id: '5511987654321', user_id: 'BR.1349' }
const bia = { profile: { name: 'Bia' }, wa_id: '5511912345678', user_id: 'BR.2222' }
const text = (fields: object = {}) => ({
  from: ana.wa_id,
  from_user_id: ana.user_id,
  id: 'wamid.INB1=',
  timestamp,
  type: 'text',
  text: { body: 'Olá' },
  ...fields,
})
const status = (fields: object = {}) => ({
  id: 'wamid.OUT1=',
  status: 'delivered',
  timestamp,
  recipient_id: ana.wa_id,
  ...fields,
})
const change = (value: unknown, field: unknown = 'messages') => ({ field, value })
const webhook = (...changes: unknown[]) => ({
  object: 'whatsapp_business_account',
  entry: [{ id: sender.wabaId, changes }],
})
const events = (body: unknown): ChannelEvent[] =>
  splitWebhook(body).map((item) => translateItem(item, reading))
const one = (value: object): ChannelEvent | undefined =>
  events(webhook(change({ messaging_product: 'whatsapp', metadata, ...value })))[0]
const message = (fields: object, contacts: unknown = [ana]) =>
  one({ contacts, messages: [text(fields)] })
const report = (fields: object) => one({ statuses: [status(fields)] })

describe('translateItem: messages', () => {
  it('reads a text', () => {
    expect(message({ context: { from: '551140000000', id: 'wamid.OUT1=' } })).toEqual({
      kind: 'inbound',
      channel: 'WHATSAPP',
      sender,
      providerMessageId: 'wamid.INB1=',
      from: { waId: '5511987654321', userId: 'BR.1349', name: 'Ana' },
      occurredAt,
      content: { type: 'text', text: 'Olá' },
      replyTo: 'wamid.OUT1=',
    })
  })

  it.each(['request_welcome', 'futuro', '__proto__', 'constructor'])('keeps a %s whole', (type) => {
    const fields = { type, text: undefined, extra: [1, null] }
    expect(message(fields)).toMatchObject({
      kind: 'inbound',
      content: { type: 'other', providerType: type, raw: { type, extra: [1, null] } },
    })
  })

  it.each([
    ['no type', { type: undefined }, 'unknown'],
    ['a type that is a number', { type: 5 }, 'unknown'],
    ['a text without body', { text: {} }, 'text'],
    ['a body that is a list', { text: { body: ['x'] } }, 'text'],
  ])('shows %s as other', (_, fields, providerType) => {
    expect(message(fields)).toMatchObject({ content: { type: 'other', providerType } })
  })

  it.each([
    ['a phone only', { from_user_id: undefined }, [], { waId: ana.wa_id }],
    ['a user id only', { from: undefined }, [], { userId: ana.user_id }],
    [
      'a contact only',
      { from: undefined, from_user_id: undefined },
      [ana],
      { waId: ana.wa_id, userId: ana.user_id, name: 'Ana' },
    ],
    [
      'a user known by phone too',
      { from: undefined },
      [ana, bia],
      { waId: ana.wa_id, userId: ana.user_id, name: 'Ana' },
    ],
    ['contacts of another form', {}, 'x', { waId: ana.wa_id, userId: ana.user_id }],
    [
      'a contact without profile',
      {},
      [{ wa_id: ana.wa_id }],
      { waId: ana.wa_id, userId: ana.user_id },
    ],
    [
      'a name that is a number',
      {},
      [{ ...ana, profile: { name: 5 } }],
      { waId: ana.wa_id, userId: ana.user_id },
    ],
  ])('knows the writer by %s', (...row) => {
    const [, fields, contacts, from] = row
    expect(message(fields, contacts)).toMatchObject({ kind: 'inbound', from })
    expect(message(fields, contacts)).toHaveProperty('from', from)
  })

  it('does not guess who wrote', () => {
    const event = message({ from: undefined, from_user_id: undefined }, [ana, bia])
    expect(event).toMatchObject({ kind: 'other', reason: 'unknown-person', sender })
  })

  it('keeps the talk of a group out of personal chats', () => {
    expect(message({ group_id: 'g1' })).toMatchObject({ kind: 'other', reason: 'group-message' })
  })

  it.each([
    ['id missing', { id: undefined }],
    ['id empty', { id: '' }],
    ['id a number', { id: 5 }],
    ['id too long', { id: 'x'.repeat(513) }],
    ['id with U+0000', { id: 'wamid.\u0000A' }],
    ['id with a line break', { id: 'wamid.A\n' }],
    ['id with C1 control', { id: 'wamid.\u0085' }],
    ['id with a lone surrogate', { id: 'wamid.\ud800' }],
    ['time missing', { timestamp: undefined }],
    ['time a number', { timestamp: Number(timestamp) }],
    ['time a word', { timestamp: 'ontem' }],
    ['time empty', { timestamp: '' }],
    ['time negative', { timestamp: '-1' }],
    ['time with fraction', { timestamp: '1795430000.5' }],
    ['time in milliseconds', { timestamp: `${timestamp}000` }],
    ['time beyond any calendar', { timestamp: '9'.repeat(40) }],
    ['time over a day ahead', { timestamp: String(now.getTime() / 1000 + 24 * 3600 + 1) }],
  ])('calls %s malformed and keeps the item', (_, fields) => {
    const event = message(fields)
    expect(event).toMatchObject({ kind: 'other', reason: 'malformed', sender })
    expect(event).toHaveProperty('raw.kind', 'message')
    expect(event).toHaveProperty('raw.payload.type', 'text')
  })

  it('tolerates a clock that is a day off', () => {
    const timestamp = String(now.getTime() / 1000 + 24 * 3600)
    expect(message({ timestamp })).toMatchObject({ kind: 'inbound' })
  })

  it('needs to know which number it came to', () => {
    const [noMetadata] = events(webhook(change({ messages: [text()] })))
    expect(noMetadata).toMatchObject({
      kind: 'other',
      reason: 'malformed',
      sender: { wabaId: sender.wabaId },
    })
    const [noWaba] = events({ entry: [{ changes: [change({ metadata, messages: [text()] })] }] })
    expect(noWaba).toMatchObject({
      reason: 'malformed',
      sender: { phoneNumberId: sender.phoneNumberId },
    })
  })

  it('makes every string fit for storage', () => {
    const dirty = 'a\u0000b\ud800c👍'
    const clean = 'ab\ufffdc👍'
    expect(
      message({ text: { body: dirty } }, [{ ...ana, profile: { name: dirty } }]),
    ).toMatchObject({ content: { text: clean }, from: { name: clean } })
    expect(message({ type: dirty, [dirty]: [dirty] })).toMatchObject({
      content: { providerType: clean, raw: { type: clean, [clean]: [clean] } },
    })
    expect(one({ errors: [dirty] })).toMatchObject({ kind: 'other', raw: { payload: clean } })
  })

  it('drops a reply target that is no id', () => {
    expect(message({ context: { id: 'a\u0000' } })).not.toHaveProperty('replyTo')
    expect(message({ context: { forwarded: true } })).not.toHaveProperty('replyTo')
    expect(message({ context: 'x' })).toMatchObject({ kind: 'inbound' })
  })
})

describe('translateItem: statuses', () => {
  it.each([
    ['sent', 'SENT'],
    ['delivered', 'DELIVERED'],
    ['read', 'READ'],
    ['played', 'READ'],
    ['failed', 'FAILED'],
  ])('reads %s as %s', (given, expected) => {
    expect(report({ status: given, biz_opaque_callback_data: attemptId })).toEqual({
      kind: 'status',
      channel: 'WHATSAPP',
      sender,
      providerMessageId: 'wamid.OUT1=',
      status: expected,
      occurredAt,
      attemptId,
    })
  })

  it('keeps code, title and detail of a failure', () => {
    const error = {
      code: 131047,
      title: 'Re-engagement message',
      error_data: { details: 'More than 24 hours\u0000' },
    }
    expect(report({ status: 'failed', errors: [{ code: 'x' }, error] })).toHaveProperty('failure', {
      code: 131047,
      reason: 'service-window-closed',
      title: 'Re-engagement message',
      detail: 'More than 24 hours',
    })
    expect(report({ status: 'failed', errors: [{ code: 999 }] })).toHaveProperty('failure', {
      code: 999,
      reason: 'unknown-error',
    })
  })

  it.each([undefined, null, 'x', [], [null], [{ code: 1.5 }], [{ code: 1e12 }]])(
    'reads a failure whose errors are %j',
    (errors) => {
      const event = report({ status: 'failed', errors })
      expect(event).toMatchObject({ kind: 'status', status: 'FAILED' })
      expect(event).not.toHaveProperty('failure')
    },
  )

  it.each([undefined, '', 'pedido-77', `${attemptId}\u0000`, 5, 'x'.repeat(600)])(
    'does not take %j for an attempt of ours',
    (data) => {
      const event = report({ biz_opaque_callback_data: data })
      expect(event).toMatchObject({ kind: 'status' })
      expect(event).not.toHaveProperty('attemptId')
    },
  )

  it.each(['deleted', 'warning', 'SENT', '', '__proto__', 'constructor'])(
    'keeps the unknown status %j',
    (given) => {
      expect(report({ status: given })).toMatchObject({ kind: 'other', reason: 'unknown-status' })
    },
  )

  it.each([{ id: '' }, { status: undefined }, { status: 5 }, { timestamp: 'x' }, { timestamp: 1 }])(
    'calls %j malformed',
    (fields) => {
      expect(report(fields)).toMatchObject({ kind: 'other', reason: 'malformed', sender })
    },
  )

  it('reads statuses beside a message that it cannot read', () => {
    const value = { metadata, messages: [{}, text()], statuses: [null, status()] }
    expect(events(webhook(change(value))).map(({ kind }) => kind)).toEqual([
      'other',
      'inbound',
      'other',
      'status',
    ])
  })
})

describe('translateItem: the rest', () => {
  it.each([
    [one({ message_echoes: [text()] }), 'unknown-person'],
    [one({ user_preferences: [{ wa_id: ana.wa_id }] }), 'malformed'],
    [events(webhook(change('x', 'account_update')))[0], 'malformed'],
    [events(webhook(change({ statuses: [status()] }, 'calls')))[0], 'unknown-field'],
    [events('x')[0], 'malformed'],
  ])('says why: %#', (event, reason) => {
    expect(event).toMatchObject({ kind: 'other', channel: 'WHATSAPP', reason })
  })

  it('reads a change whose field is missing by what it holds', () => {
    const body = {
      entry: [{ id: sender.wabaId, changes: [{ value: { metadata, messages: [text()] } }] }],
    }
    expect(events(body)).toMatchObject([{ kind: 'inbound' }])
  })

  it.each([undefined, null, 5, 'x', [], {}, { kind: 'x', payload: 1 }, { kind: 'message' }])(
    'answers %j, which is no item',
    (item) => {
      expect(translateItem(item, reading)).toMatchObject({
        kind: 'other',
        reason: 'malformed',
        sender: {},
      })
    },
  )
})

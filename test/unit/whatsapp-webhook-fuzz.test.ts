import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { translateItem } from '#shared/adapters/whatsapp/webhook-events.ts'
import { splitWebhook } from '#shared/adapters/whatsapp/webhook-items.ts'
import type { ChannelEvent } from '#shared/domain/channel-event.ts'

const now = new Date('2026-11-23T12:00:00Z')
const uuid = () => '7f9c24e5-3b1a-4c3e-9d52-0a4b8f1d6e01'
const reading = { now, uuid }
const knownFields = ['messages', 'smb_message_echoes', undefined]
const listNames = ['messages', 'statuses', 'errors', 'message_echoes']

/** Strings of all kinds that JSON can carry, lone surrogates and U+0000 included. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('\u0000', '\ud83d', '\udc4d', '"', '\\', '/', 'ç', '\n') }),
)
const anyJson = fc.oneof(
  fc.jsonValue({ stringUnit: 'binary' }) as fc.Arbitrary<unknown>,
  fc.object({ key: anyText, values: [anyText, fc.double(), fc.constant(null), fc.boolean()] }),
  anyText,
)

const timestamp = fc.integer({ min: 0, max: 1_795_430_000 }).map(String)
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
const waId = fc.constantFrom('5511987654321', '5511912345678', '14155552671')
const userId = fc.constantFrom('BR.1', 'BR.2', 'US.3')
const messageId = fc.integer({ min: 0, max: 99 }).map((n) => `wamid.${n}=`)
const message = fc.record({
  id: messageId,
  timestamp,
  from: optional(waId),
  from_user_id: optional(userId),
  type: optional(fc.constantFrom('text', 'image', 'reaction', 'unsupported')),
  text: optional(fc.record({ body: anyText })),
  context: optional(fc.record({ id: messageId })),
})
const status = fc.record({
  id: messageId,
  timestamp,
  status: fc.constantFrom('sent', 'delivered', 'read', 'played', 'failed', 'deleted'),
  biz_opaque_callback_data: optional(fc.uuid()),
  recipient_id: optional(waId),
  errors: optional(fc.array(fc.record({ code: fc.constantFrom(131026, 131047, 0, 5) }))),
})
const contact = fc.record({
  wa_id: optional(waId),
  user_id: optional(userId),
  profile: optional(fc.record({ name: anyText })),
})
const value = fc.record({
  metadata: optional(fc.record({ phone_number_id: fc.constantFrom('1', '2') })),
  contacts: optional(fc.array(contact, { maxLength: 3 })),
  messages: optional(fc.array(message, { maxLength: 4 })),
  statuses: optional(fc.array(status, { maxLength: 4 })),
  errors: optional(fc.array(fc.record({ code: fc.nat() }), { maxLength: 2 })),
})
const change = fc.record({
  field: fc.constantFrom('messages', 'messages', 'messages', 'account_update', undefined),
  value,
})
const entry = fc.record({
  id: optional(fc.constantFrom('10', '20')),
  changes: fc.array(change, { maxLength: 3 }),
})
const webhook = fc.record({ entry: fc.array(entry, { maxLength: 3 }) })

type Webhook = typeof webhook extends fc.Arbitrary<infer T> ? T : never

/** How many items a well-formed webhook holds, counted without the code under test. */
function countOf(body: Webhook): number {
  const changes = body.entry.flatMap((each) => each.changes)
  return changes
    .map(({ field, value: content }) => {
      if (!knownFields.includes(field)) return 1
      const lists = Object.entries(content)
        .filter(([key]) => listNames.includes(key))
        .flatMap(([, list]) => (Array.isArray(list) ? [list.length] : []))
      return lists.length === 0 ? 1 : lists.reduce((sum, length) => sum + length, 0)
    })
    .reduce((sum, count) => sum + count, 0)
}

/** Puts another value in place of one node of a JSON tree, chosen by number. */
function mutate(root: unknown, at: number, put: unknown): unknown {
  let left = at
  const visit = (node: unknown): unknown => {
    if (left-- === 0) return put
    if (Array.isArray(node)) return node.map(visit)
    if (typeof node !== 'object' || node === null) return node
    return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, visit(child)]))
  }
  return visit(root)
}

function expectStorable(event: ChannelEvent): void {
  expect(['inbound', 'echo', 'preference', 'status', 'account', 'other']).toContain(event.kind)
  const strings: string[] = []
  JSON.stringify(event, (key, item) => {
    strings.push(key)
    if (typeof item === 'string') strings.push(item)
    return item
  })
  expect(strings.filter((each) => !each.isWellFormed() || each.includes('\u0000'))).toEqual([])
  if (event.kind === 'other' || event.kind === 'account' || event.kind === 'preference') return
  expect(event.providerMessageId).toMatch(/^\P{Cc}{1,512}$/u)
  expect(new Date(event.occurredAt).toISOString()).toBe(event.occurredAt)
  expect(event.sender.phoneNumberId).toMatch(/^\P{Cc}{1,512}$/u)
  if (event.kind === 'inbound') {
    const { from, nowKnownAs } = event
    expect(Object.keys({ ...from, ...nowKnownAs })).not.toEqual([])
  }
}

/** Through the queue, as in production: split, serialised, read again, translated. */
function translateAll(body: unknown): ChannelEvent[] {
  const items: unknown[] = JSON.parse(JSON.stringify(splitWebhook(body)))
  return items.map((item) => translateItem(item, reading))
}

describe('webhooks of any form', () => {
  it('never throw and never yield what cannot be stored, for any JSON', () => {
    fc.assert(
      fc.property(anyJson, (body) => {
        translateAll(body).forEach(expectStorable)
        expectStorable(translateItem(body, reading))
      }),
      { numRuns: 2000 },
    )
  })

  it('come out item for item, when well-formed', () => {
    fc.assert(
      fc.property(webhook, (body) => {
        const events = translateAll(body)
        expect(events).toHaveLength(countOf(body))
        events.forEach(expectStorable)
      }),
      { numRuns: 1000 },
    )
  })

  it('survive any one part being something else', () => {
    fc.assert(
      fc.property(webhook, fc.nat({ max: 150 }), anyJson, (body, at, put) => {
        translateAll(mutate(body, at, put)).forEach(expectStorable)
      }),
      { numRuns: 3000 },
    )
  })

  it('lose no other item when one message is something else', () => {
    const body = (messages: unknown[]) => ({
      entry: [
        {
          id: '10',
          changes: [{ field: 'messages', value: { metadata: { phone_number_id: '1' }, messages } }],
        },
      ],
    })
    fc.assert(
      fc.property(fc.array(message, { minLength: 1 }), fc.nat(), anyJson, (messages, n, put) => {
        const at = n % messages.length
        const before = translateAll(body(messages))
        const after = translateAll(body(messages.with(at, put as never)))
        expect(after).toHaveLength(messages.length)
        expect(after.toSpliced(at, 1)).toEqual(before.toSpliced(at, 1))
      }),
      { numRuns: 1000 },
    )
  })
})

import { createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import { verifySignature } from '#shared/adapters/whatsapp/signature.ts'
import { translateItem } from '#shared/adapters/whatsapp/webhook-events.ts'
import { splitWebhook } from '#shared/adapters/whatsapp/webhook-items.ts'
import type { ChannelEvent } from '#shared/domain/channel-event.ts'

/**
 * What an attacker or a fault can make of a webhook: signed bodies of every kind, with parts put
 * in place of others and bytes changed. The seed makes a failure come again.
 */
const seed = 20_261_123
const structuredCount = 50_000
const byteCount = 50_000
const secret = 'app-secret'
const now = new Date('2026-11-23T12:00:00Z')
const uuid = () => '7f9c24e5-3b1a-4c3e-9d52-0a4b8f1d6e01'

/** Mulberry32. */
function chanceFrom(start: number): (below: number) => number {
  let state = start
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below)
  }
}
const chance = chanceFrom(seed)

const timestamp = '1795430000'
const file = {
  id: 'm1',
  mime_type: 'image/jpeg',
  sha256: 'q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=',
}
const said: readonly object[] = [
  { type: 'text', text: { body: 'Olá 👍' }, context: { id: 'wamid.0', forwarded: true } },
  { type: 'image', image: { ...file, caption: 'Foto' } },
  { type: 'document', document: { ...file, filename: 'nf.pdf' } },
  { type: 'audio', audio: { ...file, voice: true } },
  { type: 'location', location: { latitude: -23.5, longitude: -46.6, name: 'Sé' } },
  {
    type: 'contacts',
    contacts: [{ name: { formatted_name: 'Ana' }, phones: [{ phone: '+55 11 9', wa_id: '55' }] }],
  },
  { type: 'reaction', reaction: { message_id: 'wamid.0', emoji: '❤️' } },
  { type: 'button', button: { payload: 'p', text: 't' } },
  {
    type: 'interactive',
    interactive: { type: 'nfm_reply', nfm_reply: { response_json: '{"a":[1]}' } },
  },
  { type: 'order', order: { product_items: [{ product_retailer_id: 's', quantity: '2' }] } },
  { type: 'system', system: { type: 'user_changed_number', wa_id: '5511900000000' } },
  { type: 'unsupported', errors: [{ code: 131051 }], unsupported: { type: 'poll' } },
  {
    type: 'edit',
    edit: { original_message_id: 'wamid.0', message: { type: 'text', text: { body: 'x' } } },
  },
  { type: 'revoke', revoke: { original_message_id: 'wamid.0' } },
  {
    type: 'text',
    text: { body: 'SAIR' },
    referral: { source_url: 'https://fb.me', headline: 'h' },
  },
]
const metadata = { display_phone_number: '551140000000', phone_number_id: '106540000000001' }
const person = { from: '5511987654321', from_user_id: 'BR.1349' }
const contacts = [{ profile: { name: 'Ana' }, wa_id: person.from, user_id: person.from_user_id }]
const template = { message_template_id: 7, message_template_name: 'n' }
const changes: readonly object[] = [
  ...said.map((message, index) => ({
    field: 'messages',
    value: {
      metadata,
      contacts,
      messages: [{ ...person, id: `wamid.${index}`, timestamp, ...message }],
    },
  })),
  {
    field: 'messages',
    value: {
      metadata,
      statuses: [
        { id: 'w', status: 'sent', timestamp, pricing: { category: 'utility', billable: true } },
        { id: 'w', status: 'failed', timestamp, errors: [{ code: 131050, title: 't' }] },
      ],
      errors: [{ code: 131042 }],
    },
  },
  {
    field: 'smb_message_echoes',
    value: {
      metadata,
      message_echoes: [{ id: 'e', to: person.from, timestamp, type: 'text', text: { body: 'x' } }],
    },
  },
  {
    field: 'user_preferences',
    value: {
      metadata,
      user_preferences: [
        { wa_id: person.from, category: 'marketing_messages', value: 'stop', timestamp: 1 },
      ],
    },
  },
  { field: 'message_template_status_update', value: { ...template, event: 'PAUSED' } },
  { field: 'template_category_update', value: { ...template, new_category: 'MARKETING' } },
  { field: 'account_alerts', value: { alert_info: { alert_severity: 'CRITICAL' } } },
]

const strange: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  '',
  '\u0000',
  '\ud800',
  '__proto__',
  'x'.repeat(600),
  [],
  [[]],
  {},
  { type: 'text' },
  { id: 'wamid.0' },
  '9'.repeat(30),
  deep(40),
]

function deep(levels: number): unknown {
  return Array.from({ length: levels }).reduce<unknown>((inner) => [inner], {})
}

/** A body of a few changes, with up to three of its parts replaced. */
function structured(): string {
  const picked = Array.from({ length: 1 + chance(2) }, () => changes[chance(changes.length)])
  let body: unknown = { object: 'x', entry: [{ id: '1022', time: 1_795_430_000, changes: picked }] }
  for (let count = chance(4); count > 0; count -= 1) body = replaced(body, chance(60))
  return JSON.stringify(body)
}

function replaced(root: unknown, place: number): unknown {
  let left = place
  const visit = (node: unknown): unknown => {
    if (left-- === 0) return strange[chance(strange.length)]
    if (Array.isArray(node)) return node.map(visit)
    if (typeof node !== 'object' || node === null) return node
    const fields = Object.entries(node).map(([key, value]) => [key, visit(value)] as const)
    if (left === 0) fields.push(['__proto__', { polluted: true }])
    return Object.fromEntries(fields)
  }
  return visit(root)
}

/** The same bytes with some changed, left out, doubled or cut off; never the same. */
function mutated(bytes: Buffer): Buffer {
  const at = chance(bytes.length)
  const rest = bytes.subarray(at + 1)
  switch (chance(4)) {
    case 0:
      return Buffer.concat([
        bytes.subarray(0, at),
        Buffer.of(((bytes[at] ?? 0) + 1 + chance(254)) % 256),
        rest,
      ])
    case 1:
      return Buffer.concat([bytes.subarray(0, at), rest])
    case 2:
      return Buffer.concat([bytes.subarray(0, at), Buffer.of(chance(256)), bytes.subarray(at)])
    default:
      return bytes.subarray(0, at)
  }
}

const sign = (body: Uint8Array) =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`

/** As the door and the processor do it: signature, JSON, split, queue, translate. */
function take(body: Buffer, signature: string): readonly ChannelEvent[] | 'refused' {
  if (!verifySignature(body, signature, [secret])) return 'refused'
  const items: unknown[] = JSON.parse(JSON.stringify(splitWebhook(parsed(body))))
  return items.map((item) => translateItem(item, { now, uuid }))
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return body.toString('utf8')
  }
}

/** Storable: no lone surrogate, no U+0000, no inherited surprise. */
function isStorable(event: ChannelEvent): boolean {
  const json = JSON.stringify(event)
  // An escape that is not itself escaped.
  return !/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i.test(json) && !('polluted' in {})
}

it(`survives ${structuredCount + byteCount} mutations, and takes no forgery`, () => {
  const figures = { parsed: 0, events: 0, refused: 0, slowestMs: 0, slowestBytes: 0 }
  const unstorable: string[] = []
  const timed = (body: Buffer, signature: string) => {
    const begin = performance.now()
    const taken = take(body, signature)
    const ms = performance.now() - begin
    if (ms > figures.slowestMs) Object.assign(figures, { slowestMs: ms, slowestBytes: body.length })
    if (taken === 'refused') figures.refused += 1
    else {
      figures.parsed += 1
      figures.events += taken.length
      if (!taken.every(isStorable)) unstorable.push(body.toString('utf8'))
    }
    return taken
  }

  for (let count = 0; count < structuredCount; count += 1) {
    const body = Buffer.from(structured())
    expect(timed(body, sign(body))).not.toBe('refused')
  }
  let forgeries = 0
  for (let count = 0; count < byteCount; count += 1) {
    const right = Buffer.from(structured())
    const body = mutated(right)
    // Half are forged, so refused; half are signed, as a fault of the provider's own would be.
    const isForged = count % 2 === 0 && !body.equals(right)
    const taken = timed(body, isForged ? sign(right) : sign(body))
    if (isForged && taken !== 'refused') forgeries += 1
  }
  process.stdout.write(
    `webhook mutations (seed ${seed}): ${figures.parsed} parsed into ${figures.events} events, ` +
      `${figures.refused} forgeries refused, ${forgeries} accepted; slowest ` +
      `${figures.slowestMs.toFixed(2)} ms of ${figures.slowestBytes} bytes\n`,
  )
  expect(unstorable.slice(0, 3)).toEqual([])
  expect(forgeries).toBe(0)
  expect(figures.refused).toBeGreaterThan(byteCount * 0.45)
}, 300_000)

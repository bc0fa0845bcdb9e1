import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readInboundMail } from '#shared/adapters/email/inbound-mail.ts'
import { readSesNotification } from '#shared/adapters/email/ses-events.ts'
import type { EmailNotice } from '#shared/domain/email-notice.ts'
import type { InboundMail } from '#shared/domain/inbound-mail.ts'
import { bounce, event } from '#test/fixtures/ses-notifications.ts'
import { receipt } from '#test/support/email.ts'

const seed = 20_261_125
const folder = new URL('../fixtures/mail/', import.meta.url)
const mails = readdirSync(folder).map((name) => readFileSync(new URL(name, folder)))
const anyText = fc.string({ unit: 'binary' })
const anyJson = fc.oneof(
  fc.jsonValue({ stringUnit: 'binary' }) as fc.Arbitrary<unknown>,
  fc.object({ key: anyText, values: [anyText, fc.double(), fc.constant(null), fc.boolean()] }),
)

const at = '2026-11-23T12:00:02Z'
const people = [{ emailAddress: 'ana@cliente.com.br', status: '5.1.1', diagnosticCode: 'x' }]
const notifications: readonly object[] = [
  bounce('Permanent', 'NoEmail'),
  event('Send', { send: {} }),
  event('Delivery', { delivery: { timestamp: at, recipients: ['ana@cliente.com.br'] } }),
  event('Complaint', { complaint: { complainedRecipients: people, timestamp: at } }),
  event('Reject', { reject: { reason: 'Bad content' } }),
  event('Rendering Failure', { failure: { errorMessage: 'x' } }),
  event('DeliveryDelay', { deliveryDelay: { delayedRecipients: people, timestamp: at } }),
  event('Open', { open: { timestamp: at } }),
  event('Click', { click: { timestamp: at, link: 'https://x.com' } }),
  event('Subscription', {
    subscription: {
      timestamp: at,
      newTopicPreferences: { topicSubscriptionStatus: [{ topicName: 'a' }] },
    },
  }),
  {
    notificationType: 'Received',
    mail: { messageId: 'a', timestamp: at, destination: ['a@b.com'] },
    receipt: { timestamp: at, action: { type: 'S3', bucketName: 'bucket', objectKey: 'key' } },
  },
]

/** Puts another value in place of one node of a JSON tree, chosen by number. */
function mutate(root: unknown, place: number, put: unknown): unknown {
  let left = place
  const visit = (node: unknown): unknown => {
    if (left-- === 0) return put
    if (Array.isArray(node)) return node.map(visit)
    if (typeof node !== 'object' || node === null) return node
    return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, visit(child)]))
  }
  return visit(root)
}

/** No text that a header, a store or a screen would stumble over. */
function expectStorable(value: EmailNotice | InboundMail): void {
  const bad: string[] = []
  JSON.stringify(value, (key, item) => {
    if (key === 'bytes') return undefined
    // What was written keeps its tabs and ends of lines.
    const control = key === 'text' || key === 'quoted' ? /[^\P{Cc}\n\t]/u : /\p{Cc}/u
    if (typeof item === 'string' && (!item.isWellFormed() || control.test(item))) bad.push(key)
    return item
  })
  expect(bad).toEqual([])
}

const kinds = [
  'status',
  'complaint',
  'delay',
  'open',
  'click',
  'subscription',
  'received',
  'ignored',
]

function expectNotices(body: string): void {
  const notices = readSesNotification(body)
  expect(notices.length).toBeGreaterThan(0)
  expect(notices.length).toBeLessThanOrEqual(50)
  for (const notice of notices) {
    expect(kinds).toContain(notice.kind)
    expectStorable(notice)
    if ('occurredAt' in notice) {
      expect(new Date(notice.occurredAt).toISOString()).toBe(notice.occurredAt)
    }
  }
}

it('reads notifications of which any one part is something else', () => {
  fc.assert(
    fc.property(
      fc.tuple(fc.constantFrom(...notifications), fc.nat({ max: 60 }), anyJson),
      fc.boolean(),
      (mutation, enveloped) => {
        const body = JSON.stringify(mutate(...mutation))
        expectNotices(enveloped ? JSON.stringify({ Type: 'Notification', Message: body }) : body)
      },
    ),
    { numRuns: 5000, seed },
  )
})

it('reads any JSON and any text as a notification', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        anyJson.map((json) => JSON.stringify(json) ?? ''),
        anyText,
      ),
      expectNotices,
    ),
    { numRuns: 2000, seed },
  )
})

async function expectMail(raw: Uint8Array): Promise<void> {
  const mail = await readInboundMail(raw, receipt())
  expectStorable(mail)
  expect(mail.attachments.length).toBeLessThanOrEqual(20)
  expect(mail.attachments.every(({ filename }) => /^[^/\\]{1,140}$/.test(filename))).toBe(true)
}

it('reads mails of which bytes are changed, left out, doubled or cut off', async () => {
  const change = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    how: fc.nat(4),
    byte: fc.nat(255),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...mails),
      fc.array(change, { minLength: 1, maxLength: 8 }),
      async (mail, changes) => {
        const raw = changes.reduce<Buffer>((bytes, { at: where, how, byte }) => {
          const place = Math.floor(where * bytes.length)
          const [before, after] = [bytes.subarray(0, place), bytes.subarray(place + 1)]
          if (how === 0) return Buffer.concat([before, Buffer.of(byte), after])
          if (how === 1) return Buffer.concat([before, after])
          if (how === 2) return Buffer.concat([before, Buffer.from('\r\n'), bytes.subarray(place)])
          if (how === 3) return Buffer.concat([before, after, before])
          return before
        }, mail)
        await expectMail(raw)
      },
    ),
    { numRuns: 2000, seed },
  )
})

it('reads any bytes as a mail', async () => {
  const header = fc.constantFrom('From', 'Subject', 'Content-Type', 'References', 'To', 'Date')
  const line = fc.tuple(header, anyText).map(([name, value]) => `${name}: ${value}\r\n`)
  const made = fc
    .tuple(fc.array(line, { maxLength: 6 }), anyText)
    .map(([head, body]) => Buffer.from(`${head.join('')}\r\n${body}`))
  await fc.assert(fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 400 }), made), expectMail), {
    numRuns: 1500,
    seed,
  })
})

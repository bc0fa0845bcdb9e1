import { describe, expect, it } from 'vitest'
import { readBusinessItem } from '#shared/contracts/business-event-items.ts'
import { businessEventOf, postBusinessEventsBody } from '#shared/contracts/business-events.ts'
import { businessEventsExamples } from '#shared/contracts/operations/business-events-examples.ts'
import { installmentEvent, movementEvent, type ToldEvent } from '#test/support/billing-world.ts'

interface BadRow {
  readonly name: string
  readonly event: ToldEvent
  /** Dotted, within the event. */
  readonly path: string
}

const movement = (name: string, path: string, more: object): BadRow => ({
  name: `a movement with ${name}`,
  event: movementEvent('m', { ...more }),
  path: `movement.${path}`,
})
const installment = (name: string, path: string, more: object): BadRow => ({
  name: `an installment with ${name}`,
  event: installmentEvent('i', { ...more }),
  path: `installment.${path}`,
})
const head = (name: string, path: string, more: object): BadRow => ({
  name: `an event with ${name}`,
  event: { ...installmentEvent('i'), ...more },
  path,
})
const person = (more: object) => ({ person: { externalId: '1', ...more } })
const phone = { channel: 'WHATSAPP', address: '+5511987654321' }

const badRows: readonly BadRow[] = [
  head('no id', 'eventId', { eventId: undefined }),
  head('an empty id', 'eventId', { eventId: '' }),
  head('a slash in its id', 'eventId', { eventId: 'a/b' }),
  head('a space in its id', 'eventId', { eventId: 'a b' }),
  head('an id of 65 characters', 'eventId', { eventId: 'a'.repeat(65) }),
  head('a number for its id', 'eventId', { eventId: 7 }),
  head('an unknown type', 'type', { type: 'installment.deleted' }),
  head('a type in capitals', 'type', { type: 'INSTALLMENT.PAID' }),
  head('no type', 'type', { type: undefined }),
  head('version 0', 'version', { version: 0 }),
  head('a negative version', 'version', { version: -1 }),
  head('a fraction of a version', 'version', { version: 1.5 }),
  head('a version as text', 'version', { version: '1' }),
  head('a version past what JSON keeps', 'version', { version: 2 ** 53 }),
  head('no version', 'version', { version: undefined }),
  head('no time', 'occurredAt', { occurredAt: undefined }),
  head('a time without a zone', 'occurredAt', { occurredAt: '2026-11-20T12:00:00' }),
  head('a day for its time', 'occurredAt', { occurredAt: '2026-11-20' }),
  head('the year 1900', 'occurredAt', { occurredAt: '1900-01-01T00:00:00Z' }),
  head('another schema version', 'schemaVersion', { schemaVersion: 2 }),
  head('no schema version', 'schemaVersion', { schemaVersion: undefined }),
  head('a field that nobody knows', 'note', { note: 'x' }),
  head('a movement beside it', 'movement', { movement: {} }),
  head('no installment', 'installment', { installment: undefined }),
  installment('a float amount', 'amountCents', { amountCents: 100.5 }),
  installment('reais as text', 'amountCents', { amountCents: '100,00' }),
  installment('nothing to pay', 'amountCents', { amountCents: 0 }),
  installment('a negative amount', 'amountCents', { amountCents: -1 }),
  installment('more than 10 billion reais', 'amountCents', { amountCents: 1_000_000_000_001 }),
  installment('a negative balance', 'balanceCents', { balanceCents: -1 }),
  installment('a float balance', 'balanceCents', { balanceCents: 0.1 }),
  installment('30 February', 'dueOn', { dueOn: '2026-02-30' }),
  installment('29 February of no leap year', 'dueOn', { dueOn: '2027-02-29' }),
  installment('month 13', 'dueOn', { dueOn: '2026-13-01' }),
  installment('day 0', 'dueOn', { dueOn: '2026-12-00' }),
  installment('a Brazilian date', 'dueOn', { dueOn: '10/12/2026' }),
  installment('a time for its due date', 'dueOn', { dueOn: '2026-12-10T00:00:00Z' }),
  installment('the year 1999', 'dueOn', { dueOn: '1999-12-31' }),
  installment('the year 2101', 'dueOn', { dueOn: '2101-01-01' }),
  installment('number 0', 'number', { number: 0 }),
  installment('number 4 of 3', 'number', { number: 4 }),
  installment('no movement', 'movementId', { movementId: undefined }),
  installment('a plain http link', 'paymentLink', { paymentLink: 'http://pagar.exemplo.com.br' }),
  installment('a script for a link', 'paymentLink', { paymentLink: 'javascript:alert(1)' }),
  installment('an accent in a PIX code', 'pixCode', { pixCode: '000201ção' }),
  installment('a PIX code of 513 characters', 'pixCode', { pixCode: '0'.repeat(513) }),
  installment('a PIX code with another CRC', 'pixCode', {
    pixCode:
      '00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***63041D3E',
  }),
  installment('a boleto line with another digit', 'boletoLine', {
    boletoLine: '00190.50095 40144.816069 06809.350315 3 37370000000100',
  }),
  installment('letters in a boleto line', 'boletoLine', { boletoLine: 'x'.repeat(47) }),
  installment('a short boleto line', 'boletoLine', { boletoLine: '0'.repeat(43) }),
  installment('a file that is no id', 'documentMediaId', { documentMediaId: 'boleto.pdf' }),
  installment('a status that only updates say', 'status', { status: 'PAID' }),
  installment('a payment that only paid ones say', 'paidAt', { paidAt: '2026-11-20T12:00:00Z' }),
  {
    name: 'an update to an unknown status',
    event: installmentEvent('i', { type: 'installment.updated', status: 'LATE' }),
    path: 'installment.status',
  },
  {
    name: 'a payment without its time',
    event: installmentEvent('i', { type: 'installment.paid', paidAt: undefined }),
    path: 'installment.paidAt',
  },
  movement('dollars', 'currency', { currency: 'USD' }),
  movement('a small brl', 'currency', { currency: 'brl' }),
  movement('no currency', 'currency', { currency: undefined }),
  movement('a float amount', 'amountCents', { amountCents: 0.3 }),
  movement('no description', 'description', { description: undefined }),
  movement('an empty description', 'description', { description: '' }),
  movement('two lines of description', 'description', { description: 'a\nb' }),
  movement('a long description', 'description', { description: 'a'.repeat(201) }),
  movement('a tax receipt over http', 'nfseLink', { nfseLink: 'http://nfse.exemplo.com.br' }),
  movement('nobody', 'person', { person: undefined }),
  movement('a person without id', 'person.externalId', { person: { name: 'Ana' } }),
  movement('a phone of nowhere', 'person.contacts.0.address', {
    ...person({ contacts: [{ channel: 'WHATSAPP', address: '123' }] }),
  }),
  movement('an e-mail without @', 'person.contacts.0.address', {
    ...person({ contacts: [{ channel: 'EMAIL', address: 'ana' }] }),
  }),
  movement('an unknown channel', 'person.contacts.0.channel', {
    ...person({ contacts: [{ channel: 'SMS', address: '+5511987654321' }] }),
  }),
  movement('11 contacts', 'person.contacts', person({ contacts: Array(11).fill(phone) })),
  movement('a CPF field', 'person', person({ cpf: '111.444.777-35' })),
]

const parse = (...events: readonly unknown[]) => postBusinessEventsBody.safeParse({ events })

describe('the schema of business events', () => {
  it.each(badRows)('refuses $name, and says where', ({ event, path }) => {
    const result = parse(JSON.parse(JSON.stringify(event)))
    expect(result.success).toBe(false)
    const paths = result.error?.issues.map((issue) =>
      [
        ...issue.path.slice(2),
        ...(issue.code === 'unrecognized_keys' && issue.path.length < 4 ? issue.keys : []),
      ].join('.'),
    )
    expect(paths?.some((seen) => seen === path || seen.startsWith(`${path}.`))).toBe(true)
  })

  it('has rows enough', () => expect(badRows.length).toBeGreaterThanOrEqual(60))

  it.each([
    ['no events', []],
    ['101 events', Array(101).fill(movementEvent('m'))],
  ])('refuses %s', (_name, events) => expect(parse(...events).success).toBe(false))

  it.each(Object.entries(businessEventsExamples))('takes the example: %s', (_name, body) => {
    expect(postBusinessEventsBody.safeParse(body).success).toBe(true)
  })

  it('reads statuses and balances as they are meant', () => {
    const statuses = [
      installmentEvent('i'),
      installmentEvent('i', { type: 'installment.paid' }),
      installmentEvent('i', { type: 'installment.cancelled' }),
      installmentEvent('i', { type: 'installment.updated' }),
      installmentEvent('i', { type: 'installment.updated', status: 'RENEGOTIATED' }),
      movementEvent('m'),
      movementEvent('m', { type: 'movement.cancelled' }),
    ].map((event) => {
      const read = businessEventOf(
        postBusinessEventsBody.parse({ events: [event] }).events[0] as never,
      )
      return 'movement' in read ? read.movement.status : read.installment.status
    })
    const expected = ['OPEN', 'PAID', 'CANCELLED', undefined, 'RENEGOTIATED', 'OPEN', 'CANCELLED']
    expect(statuses).toEqual(expected)
    const [part] = postBusinessEventsBody.parse({
      events: [installmentEvent('i', { balanceCents: 1 })],
    }).events
    expect(businessEventOf(part as never)).toMatchObject({ installment: { balanceCents: 1 } })
  })

  it('keeps what was parsed once readable: the queue holds it', () => {
    const events = [
      movementEvent('m', person({ contacts: [{ ...phone, address: '+55 (11) 98765-4321' }] })),
      installmentEvent('i', { type: 'installment.paid' }),
    ]
    for (const event of postBusinessEventsBody.parse({ events }).events) {
      const queued: unknown = JSON.parse(JSON.stringify({ tenantId: '7', event }))
      expect(readBusinessItem(queued)).toMatchObject({
        from: { tenantId: '7' },
        event: JSON.parse(JSON.stringify(businessEventOf(event))),
      })
    }
  })
})

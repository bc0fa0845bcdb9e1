import { expect, it } from 'vitest'
import { makeScanner } from '#test/support/canaries.ts'

const said = 'Quero pagar o canário 7319'
const phone = '+5511981237319'

it.each([
  ['clear', `x ${said} y`],
  ['clear', said.toUpperCase()],
  ['json', JSON.stringify({ said })],
  ['ascii json', 'Quero pagar o can\\u00e1rio 7319'],
  ['form', 'q=Quero+pagar+o+can%C3%A1rio+7319'],
  ['url', `https://example.com/?q=${encodeURIComponent(said)}`],
  ['hex', `\\x00${Buffer.from(said).toString('hex')}ff`],
  ['base64', Buffer.from(said).toString('base64')],
  ['base64', Buffer.from(`a${said}b`).toString('base64')],
  ['base64', Buffer.from(`ab${said}`).toString('base64')],
  ['digits', 'to 5511981237319'],
  // As WhatsApp may know it: without the ninth digit.
  ['short digits', 'to 551181237319'],
  ['short digits in hex', Buffer.from('551181237319').toString('hex')],
  ['base64', `wamid.${Buffer.from('HB 5511981237319 x').toString('base64')}`],
])('are found as %s', (form, text) => {
  const scanner = makeScanner({ said, phone })
  scanner.scan('here', text)
  expect(scanner.hits.map((hit) => hit.form)).toContain(form)
  expect(scanner.scanned).toEqual({ here: text.length })
})

it('are not found where they are not', () => {
  const scanner = makeScanner({ said, phone })
  scanner.scan('here', 'Quero pagar o canario 7318, +5511981237318')
  scanner.scan('here', Buffer.from('Quero pagar').toString('base64'))
  expect(scanner.hits).toEqual([])
})

it('name their places, and every one that is written there', () => {
  const scanner = makeScanner({ one: phone, other: phone, said })
  scanner.scan('here', `${phone} ${phone}`)
  scanner.scan('there', said)
  const { hits } = scanner
  const clear = hits.filter(({ form }) => form === 'clear')
  expect(clear).toEqual([
    { place: 'here', canary: 'one', form: 'clear' },
    { place: 'here', canary: 'other', form: 'clear' },
    { place: 'there', canary: 'said', form: 'clear' },
  ])
})

it('are none where they stand somewhere by chance', () => {
  expect(() => makeScanner({ name: 'Ana' })).toThrow(RangeError)
})

import { expect, it } from 'vitest'
import { makeScanner } from '#test/support/canaries.ts'

const said = 'Quero pagar o canário 7319'
const phone = '+5511981237319'

it.each([
  ['clear', `x ${said} y`],
  ['clear', said.toUpperCase()],
  ['json', JSON.stringify({ said })],
  ['url', `https://example.com/?q=${encodeURIComponent(said)}`],
  ['hex', `\\x00${Buffer.from(said).toString('hex')}ff`],
  ['base64', Buffer.from(said).toString('base64')],
  ['base64', Buffer.from(`a${said}b`).toString('base64')],
  ['base64', Buffer.from(`ab${said}`).toString('base64')],
  ['digits', 'to 5511981237319'],
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

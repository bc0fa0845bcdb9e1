import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { verifySignature, verifyToken } from '#shared/adapters/whatsapp/signature.ts'

const sign = (body: Uint8Array | string, secret: string) =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
const bytes = (text: string) => Buffer.from(text, 'utf8')
const secret = fc.string({ minLength: 1, maxLength: 64 })
const body = fc.uint8Array({ maxLength: 512 })

describe('verifySignature', () => {
  it('accepts what Meta signed, under any live secret', () => {
    fc.assert(
      fc.property(
        body,
        fc.array(secret, { minLength: 1, maxLength: 4 }),
        fc.nat(),
        (raw, secrets, n) => {
          const signed = sign(raw, secrets[n % secrets.length] ?? '')
          expect(verifySignature(raw, signed, secrets)).toBe(true)
        },
      ),
    )
  })

  it('matches a known vector', () => {
    // RFC 4231, test case 2.
    const header = 'sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'
    expect(verifySignature(bytes('what do ya want for nothing?'), header, ['Jefe'])).toBe(true)
  })

  it.each([
    String.raw`{"text":"https:\/\/exemplo.com.br"}`,
    String.raw`{"text":"a\u00e7\u00e3o \ud83d\udc4d"}`,
    '{"text":"ação çãé 👍"}',
    '{"a": 1 ,\n"b":2}\n',
  ])('signs the bytes as received: %s', (text) => {
    expect(verifySignature(bytes(text), sign(bytes(text), 's'), ['s'])).toBe(true)
    const again = JSON.stringify(JSON.parse(text))
    expect(verifySignature(bytes(again), sign(bytes(text), 's'), ['s'])).toBe(again === text)
  })

  it('refuses every changed bit of the body', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 512 }), fc.nat(), (raw, n) => {
        const changed = Uint8Array.from(raw)
        const at = n % (raw.length * 8)
        changed[at >> 3] = (changed[at >> 3] ?? 0) ^ (1 << (at & 7))
        expect(verifySignature(changed, sign(raw, 's'), ['s'])).toBe(false)
      }),
      { numRuns: 2000 },
    )
  })

  it('refuses every changed character of the header', () => {
    const good = sign('corpo', 's')
    fc.assert(
      fc.property(fc.nat({ max: good.length - 1 }), fc.string({ maxLength: 2 }), (at, put) => {
        const changed = good.slice(0, at) + put + good.slice(at + 1)
        expect(verifySignature(bytes('corpo'), changed, ['s'])).toBe(changed === good)
      }),
      { numRuns: 5000 },
    )
  })

  const good = sign('corpo', 's')
  it.each([
    undefined,
    '',
    good.toUpperCase(),
    good.replace('sha256=', ''),
    good.replace('sha256=', 'SHA256='),
    good.replace('sha256', 'sha1'),
    `${good}\n`,
    ` ${good}`,
    `${good}00`,
    good.slice(0, -1),
    good.slice(0, -2),
    `${good}, ${good}`,
    `sha256=${'g'.repeat(64)}`,
    `sha256=${'é'.repeat(32)}`,
  ])('refuses the header %j', (header) => {
    expect(verifySignature(bytes('corpo'), header, ['s'])).toBe(false)
  })

  it('verifies nothing without a secret, or with an empty one', () => {
    expect(verifySignature(bytes('corpo'), good, [])).toBe(false)
    expect(verifySignature(bytes('corpo'), sign('corpo', ''), [''])).toBe(false)
  })

  it('refuses a secret that is no longer live', () => {
    expect(verifySignature(bytes('corpo'), sign('corpo', 'velho'), ['novo', 'outro'])).toBe(false)
  })
})

describe('verifyToken', () => {
  it('accepts exactly the live tokens', () => {
    fc.assert(
      fc.property(fc.array(secret, { maxLength: 4 }), secret, (tokens, given) => {
        expect(verifyToken(given, tokens)).toBe(tokens.includes(given))
        expect(tokens.every((token) => verifyToken(token, tokens))).toBe(true)
      }),
    )
  })

  it('never accepts a missing or empty token', () => {
    expect(verifyToken(undefined, ['', 'a'])).toBe(false)
    expect(verifyToken('', ['', 'a'])).toBe(false)
    expect(verifyToken(undefined, [])).toBe(false)
  })
})

import { describe, expect, it } from 'vitest'
import { readEmailAddress } from '#shared/domain/email-address.ts'
import {
  boundedReferences,
  chatReference,
  normalisedSubject,
  providerMessageIdOf,
  readChatToken,
  referenceTokenOf,
  replyAddress,
  replyTokenOf,
  sesMessageIdHeader,
  writeChatToken,
} from '#shared/domain/email-thread.ts'

const token = '01j9abcdefghijkl'

describe('the address of a chat', () => {
  it('is a plus address whose token comes back, however it is cased', () => {
    const address = replyAddress(token, 'in.exemplo.com.br')
    expect(address).toBe(`chat+${token}@in.exemplo.com.br`)
    expect(readEmailAddress(address)).toBe(address)
    expect(replyTokenOf(address)).toBe(token)
    expect(replyTokenOf(address.toUpperCase())).toBe(token)
    expect(replyAddress('a'.repeat(64), 'x.com')).toHaveLength(75)
  })

  it.each([
    [`outro+${token}@x.com`, token],
    [`a+b+${token}@x.com`, token],
    [`+${token}@x.com`, token],
    [`chat+${'a'.repeat(64)}@x.com`, 'a'.repeat(64)],
    [`chat+${'a'.repeat(65)}@x.com`, undefined],
    [`chat+${'a'.repeat(15)}@x.com`, undefined],
    [`chat+${token}-@x.com`, undefined],
    [`chat+ação${token}@x.com`, undefined],
    [`chat+${token}\u212a@x.com`, undefined],
    [`chat-${token}@x.com`, undefined],
    [`chat+@x.com`, undefined],
    [`chat+${token}`, undefined],
    [`x@chat+${token}`, undefined],
    ['', undefined],
  ])('%s has the token %s', (address, expected) => {
    expect(replyTokenOf(address)).toBe(expected)
  })

  it.each(['', 'short', 'A'.repeat(16), 'a'.repeat(65), 'a b'.repeat(6), `${token}\r\n`])(
    'is not made of the token %j',
    (bad) => {
      expect(() => replyAddress(bad, 'x.com')).toThrow(RangeError)
      expect(() => chatReference(bad, 'x.com')).toThrow(RangeError)
    },
  )
})

describe('the ids of a chat', () => {
  it('name it in References', () => {
    const id = chatReference(token, 'exemplo.com.br')
    expect(id).toBe(`<chat.${token}@exemplo.com.br>`)
    expect(referenceTokenOf(id)).toBe(token)
    expect(referenceTokenOf(id.toUpperCase())).toBe(token)
    expect(referenceTokenOf(`<${token}@exemplo.com.br>`)).toBeUndefined()
    expect(referenceTokenOf(`<chat.${token}>`)).toBeUndefined()
  })

  it.each(['us-east-1', 'sa-east-1', 'eu-west-1'])(
    'of SES in %s come back as they were',
    (region) => {
      const id = '0103019a2b3c4d5e-00000000-aaaa-bbbb-cccc-000000000000-000000'
      expect(providerMessageIdOf(sesMessageIdHeader(id, region))).toBe(id)
    },
  )

  it.each([
    '<a@b.com>',
    '<a@amazonses.com>',
    '<a@x.amazonses.com.mal.com>',
    '<a b@email.amazonses.com>',
    'a@email.amazonses.com',
  ])('are none of SES: %s', (id) => expect(providerMessageIdOf(id)).toBeUndefined())
})

describe('references', () => {
  const ids = Array.from({ length: 30 }, (_, index) => `<${index}@x.com>`)
  const long = Array.from({ length: 12 }, (_, index) => `<${index}${'a'.repeat(200)}@x.com>`)
  it.each<[string, readonly string[], readonly string[]]>([
    ['none', [], []],
    ['one', ['<a@b>'], ['<a@b>']],
    ['eleven', ids.slice(0, 11), ids.slice(0, 11)],
    ['thirty', ids, [...ids.slice(0, 1), ...ids.slice(-10)]],
    ['the same twice', ['<a@b>', '<c@d>', '<a@b>'], ['<a@b>', '<c@d>']],
    ['what is none', ['a', '<a b>', '<a>\r\nBcc: x', '<>', '<ç@x>', '<a@b>'], ['<a@b>']],
    ['too long for one header', long, [long[0] ?? '', ...long.slice(-3)]],
    ['one that is too long itself', [`<${'a'.repeat(994)}>`, '<a@b>'], ['<a@b>']],
    ['one that fills the header', [`<${'a'.repeat(993)}>`, '<a@b>'], [`<${'a'.repeat(993)}>`]],
  ])('%s', (_case, given, kept) => {
    expect(boundedReferences(given)).toEqual(kept)
    expect(boundedReferences(given).join(' ').length).toBeLessThanOrEqual(995)
  })
})

describe('a subject', () => {
  it.each([
    ['Cobrança A-123', 'cobrança a-123'],
    ['Re: Cobrança A-123', 'cobrança a-123'],
    ['RES: ENC: Re: Fwd: FW:  Cobrança   A-123 ', 'cobrança a-123'],
    ['Re[2]: Re (3): RE : cobrança a-123', 'cobrança a-123'],
    ['Cobranc\u0327a A-123', 'cobrança a-123'],
    ['Res. de março: pago', 'res. de março: pago'],
    ['Reunião: hoje', 'reunião: hoje'],
    ['Re:', ''],
    ['', ''],
  ])('%j is %j', (subject, normal) => {
    expect(normalisedSubject(subject)).toBe(normal)
    expect(normalisedSubject(normal)).toBe(normal)
  })
})

describe('a token that names tenant and chat', () => {
  const token = '0198c1d27b1e4c3e9d520a4b8f1d6e01'

  it('is read as it was written, from an address in any case', () => {
    const written = writeChatToken({ tenantId: '7', token })
    expect(readChatToken(written)).toEqual({ tenantId: '7', token })
    const address = replyAddress(written, 'in.exemplo.com.br').toUpperCase()
    expect(readChatToken(replyTokenOf(address) ?? '')).toEqual({ tenantId: '7', token })
    const reference = chatReference(written, 'in.exemplo.com.br')
    expect(readChatToken(referenceTokenOf(reference) ?? '')).toEqual({ tenantId: '7', token })
  })

  it.each([
    '',
    token,
    `x${token}`,
    `0x${token}`,
    `07x${token}`,
    `-7x${token}`,
    `7x`,
    `7x${token}!`,
    `7x${'a'.repeat(41)}`,
    `${'9'.repeat(20)}x${token}`,
    `7X${token}`,
  ])('%j is none', (written) => {
    expect(readChatToken(written)).toBeUndefined()
  })
})

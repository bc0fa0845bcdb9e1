import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  canonicalPhone,
  learnedPhone,
  otherSpelling,
  parsePhone,
  phoneFromWaId,
} from '#shared/domain/phone.ts'

const areaCode = fc.integer({ min: 11, max: 99 }).filter((code) => code % 10 !== 0)
const sevenDigits = fc.integer({ min: 0, max: 9_999_999 }).map((n) => String(n).padStart(7, '0'))
const mobileTail = fc
  .tuple(fc.integer({ min: 6, max: 9 }), sevenDigits)
  .map(([first, rest]) => `${first}${rest}`)
const landlineTail = fc
  .tuple(fc.integer({ min: 2, max: 5 }), sevenDigits)
  .map(([first, rest]) => `${first}${rest}`)
const separator = fc.constantFrom('', ' ', '-', '.', ') ', ' (', '\u00a0', '\u2011', '\u202a')

describe('parsePhone', () => {
  it.each([
    ['+55 11 98765-4321', '+5511987654321'],
    ['+55 (11) 98765-4321', '+5511987654321'],
    ['  +55.11.98765.4321 ', '+5511987654321'],
    ['\u202a+55\u00a011\u00a098765\u20114321\u202c', '+5511987654321'],
    ['+55 11 8765-4321', '+551187654321'],
    ['+55 11 3003-1234', '+551130031234'],
    ['+1 (415) 555-2671', '+14155552671'],
    ['+351 912 345 678', '+351912345678'],
    ['+595 981 123456', '+595981123456'],
    ['+290 22222', '+29022222'],
  ])('reads %j', (input, e164) => {
    expect(parsePhone(input)).toEqual({ e164 })
  })

  it.each([
    '',
    '+',
    '11 98765-4321',
    '5511987654321',
    '0055 11 98765-4321',
    '+0 11 98765-4321',
    '+55 011 98765-4321',
    '+55 11 88765-4321',
    '+55 11 9876-543',
    '+55 1198765432100',
    '+123456',
    '+1234567890123456',
    '++5511987654321',
    '+55 11 98765-4321 ramal 2',
    '+55 11 98765-432\u0661',
    '+55\u000011987654321',
  ])('refuses %j', (input) => {
    expect(parsePhone(input)).toBeUndefined()
  })

  it('gives only E.164, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('+', '5', '1', '9', '0', ' ', '-', 'x') }),
        (input) => {
          const phone = parsePhone(input)
          expect(phone?.e164 ?? '+5511987654321').toMatch(/^\+[1-9]\d{6,14}$/)
        },
      ),
    )
  })
})

describe('canonicalPhone', () => {
  it('gives both forms of a Brazilian mobile one key', () => {
    fc.assert(
      fc.property(areaCode, mobileTail, (area, tail) => {
        expect(canonicalPhone(`55${area}9${tail}`)).toBe(`55${area}${tail}`)
        expect(canonicalPhone(`55${area}${tail}`)).toBe(`55${area}${tail}`)
      }),
    )
  })

  it('never merges a landline with a mobile', () => {
    const mobile = fc.oneof(mobileTail, landlineTail).map((tail) => `9${tail}`)
    fc.assert(
      fc.property(areaCode, landlineTail, fc.oneof(mobile, mobileTail), (area, landline, cell) => {
        expect(canonicalPhone(`55${area}${landline}`)).toBe(`55${area}${landline}`)
        expect(canonicalPhone(`55${area}${cell}`)).not.toBe(`55${area}${landline}`)
      }),
    )
    // The hard case by name: the mobile's last 8 digits are the landline's.
    expect(canonicalPhone('+55 11 95123-4567')).not.toBe(canonicalPhone('+55 11 5123-4567'))
  })

  it('does not depend on formatting', () => {
    const digits = fc.oneof(
      fc.tuple(areaCode, mobileTail).map(([area, tail]) => `55${area}9${tail}`),
      fc.tuple(areaCode, landlineTail).map(([area, tail]) => `55${area}${tail}`),
      fc.integer({ min: 10_000_000, max: 999_999_999_999 }).map(String),
    )
    fc.assert(
      fc.property(digits, fc.array(separator, { minLength: 15, maxLength: 15 }), (plain, marks) => {
        const formatted = `+${[...plain].map((digit, at) => digit + marks[at]).join('')}`
        expect(canonicalPhone(formatted)).toBe(canonicalPhone(plain))
      }),
    )
  })

  it('tells different mobiles apart and repeats itself', () => {
    const number = fc.tuple(areaCode, mobileTail).map(([area, tail]) => `55${area}9${tail}`)
    fc.assert(
      fc.property(number, number, (one, other) => {
        expect(canonicalPhone(one) === canonicalPhone(other)).toBe(one === other)
        expect(canonicalPhone(canonicalPhone(one))).toBe(canonicalPhone(one))
      }),
    )
  })

  it.each(['14155552671', '351912345678', '5215512345678', '5491123456789', '550800'])(
    'leaves %s as it is',
    (digits) => {
      expect(canonicalPhone(`+${digits}`)).toBe(digits)
    },
  )
})

describe('phoneFromWaId', () => {
  it.each([
    ['5511987654321', '+5511987654321'],
    ['553187654321', '+5531987654321'],
    ['551130031234', '+551130031234'],
    ['14155552671', '+14155552671'],
  ])('dials %s as %s', (waId, e164) => {
    expect(phoneFromWaId(waId)).toEqual({ e164 })
  })

  it.each(['', '+5511987654321', 'BR.123', '123', '0511987654321', '1'.repeat(16)])(
    'refuses %j',
    (waId) => {
      expect(phoneFromWaId(waId)).toBeUndefined()
    },
  )

  it('keeps the key of the id', () => {
    fc.assert(
      fc.property(areaCode, mobileTail, (area, tail) => {
        const phone = phoneFromWaId(`55${area}${tail}`)
        expect(phone && parsePhone(phone.e164)).toEqual(phone)
        expect(canonicalPhone(phone?.e164 ?? '')).toBe(canonicalPhone(`55${area}${tail}`))
      }),
    )
  })
})

describe('otherSpelling', () => {
  it('takes the ninth digit away and puts it back, under one key', () => {
    fc.assert(
      fc.property(areaCode, mobileTail, (area, tail) => {
        const [long, short] = [`+55${area}9${tail}`, `+55${area}${tail}`]
        expect(otherSpelling(long)).toBe(short)
        expect(otherSpelling(short)).toBe(long)
        expect(canonicalPhone(long)).toBe(canonicalPhone(short))
      }),
    )
  })

  it('leaves landlines alone, and mobiles whose short form is one', () => {
    fc.assert(
      fc.property(areaCode, landlineTail, (area, tail) => {
        expect(otherSpelling(`+55${area}${tail}`)).toBeUndefined()
        expect(otherSpelling(`+55${area}9${tail}`)).toBeUndefined()
      }),
    )
  })

  it.each(['+14155552671', '+5491198765432', '+351912345678', 'BR.13491208655302741918', ''])(
    'knows one spelling of %j',
    (value) => expect(otherSpelling(value)).toBeUndefined(),
  )
})

describe('learnedPhone', () => {
  it.each([
    ['5511987654321', '+5511987654321', undefined],
    ['551187654321', '+5511987654321', undefined],
    ['5511987654321', '+551187654321', undefined],
    ['5215512345678', '+525512345678', '+5215512345678'],
    ['5511987654321', undefined, '+5511987654321'],
    ['no number', '+5511987654321', undefined],
  ])('%s, dialled as %s: %s', (waId, dialled, learned) => {
    expect(learnedPhone(waId, dialled)).toBe(learned)
  })
})

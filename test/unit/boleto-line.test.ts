import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readBoletoLine } from '#shared/domain/billing/boleto-line.ts'

const bank = '00190500954014481606906809350314337370000000100'
/** Values 6 (mod 10) and 8 (mod 11). */
const power = '836400000011331201380002812884627116080136181551'
const telephone = '818000000012482208492020001230000167384655000135'

/** A bank's line with right digits, worked out from the bars as banks do. */
function bankLine(factor: number, cents: number): string {
  const tail = `${String(factor).padStart(4, '0')}${String(cents).padStart(10, '0')}`
  const [own1, own2, own3] = ['17901', '0104351004', '7910201500']
  const general = [...`3419${tail}${own1}${own2}${own3}`]
    .reverse()
    .reduce((sum, digit, at) => sum + Number(digit) * (2 + (at % 8)), 0)
  const check = 11 - (general % 11)
  const fields = [`3419${own1}`, own2, own3].map((field) => `${field}${luhn(field)}`)
  return `${fields.join('')}${check > 9 ? 1 : check}${tail}`
}

function luhn(field: string): number {
  const doubled = [...field].reverse().map((digit, at) => String(Number(digit) * (2 - (at % 2))))
  const sum = [...doubled.join('')].reduce((total, digit) => total + Number(digit), 0)
  return (10 - (sum % 10)) % 10
}

/** The line of a collection of segment 2 over 53.82 of something. */
function collectionLine(value: '6' | '7' | '8' | '9'): string {
  const check = value < '8' ? luhn : mod11
  const own = '0000000538200478218075887012016000000000'
  const whole = `82${value}${check(`82${value}${own}`)}${own}`
  const parts = [0, 11, 22, 33].map((start) => whole.slice(start, start + 11))
  return parts.map((part) => `${part}${check(part)}`).join('')
}

function mod11(digits: string): number {
  const sum = [...digits]
    .reverse()
    .reduce((total, digit, at) => total + Number(digit) * (2 + (at % 8)), 0)
  return sum % 11 < 2 ? 0 : 11 - (sum % 11)
}

/** Every line that differs in one digit. */
function neighbours(line: string): readonly string[] {
  return [...line].flatMap((right, at) =>
    [...'0123456789']
      .filter((digit) => digit !== right)
      .map((digit) => line.slice(0, at) + digit + line.slice(at + 1)),
  )
}

describe('readBoletoLine', () => {
  it('reads a bank’s line, however it is written', () => {
    const expected = {
      ok: true,
      kind: 'bank',
      digits: bank,
      shown: '00190.50095 40144.816069 06809.350314 3 37370000000100',
      amountCents: 100,
      dueOn: ['2007-12-31', '2032-08-21'],
    }
    for (const text of [bank, expected.shown, ` ${expected.shown.replaceAll(' ', '\u00a0')}\n`]) {
      expect(readBoletoLine(text)).toEqual(expected)
    }
  })

  it('reads the lines of collections', () => {
    expect(readBoletoLine(telephone)).toEqual({
      ok: true,
      kind: 'collection',
      digits: telephone,
      shown: '81800000001-2 48220849202-0 00123000016-7 38465500013-5',
      amountCents: 14_822,
      dueOn: ['2020-01-23'],
    })
    expect(readBoletoLine('83640000001-1 33120138000-2 81288462711-6 08013618155-1')).toMatchObject(
      {
        digits: power,
        amountCents: 13_312,
        dueOn: [],
      },
    )
  })

  it.each([
    [0, []],
    [1000, ['2000-07-03', '2025-02-22']],
    [1001, ['2000-07-04', '2025-02-23']],
    [9999, ['2025-02-21', '2049-10-13']],
  ])('knows the days of factor %i', (factor, dueOn) => {
    expect(readBoletoLine(bankLine(factor, 5000))).toMatchObject({ amountCents: 5000, dueOn })
  })

  it('knows no amount where the line fixes none', () => {
    const reading = readBoletoLine(bankLine(1000, 0))
    expect(reading.ok).toBe(true)
    expect(reading).not.toHaveProperty('amountCents')
  })

  it.each<[string, string, string]>([
    ['nothing', '', 'length'],
    ['a digit too few', bank.slice(1), 'length'],
    ['a digit too many', `${power}0`, 'length'],
    ['letters', bank.replace('5', 'S'), 'characters'],
    ['the bars', '00193373700000001000500940144816060680935031', 'barcode'],
    ['another currency', bank.replace('0019', '0018'), 'currency'],
    ['a wrong first field', bank.replace('00190500', '00190501'), 'field-1'],
    ['a wrong second field', bank.replace('40144816069', '40144816068'), 'field-2'],
    ['a wrong third field', bank.replace('06809350314', '06809350313'), 'field-3'],
    ['another amount', bank.replace(/100$/, '900'), 'general'],
    ['a factor that never was', bankLine(999, 100), 'due-factor'],
    ['no collection', power.replace(/^8/, '7'), 'kind'],
    ['a value of no kind', power.replace(/^836/, '835'), 'kind'],
    ['a wrong fourth field', telephone.replace(/5$/, '4'), 'field-4'],
    ['zeros', '0'.repeat(47), 'currency'],
  ])('refuses %s', (_, text, why) => {
    expect(readBoletoLine(text)).toEqual({ ok: false, why })
  })

  it.each([
    ['6', 5382],
    ['7', undefined],
    ['8', 5382],
    ['9', undefined],
  ] as const)('reads of value %s an amount of %s', (value, amountCents) => {
    const reading = readBoletoLine(collectionLine(value))
    expect(reading).toMatchObject({ ok: true, kind: 'collection' })
    expect('amountCents' in reading ? reading.amountCents : undefined).toBe(amountCents)
  })

  it('refuses a collection whose fields are right and whose general digit is not', () => {
    const first = '83650000001'
    expect(readBoletoLine(`${first}${luhn(first)}${power.slice(12)}`)).toEqual({
      ok: false,
      why: 'general',
    })
  })

  it('refuses every line of a field with one other digit', () => {
    const fieldsOf = (line: string) =>
      neighbours(line).filter((each) => each.slice(33) === line.slice(33))
    expect(neighbours(power).filter((line) => readBoletoLine(line).ok)).toEqual([])
    expect(fieldsOf(bank).filter((line) => readBoletoLine(line).ok)).toEqual([])
  })

  it('stands any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(readBoletoLine(text).ok).toBe(false)
      }),
    )
  })
})

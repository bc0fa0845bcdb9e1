import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readPixCode } from '#shared/domain/billing/pix-code.ts'
import { pixKeyType } from '#shared/domain/billing/pix-key.ts'

/** The static one is the example of the Manual de Padrões para Iniciação do Pix (BCB). */
const samples = {
  manual:
    '00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***63041D3D',
  dynamic:
    '00020101021226770014BR.GOV.BCB.PIX2555pix.example.com/qr/93598be0-1bd0-4997-8318-81776a1d8a995204000053039865802BR5907EMPRESA6009SAO PAULO62070503***6304EEAB',
  amount:
    '00020126330014BR.GOV.BCB.PIX011197212482404520400005303986540530.005802BR5918Victor Julio Rocha6006RECIFE62110507VIPSURF630425A1',
} as const

type Fields = Readonly<Record<string, string>>
const gui = { '00': 'br.gov.bcb.pix' }
const good: Readonly<Record<string, string | Fields>> = {
  '00': '01',
  '26': { ...gui, '01': 'financeiro@exemplo.com.br' },
  '52': '0000',
  '53': '986',
  '58': 'BR',
  '59': 'Exemplo Ltda',
  '60': 'Sao Paulo',
  '62': { '05': 'PEDIDO7' },
}

/** Ids in ascending order, as records keep them, but 00 first. */
function codeOf(changed: Readonly<Record<string, string | Fields | undefined>>): string {
  const fields = Object.entries({ ...good, ...changed }).toSorted(([a], [b]) => a.localeCompare(b))
  const text = fields.flatMap(([id, value]) => (value === undefined ? [] : [written(id, value)]))
  return sealed(`${text.join('')}6304`)
}

function written(id: string, value: string | Fields): string {
  if (typeof value === 'string') return `${id}${String(value.length).padStart(2, '0')}${value}`
  const parts = Object.entries(value).toSorted(([a], [b]) => a.localeCompare(b))
  return written(id, parts.map(([part, text]) => written(part, text)).join(''))
}

/** The CRC by long division of the bits, another way than the product's. */
function sealed(text: string): string {
  const bits = [...Buffer.from(text)].flatMap((byte) =>
    Array.from({ length: 8 }, (_, bit) => (byte >> (7 - bit)) & 1),
  )
  const row = [...bits.map((bit, at) => (at < 16 ? 1 - bit : bit)), ...Array<number>(16).fill(0)]
  for (let at = 0; at < bits.length; at += 1) {
    if (row[at] === 0) continue
    for (const tap of [0, 4, 11, 16]) row[at + tap] = 1 - (row[at + tap] ?? 0)
  }
  const crc = Number.parseInt(row.slice(-16).join(''), 2)
  return `${text}${crc.toString(16).toUpperCase().padStart(4, '0')}`
}

describe('readPixCode', () => {
  it('reads a static code, a dynamic one and one with an amount', () => {
    expect(readPixCode(samples.manual)).toEqual({
      ok: true,
      code: samples.manual,
      key: '123e4567-e12b-12d1-a456-426655440000',
      merchantName: 'Fulano de Tal',
      merchantCity: 'BRASILIA',
    })
    expect(readPixCode(`  ${samples.dynamic}\n`)).toEqual({
      ok: true,
      code: samples.dynamic,
      url: 'pix.example.com/qr/93598be0-1bd0-4997-8318-81776a1d8a99',
      merchantName: 'EMPRESA',
      merchantCity: 'SAO PAULO',
    })
    expect(readPixCode(samples.amount)).toMatchObject({
      key: '97212482404',
      amountCents: 3000,
      txid: 'VIPSURF',
    })
  })

  it.each<[string, Parameters<typeof codeOf>[0], object]>([
    ['whole reais', { '54': '12' }, { amountCents: 1200 }],
    ['one decimal', { '54': '0.5' }, { amountCents: 50 }],
    ['the most', { '54': '9999999999.99' }, { amountCents: 999_999_999_999 }],
    ['another scheme before', { '26': { '00': 'x.y' }, '27': { ...gui, '01': 'a@b.com' } }, {}],
    ['fields of others', { '80': { '00': 'br.com.outro' } }, {}],
    ['an accent', { '59': 'Pão & Cia' }, { merchantName: 'Pão & Cia' }],
  ])('reads one with %s', (_, changed, expected) => {
    expect(readPixCode(codeOf(changed))).toMatchObject({ ok: true, ...expected })
  })

  it('knows no amount when it is 0 or the bank tells it', () => {
    const place = { ...gui, '25': 'pix.exemplo.com/v2/1' }
    expect(readPixCode(codeOf({ '54': '0.00' }))).not.toHaveProperty('amountCents')
    expect(readPixCode(codeOf({ '26': place, '54': '5.00' }))).not.toHaveProperty('amountCents')
  })

  it.each<[string, string, string]>([
    ['nothing', ' ', 'length'],
    [
      'more than a QR code holds',
      codeOf({ '80': 'x'.repeat(99), '81': 'y'.repeat(99) }).repeat(2),
      'length',
    ],
    ['a line break within', samples.manual.replace('5802', '\n5802'), 'characters'],
    ['an invisible mark', samples.manual.replace('5802', '\u200b5802'), 'characters'],
    ['a link', 'https://pix.exemplo.com.br/cobranca/1', 'format'],
    ['another version', codeOf({ '00': '02' }), 'format'],
    ['a cut code', samples.manual.slice(0, -1), 'crc'],
    ['another CRC', `${samples.manual.slice(0, -4)}1D3E`, 'crc'],
    // A code of the web whose field 62 says a length of 8 for 7 characters; its CRC is right.
    [
      'a wrong length',
      '00020126360014BR.GOV.BCB.PIX0114+5511943214321520400005303986540566.665802BR5907EMPRESA6008BRASILIA62080503***6304170E',
      'layout',
    ],
    ['a field twice', sealed(codeOf({}).replace('5802BR', '5802BR5802BR').slice(0, -4)), 'layout'],
    ['no account', codeOf({ '26': undefined }), 'not-pix'],
    ['another scheme only', codeOf({ '26': { '00': 'br.com.outro', '01': 'x' } }), 'not-pix'],
    ['no payee', codeOf({ '26': gui }), 'target'],
    ['key and place', codeOf({ '26': { ...gui, '01': 'a@b.com', '25': 'a.com/1' } }), 'target'],
    ['a key that is none', codeOf({ '26': { ...gui, '01': '12345678900' } }), 'target'],
    ['a place with its scheme', codeOf({ '26': { ...gui, '25': 'https://a.com/1' } }), 'target'],
    ['no category', codeOf({ '52': undefined }), 'category'],
    ['dollars', codeOf({ '53': '840' }), 'currency'],
    ['a comma', codeOf({ '54': '10,00' }), 'amount'],
    ['three decimals', codeOf({ '54': '1.000' }), 'amount'],
    ['another country', codeOf({ '58': 'PT' }), 'country'],
    ['no name', codeOf({ '59': undefined }), 'merchant'],
    ['a long name', codeOf({ '59': 'x'.repeat(26) }), 'merchant'],
    ['a long city', codeOf({ '60': 'x'.repeat(16) }), 'merchant'],
    ['no reference', codeOf({ '62': undefined }), 'reference'],
    ['a reference with signs', codeOf({ '62': { '05': 'A-1' } }), 'reference'],
  ])('refuses %s', (_, text, why) => {
    expect(readPixCode(text)).toEqual({ ok: false, why })
  })

  it('refuses every code with one other character', () => {
    const signs = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at))
    const taken = Object.values(samples).flatMap((code) =>
      [...code].flatMap((right, at) =>
        signs
          .filter((sign) => sign !== right)
          .map((sign) => code.slice(0, at) + sign + code.slice(at + 1))
          .filter((changed) => readPixCode(changed).ok),
      ),
    )
    // Only the case of the CRC's own letters says nothing.
    const sameCrc = Object.values(samples).flatMap((code) =>
      [0, 1, 2, 3].map((at) => {
        const place = code.length - 4 + at
        return code.slice(0, place) + code.charAt(place).toLowerCase() + code.slice(place + 1)
      }),
    )
    expect(taken.filter((code) => !sameCrc.includes(code))).toEqual([])
  })

  it('stands any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(readPixCode(text).ok).toBe(false)
        expect(readPixCode(sealed(`000201${text.slice(0, 99)}6304`)).ok).toBe(false)
      }),
    )
  })
})

describe('pixKeyType', () => {
  it.each([
    ['11144477735', 'CPF'],
    ['11222333000181', 'CNPJ'],
    // The example of Receita Federal for CNPJs with letters.
    ['12ABC34501DE35', 'CNPJ'],
    ['+5511987654321', 'PHONE'],
    ['financeiro@exemplo.com.br', 'EMAIL'],
    ['123e4567-e12b-12d1-a456-426655440000', 'EVP'],
    ['11144477734', undefined],
    ['11111111111', undefined],
    ['111.444.777-35', undefined],
    ['11222333000182', undefined],
    ['12abc34501de35', undefined],
    ['5511987654321', undefined],
    ['a@b', undefined],
    ['', undefined],
  ])('%s is %s', (key, type) => {
    expect(pixKeyType(key)).toBe(type)
  })
})

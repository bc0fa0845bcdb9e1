/** What the line under a boleto's bars says. */
interface BoletoLine {
  readonly kind: 'bank' | 'collection'
  /** 47 of a bank, 48 of a collection (taxes, water, power, telephone). */
  readonly digits: string
  /** As banks print it. */
  readonly shown: string
  /** Left out where the payer chooses it, or it is told elsewhere. */
  readonly amountCents?: number
  /**
   * `YYYY-MM-DD`, the days that it may be due. The factor of a bank's line counts days and began
   * anew: each one stands for a day of 2000 to 2025 and for a day from 2025 on.
   */
  readonly dueOn: readonly string[]
}

/** Why a text is no line that can be paid. `field-1` to `field-4`: the field with a wrong digit. */
type BoletoFault =
  | 'characters'
  | 'length'
  | 'barcode'
  | 'currency'
  | 'kind'
  | 'field-1'
  | 'field-2'
  | 'field-3'
  | 'field-4'
  | 'general'
  | 'due-factor'

export type BoletoReading =
  | ({ readonly ok: true } & BoletoLine)
  | { readonly ok: false; readonly why: BoletoFault }

interface Field {
  readonly why: BoletoFault
  readonly digits: string
  readonly check: string
}

const separators = /[\s.\-\u2010-\u2015\u00a0]/g
const msPerDay = 86_400_000
/** Factor 1 is the day after. */
const firstBase = Date.UTC(1997, 9, 7)
/** Factors run from 1000 (3 July 2000, and again 22 February 2025) to 9999. */
const cycleDays = 9000

/**
 * Reads a line with or without its dots, spaces and hyphens, and holds every check digit against it.
 * Whether the boleto was paid or withdrawn only its bank knows.
 * Source: FEBRABAN, "Layout Padrão de Arrecadação/Recebimento com Código de Barras" (collection) and
 * "Especificações Técnicas para confecção de boleto" (bank); Comunicado FB-009/2023 (factor).
 */
export function readBoletoLine(text: string): BoletoReading {
  const digits = text.replace(separators, '')
  if (!/^\d*$/.test(digits)) return fault('characters')
  if (digits.length === 44) return fault('barcode')
  if (digits.length === 47) return readBank(digits)
  return digits.length === 48 ? readCollection(digits) : fault('length')
}

function readBank(digits: string): BoletoReading {
  const factor = Number(digits.slice(33, 37))
  const fields: readonly Field[] = [
    { why: 'field-1', digits: digits.slice(0, 9), check: digits.slice(9, 10) },
    { why: 'field-2', digits: digits.slice(10, 20), check: digits.slice(20, 21) },
    { why: 'field-3', digits: digits.slice(21, 31), check: digits.slice(31, 32) },
  ]
  if (digits[3] !== '9') return fault('currency')
  const wrong = fields.find((field) => mod10(field.digits) !== field.check)
  if (wrong !== undefined) return fault(wrong.why)
  const [bank, one, two, three] = [
    digits.slice(0, 4),
    digits.slice(4, 9),
    digits.slice(10, 20),
    digits.slice(21, 31),
  ]
  const bars = `${bank}${digits.slice(33)}${one}${two}${three}`
  if (bankMod11(bars) !== digits[32]) return fault('general')
  if (factor > 0 && factor < 1000) return fault('due-factor')
  const amountCents = Number(digits.slice(37))
  return {
    ok: true,
    kind: 'bank',
    digits,
    shown: digits.replace(
      /^(.{5})(.{5})(.{5})(.{6})(.{5})(.{6})(.)(.{14})$/,
      '$1.$2 $3.$4 $5.$6 $7 $8',
    ),
    ...(amountCents > 0 && { amountCents }),
    dueOn: factor === 0 ? [] : [dayOf(factor), dayOf(factor + cycleDays)],
  }
}

function readCollection(digits: string): BoletoReading {
  const [product, , value = ''] = digits
  if (product !== '8' || !/[6-9]/.test(value)) return fault('kind')
  const check = value < '8' ? mod10 : collectionMod11
  const parts = [0, 12, 24, 36].map((start) => digits.slice(start, start + 12))
  const wrong = parts.findIndex((part) => check(part.slice(0, 11)) !== part[11])
  if (wrong >= 0) return fault(`field-${wrong + 1}` as BoletoFault)
  const bars = parts.map((part) => part.slice(0, 11)).join('')
  if (check(`${bars.slice(0, 3)}${bars.slice(4)}`) !== bars[3]) return fault('general')
  // 7 and 9 hold a quantity of some index in this place.
  const amountCents = value === '6' || value === '8' ? Number(bars.slice(4, 15)) : 0
  return {
    ok: true,
    kind: 'collection',
    digits,
    shown: parts.map((part) => `${part.slice(0, 11)}-${part.slice(11)}`).join(' '),
    ...(amountCents > 0 && { amountCents }),
    dueOn: writtenDay(bars.slice(19, 27)),
  }
}

function fault(why: BoletoFault): BoletoReading {
  return { ok: false, why }
}

/** Weights 2, 1, 2 … from the right; products of two digits count as their sum. */
function mod10(digits: string): string {
  const sum = [...digits].reverse().reduce((total, digit, at) => {
    const product = Number(digit) * (at % 2 === 0 ? 2 : 1)
    return total + (product > 9 ? product - 9 : product)
  }, 0)
  return String((10 - (sum % 10)) % 10)
}

/** Weights 2 to 9 from the right, again and again; the rest of the sum by 11. */
function rest11(digits: string): number {
  const sum = [...digits]
    .reverse()
    .reduce((total, digit, at) => total + Number(digit) * (2 + (at % 8)), 0)
  return sum % 11
}

/** There is no general digit 0: what would be 0, 10 or 11 is 1. */
function bankMod11(digits: string): string {
  const check = 11 - rest11(digits)
  return String(check > 9 ? 1 : check)
}

function collectionMod11(digits: string): string {
  const rest = rest11(digits)
  return String(rest < 2 ? 0 : 11 - rest)
}

function dayOf(factor: number): string {
  return new Date(firstBase + factor * msPerDay).toISOString().slice(0, 10)
}

/** Companies may begin their own part with `YYYYMMDD`; nothing says whether they did. */
function writtenDay(digits: string): readonly string[] {
  const day = `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`
  const at = new Date(`${day}T00:00:00Z`)
  const isDay = !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day)
  return isDay && /^20/.test(day) ? [day] : []
}

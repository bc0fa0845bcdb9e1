import { pixKeyType } from './pix-key.ts'

/** What a PIX copy-and-paste code (BR Code) says. */
interface PixCode {
  /** As it is copied, without spaces around it. */
  readonly code: string
  /** Whom it pays: a key of the DICT (a static code), or … */
  readonly key?: string
  /** … the place of the charge at the bank, without `https://` (a dynamic code). */
  readonly url?: string
  /** Of a static code that fixes it. */
  readonly amountCents?: number
  readonly merchantName: string
  readonly merchantCity: string
  /** The payee's own reference. */
  readonly txid?: string
}

/** Why a text is no code that can be paid. */
type PixFault =
  | 'characters'
  | 'length'
  | 'layout'
  | 'format'
  | 'crc'
  | 'not-pix'
  | 'target'
  | 'category'
  | 'currency'
  | 'amount'
  | 'country'
  | 'merchant'
  | 'reference'

export type PixReading =
  | ({ readonly ok: true } & PixCode)
  | { readonly ok: false; readonly why: PixFault }

type Fields = ReadonlyMap<string, string>

/** The most that a QR code of a BR Code holds (Manual do BR Code, BCB). */
const mostCharacters = 512
const crcPlace = /6304[0-9A-F]{4}$/i
const url = /^[a-z0-9-]+(\.[a-z0-9-]+)+(:\d{1,5})?\/[\w.~!$&'()*+,;=:@/%?-]+$/i

/**
 * Reads a BR Code and checks all that the payer's bank would: layout, CRC, payee, currency. Lengths
 * count characters. Whether the charge exists only the bank knows.
 * Source: Manual do BR Code and Manual de Padrões para Iniciação do Pix (BCB); EMV QRCPS, MPM.
 */
export function readPixCode(text: string): PixReading {
  const code = text.trim()
  if (code === '' || code.length > mostCharacters) return fault('length')
  if (/[\p{Cc}\p{Cf}\p{Cs}]/u.test(code)) return fault('characters')
  if (!code.startsWith('000201')) return fault('format')
  if (!crcPlace.test(code) || code.slice(-4).toUpperCase() !== crcOf(code.slice(0, -4))) {
    return fault('crc')
  }
  const fields = fieldsOf(code)
  return fields === undefined ? fault('layout') : readFields(code, fields)
}

function readFields(code: string, fields: Fields): PixReading {
  const account = accountOf(fields)
  if (account === undefined) return fault('not-pix')
  const target = targetOf(account)
  if (target === undefined) return fault('target')
  const why = faultOf(fields)
  if (why !== undefined) return fault(why)
  const amountCents = centsOf(fields.get('54'))
  const txid = referenceOf(fields)
  return {
    ok: true,
    code,
    ...target,
    ...(target.key !== undefined &&
      amountCents !== undefined &&
      amountCents > 0 && { amountCents }),
    merchantName: fields.get('59') ?? '',
    merchantCity: fields.get('60') ?? '',
    ...(txid !== undefined && txid !== '***' && { txid }),
  }
}

function fault(why: PixFault): PixReading {
  return { ok: false, why }
}

/** The first rule that the fields break; the account has been read. */
function faultOf(fields: Fields): PixFault | undefined {
  const rules: readonly (readonly [PixFault, boolean])[] = [
    ['category', /^\d{4}$/.test(fields.get('52') ?? '')],
    ['currency', fields.get('53') === '986'],
    ['amount', centsOf(fields.get('54')) !== undefined],
    ['country', fields.get('58') === 'BR'],
    ['merchant', isText(fields.get('59'), 25) && isText(fields.get('60'), 15)],
    ['reference', /^(\*{3}|[a-z0-9]{1,25})$/i.test(referenceOf(fields) ?? '')],
  ]
  return rules.find(([, holds]) => !holds)?.[0]
}

/** Id, two digits of length, value; undefined when they do not fill the text or come twice. */
function fieldsOf(text: string): Fields | undefined {
  const fields = new Map<string, string>()
  let rest = text
  while (rest !== '') {
    const [head, id = '', length = ''] = /^(\d{2})(\d{2})/.exec(rest) ?? []
    const end = 4 + Number(length)
    if (head === undefined || end === 4 || rest.length < end || fields.has(id)) return undefined
    fields.set(id, rest.slice(4, end))
    rest = rest.slice(end)
  }
  return fields
}

/** The account of PIX among those of other schemes (26 to 51). */
function accountOf(fields: Fields): Fields | undefined {
  return [...fields]
    .filter(([id]) => id >= '26' && id <= '51')
    .map(([, value]) => fieldsOf(value))
    .find((account) => account?.get('00')?.toLowerCase() === 'br.gov.bcb.pix')
}

/** A key or a place, never both. */
function targetOf(account: Fields): Pick<PixCode, 'key' | 'url'> | undefined {
  const key = account.get('01')
  const place = account.get('25')
  if (key !== undefined && place === undefined && pixKeyType(key) !== undefined) return { key }
  return place !== undefined && key === undefined && url.test(place) ? { url: place } : undefined
}

function referenceOf(fields: Fields): string | undefined {
  return fieldsOf(fields.get('62') ?? '')?.get('05')
}

/** 0 where none is fixed; undefined: not an amount. */
function centsOf(amount: string | undefined): number | undefined {
  if (amount === undefined) return 0
  const [, reais, cents = ''] = /^(\d{1,10})(?:\.(\d{1,2}))?$/.exec(amount) ?? []
  return reais === undefined ? undefined : Number(reais) * 100 + Number(cents.padEnd(2, '0'))
}

function isText(text: string | undefined, most: number): boolean {
  return text !== undefined && text.trim() !== '' && text.length <= most
}

/** CRC-16/CCITT-FALSE over the bytes, four capital hexadecimal digits. */
function crcOf(text: string): string {
  let crc = 0xffff
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit += 1) {
      crc = ((crc << 1) ^ ((crc & 0x8000) === 0 ? 0 : 0x1021)) & 0xffff
    }
  }
  return crc.toString(16).toUpperCase().padStart(4, '0')
}

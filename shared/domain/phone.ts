/** A telephone number in E.164: `+`, country code, 7 to 15 digits in all. */
export interface Phone {
  readonly e164: string
}

/** Also the invisible marks and long dashes that come along when a number is copied. */
const separators = /[\s().\p{Pd}\p{Cf}]/gu
const brazil = '55'
/** Country code, area code and number, without the ninth digit: `55 DD NNNNNNNN`. */
const brazilLength = 12

/**
 * Reads a number written with its country code, e.g. `+55 11 98765-4321`. Spaces, dots, hyphens
 * and brackets are dropped. Undefined when it is not a number: without `+` the country would be
 * a guess, and a guess reaches a stranger.
 */
export function parsePhone(input: string): Phone | undefined {
  const e164 = input.replace(separators, '')
  if (!/^\+[1-9]\d{6,14}$/.test(e164)) return undefined
  return e164.startsWith(`+${brazil}`) && !isBrazilian(e164.slice(1)) ? undefined : { e164 }
}

/**
 * The key under which a number is looked up: digits only. WhatsApp knows older Brazilian mobiles
 * without their ninth digit, so both forms of a mobile share the key `55 DD NNNNNNNN`. Landlines
 * (first digit 2 to 5) stay as they are, and so do mobiles whose short form would be a landline
 * of somebody else. Formatting does not matter; the key is for comparison, never for dialling.
 */
export function canonicalPhone(digitsOrE164: string): string {
  const digits = digitsOrE164.replace(/\D/g, '')
  return /^55[1-9]\d9[6-9]\d{7}$/.test(digits) ? digits.slice(0, 4) + digits.slice(5) : digits
}

/**
 * The other spelling of a Brazilian mobile that WhatsApp may know it by: without its ninth digit, or
 * with it. Undefined for every number that has one spelling.
 */
export function otherSpelling(e164: string): string | undefined {
  const long = /^(\+55[1-9]\d)9([6-9]\d{7})$/.exec(e164)
  if (long !== null) return `${long[1]}${long[2]}`
  const short = /^(\+55[1-9]\d)([6-9]\d{7})$/.exec(e164)
  return short === null ? undefined : `${short[1]}9${short[2]}`
}

/**
 * The number behind a WhatsApp id, when it is another one than was dialled: not the same in another
 * spelling. Undefined when it is the same, or no number.
 */
export function learnedPhone(waId: string, dialled: string | undefined): string | undefined {
  const phone = phoneFromWaId(waId)?.e164
  if (phone === undefined || dialled === undefined) return phone
  return canonicalPhone(phone) === canonicalPhone(dialled) ? undefined : phone
}

/**
 * The number to dial for a WhatsApp id (digits without `+`). A Brazilian mobile gets back the
 * ninth digit that its id may lack. Undefined when the id is not a number.
 */
export function phoneFromWaId(waId: string): Phone | undefined {
  if (!/^[1-9]\d{6,14}$/.test(waId)) return undefined
  const lacksNinth = /^55[1-9]\d[6-9]\d{7}$/.test(waId)
  return { e164: lacksNinth ? `+${waId.slice(0, 4)}9${waId.slice(4)}` : `+${waId}` }
}

/** 8 digits after the area code, or 9 that start with the mobiles' 9. */
function isBrazilian(digits: string): boolean {
  if (!/^55[1-9]/.test(digits)) return false
  return digits.length === brazilLength || /^\d{4}9\d{8}$/.test(digits)
}

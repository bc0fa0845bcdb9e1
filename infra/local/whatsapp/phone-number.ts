import { createHash } from 'node:crypto'

/** First digits of a number to the country of its business-scoped user id. */
const countries = [
  ['55', 'BR'],
  ['351', 'PT'],
  ['54', 'AR'],
  ['52', 'MX'],
  ['44', 'GB'],
] as const

/**
 * Digits that the API dials for `to`, or undefined when it holds none that could be a number.
 * Without `+` and country code, the country code of the business number is put in front, as the
 * API does: a number of another country then reaches the wrong person.
 */
export function dialledDigits(to: string, businessNumber: string): string | undefined {
  if (!/^\+?[\d\s()-]+$/.test(to)) return undefined
  const digits = to.replace(/\D/g, '')
  const country = countryCode(businessNumber)
  const complete = to.startsWith('+') || (digits.startsWith(country) && digits.length >= 11)
  const dialled = complete ? digits : `${country}${digits}`
  return /^[1-9]\d{6,14}$/.test(dialled) ? dialled : undefined
}

/**
 * Canonical WhatsApp id of a number. Brazilian mobiles lose their ninth digit in the area codes
 * named in `shortAreaCodes` and gain it elsewhere, whichever form was dialled.
 * Source: the API documents that it changes this digit for Brazil; which accounts lack it is
 * community knowledge, so the area codes are a setting.
 */
export function waIdOf(digits: string, shortAreaCodes: readonly string[]): string {
  const mobile = /^55(\d\d)9?([6-9]\d{7})$/.exec(digits)
  if (!mobile) return digits
  const [, areaCode = '', subscriber = ''] = mobile
  return shortAreaCodes.includes(areaCode)
    ? `55${areaCode}${subscriber}`
    : `55${areaCode}9${subscriber}`
}

/** Business-scoped user id of a number: stable, and different for each business account. */
export function userIdOf(waId: string, wabaId: string): string {
  const country = countries.find(([prefix]) => waId.startsWith(prefix))?.[1] ?? 'US'
  const digest = createHash('sha256').update(`${wabaId}:${waId}`).digest()
  return `${country}.${String(digest.readBigUInt64BE()).padStart(20, '1')}`
}

export const userIdPattern = /^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$/

function countryCode(businessNumber: string): string {
  const digits = businessNumber.replace(/\D/g, '')
  if (digits.startsWith('1')) return '1'
  return countries.find(([prefix]) => digits.startsWith(prefix))?.[0] ?? digits.slice(0, 2)
}

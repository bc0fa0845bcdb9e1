/** The kinds of keys of the DICT, in the words that Meta uses for them too. */
export const pixKeyTypes = ['CPF', 'CNPJ', 'PHONE', 'EMAIL', 'EVP'] as const

export type PixKeyType = (typeof pixKeyTypes)[number]

const evp = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const phone = /^\+[1-9]\d{6,14}$/
const email = /^[^\s@]{1,64}@[^\s@]+\.[^\s@]+$/
const mostEmailCharacters = 77

/**
 * What kind of key a text is, as BR Codes write them: CPF and CNPJ without punctuation, phones with
 * `+55`. Undefined: none. Check digits count; a CNPJ may hold capital letters (since July 2026).
 * Source: Manual de Padrões para Iniciação do Pix, section 1.5 (BCB); IN RFB 2.229/2024.
 */
export function pixKeyType(key: string): PixKeyType | undefined {
  if (phone.test(key)) return 'PHONE'
  if (evp.test(key)) return 'EVP'
  if (email.test(key) && key.length <= mostEmailCharacters) return 'EMAIL'
  if (isChecked(key, /^\d{11}$/, 11)) return 'CPF'
  return isChecked(key, /^[0-9A-Z]{12}\d{2}$/, 9) ? 'CNPJ' : undefined
}

/** Both end in two digits mod 11, each over all that stands before it; weights rise from 2. */
function isChecked(key: string, form: RegExp, mostWeight: number): boolean {
  if (!form.test(key) || /^(.)\1+$/.test(key)) return false
  return [2, 1].every((left) => {
    const before = key.slice(0, key.length - left)
    return key[before.length] === checkDigit(before, mostWeight)
  })
}

/** A letter counts as its ASCII code less 48, as a digit does. */
function checkDigit(before: string, mostWeight: number): string {
  const sum = [...before]
    .reverse()
    .reduce((total, sign, at) => total + (sign.charCodeAt(0) - 48) * weight(at, mostWeight), 0)
  const rest = sum % 11
  return String(rest < 2 ? 0 : 11 - rest)
}

function weight(at: number, mostWeight: number): number {
  return 2 + (at % (mostWeight - 1))
}

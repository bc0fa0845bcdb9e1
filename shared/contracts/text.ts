import * as z from 'zod'

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/

/** Text that can be stored and shown: well-formed Unicode, no control characters but tab and newline. */
export function cleanText(maxLength: number) {
  return z
    .string()
    .max(maxLength)
    .refine((text) => text.trim() !== '', { error: 'must not be empty' })
    .refine((text) => text.isWellFormed(), { error: 'holds half a surrogate pair' })
    .refine((text) => !control.test(text), { error: 'holds control characters' })
}

/** A one-line text: a name or an id of somebody else's system. */
export function cleanLine(maxLength: number) {
  return cleanText(maxLength).refine((text) => !/[\t\r\n\u2028\u2029]/.test(text), {
    error: 'must be one line',
  })
}

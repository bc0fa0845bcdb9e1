import * as z from 'zod'
import { lineFault, nameFault, normalText, textFault } from '../domain/clean-text.ts'

/** Text of people that can be stored and shown, of several lines; it comes out normalised. */
export function cleanText(maxLength: number) {
  return checked(maxLength, textFault)
}

/** A one-line text that people read. */
export function cleanLine(maxLength: number) {
  return checked(maxLength, lineFault)
}

/** A name, or an id of somebody else's system: two that look alike in one form are one. */
export function cleanName(maxLength: number) {
  return checked(maxLength, nameFault)
}

/** Normal forms may be shorter than what was sent; what is far too long is not worth the work. */
const mostShrinking = 4

function checked(maxLength: number, fault: (text: string) => string | undefined) {
  return z
    .string()
    .overwrite((text) => (text.length > maxLength * mostShrinking ? text : normalText(text)))
    .max(maxLength)
    .superRefine((text, context) => {
      const message = fault(text)
      if (message !== undefined) context.addIssue({ code: 'custom', message })
    })
}

import { addressParser } from 'postal-mime'
import { SesError } from './protocol.ts'

/** Bare addresses of a header or a request field, groups opened. */
export function addressesOf(text: string): readonly string[] {
  return addressParser(text, { flatten: true }).map(({ name, address }) => address || name)
}

/** `Name <address>` or `address` for each one of a header. */
export function displayedAddressesOf(text: string): readonly string[] {
  return addressParser(text, { flatten: true }).map(({ name, address }) =>
    name === '' ? (address ?? '') : `${name} <${address}>`,
  )
}

export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase()
}

/** Refusals in the words SES uses: those of JavaMail's address parser. */
const rules: readonly (readonly [RegExp, string])[] = [
  [/^[^@]*$/, "Missing final '@domain'"],
  [/^@/, 'Missing local name'],
  [/@$/, 'Missing domain'],
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused.
  [/[\s\u0000-\u001f\u007f].*@[^@]*$/s, 'Local address contains control or whitespace'],
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused.
  [/[\s\u0000-\u001f\u007f]/, 'Domain contains control or whitespace'],
  [/^\./, 'Local address starts with dot'],
  [/\.@[^@]*$/, 'Local address ends with dot'],
  [/\.\..*@[^@]*$/, 'Local address contains dot-dot'],
  [/@\.[^@]*$/, 'Domain starts with dot'],
  [/\.\.[^@]*$/, 'Domain contains dot-dot'],
  [/\.$/, 'Domain ends with dot'],
  [/[^A-Za-z0-9.@-][^@]*$/, 'Domain contains illegal character'],
  [/[^\u0021-\u007e]/, 'Local address contains non-ASCII characters'],
  [/["(),:;<>@[\]\\].*@[^@]*$/, 'Local address contains illegal character'],
]

/**
 * Quoted local parts are refused too.
 * @throws SesError InvalidParameterValue
 */
export function checkAddress(address: string): void {
  const broken = rules.find(([pattern]) => pattern.test(address))
  if (broken !== undefined) throw new SesError('InvalidParameterValue', broken[1])
}

/** A mailbox as a header names it: `name` is only what somebody calls it. */
export interface Mailbox {
  readonly address: string
  readonly name?: string
}

const maxAddressLength = 254
/** ASCII only: letters such as the Kelvin sign become ASCII in lower case. */
const localPart = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
/** What begins or ends a host in a URL, or is unescaped there. */
const urlSyntax = /[/?#@:\\%[\]\p{Cc}\s]/u

/**
 * The one spelling under which we know an address: lower case, an international domain in its ASCII
 * form (`xn--…`). Undefined for what SES does not carry: quoted local parts, letters beyond ASCII
 * before the `@`, literal hosts, domains of one label, anything over 254 characters.
 */
export function readEmailAddress(text: string): string | undefined {
  if (text.length > maxAddressLength) return undefined
  const at = text.lastIndexOf('@')
  const local = text.slice(0, at)
  const domain = asciiDomain(text.slice(at + 1))
  if (at < 1 || local.length > 64 || !localPart.test(local) || domain === undefined)
    return undefined
  const address = `${local.toLowerCase()}@${domain}`
  return address.length > maxAddressLength ? undefined : address
}

function asciiDomain(text: string): string | undefined {
  if (text === '' || urlSyntax.test(text)) return undefined
  const host = URL.parse(`http://${text}`)?.hostname ?? ''
  const labels = host.split('.')
  const isName = labels.length > 1 && labels.every((each) => label.test(each))
  return isName && /[a-z]/.test(labels.at(-1) ?? '') && host.length <= 253 ? host : undefined
}

import type { Email } from 'postal-mime'
import { type Mailbox, readEmailAddress } from '#shared/domain/email-address.ts'
import type { MailReceipt } from '#shared/domain/email-notice.ts'
import { attemptHeader } from '#shared/domain/email-thread.ts'
import type { AutomaticMail } from '#shared/domain/inbound-mail.ts'
import { oneLine } from './mail-line.ts'

/** Far above an address and a name; the patterns below take the square of it. */
const maxAuthorLength = 2000

/**
 * The one author a mail names. Undefined for none, for several (what a program shows of them is its
 * own choice, so they hide who wrote) and for an address that SES does not carry.
 */
export function authorOf(email: Email): Mailbox | undefined {
  const isOnce = email.headers.filter(({ key }) => key === 'from').length === 1
  const { from } = email
  const [member, ...others] = from?.group ?? (from === undefined ? [] : [from])
  if (!isOnce || member === undefined || others.length > 0 || severalIn(email)) return undefined
  const address = readEmailAddress(member.address ?? '')
  if (address === undefined) return undefined
  const name = oneLine(member.name, 200)
  return name === '' || looksLikeAnother(name, address) ? { address } : { address, name }
}

/** The parser gives the first author only; a comma outside of quotes and comments parts them. */
function severalIn({ headers }: Email): boolean {
  const value = headers.find(({ key }) => key === 'from')?.value ?? ''
  if (value.length > maxAuthorLength) return true
  const bare = value.replace(/"(?:[^"\\]|\\.)*"|\([^()]*\)/g, '')
  return (bare.match(/@/g)?.length ?? 0) > 1 && /[,;]/.test(bare)
}

/** `"cobranca@banco.com.br" <x@mal.com>`: a name that is another address only deceives. */
function looksLikeAnother(name: string, address: string): boolean {
  const claimed = /[^\s<>"'()[\],;:]{1,64}[@\uff20\ufe6b][^\s<>"'()[\],;:]{1,255}/u.exec(name)?.[0]
  return claimed !== undefined && readEmailAddress(claimed) !== address
}

type Value = (header: string) => string | undefined
type Rule = readonly [
  kind: AutomaticMail,
  holds: (value: Value, mail: { readonly email: Email; readonly receipt: MailReceipt }) => boolean,
]

const automaticSubject =
  /^(?:resposta autom[aá]tica|automatic reply|auto(?:matic)?[ -]?(?:reply|response)|respuesta autom[aá]tica|out of (?:the )?office|fora do escrit[oó]rio|aus[eê]ncia tempor[aá]ria)\b/i
const daemon = /^(?:mailer-daemon|postmaster|mail-daemon|mailerdaemon)@/

/** The first that holds (RFC 3834, RFC 3464, RFC 2919; facts: SES §3). */
const rules: readonly Rule[] = [
  ['own', (value) => value(attemptHeader) !== undefined],
  ['own', (_, { email, receipt }) => isFromUs(email, receipt)],
  [
    'bounce',
    (value) => /\breport-type\s{0,9}=\s{0,9}"?delivery-status\b/i.test(value('content-type') ?? ''),
  ],
  ['bounce', (value) => value('x-failed-recipients') !== undefined],
  ['bounce', (_, { email }) => daemon.test(authorOf(email)?.address ?? '')],
  ['auto-reply', (value) => !/^no\b/i.test(value('auto-submitted') ?? 'no')],
  ['auto-reply', (value) => /^auto[_-]?reply\b/i.test(value('precedence') ?? '')],
  ['auto-reply', (value) => /^multipart\/report\b/i.test(value('content-type') ?? '')],
  [
    'auto-reply',
    (value) =>
      ['x-autoreply', 'x-autorespond', 'x-autoresponder'].some((name) => value(name) !== undefined),
  ],
  ['auto-reply', (value) => /\b(?:all|autoreply)\b/i.test(value('x-auto-response-suppress') ?? '')],
  ['auto-reply', (value) => automaticSubject.test(oneLine(value('subject') ?? '', 200))],
  ['list', (value) => /^(?:bulk|list|junk)\b/i.test(value('precedence') ?? '')],
  ['list', (value) => ['list-id', 'list-unsubscribe'].some((name) => value(name) !== undefined)],
  // No envelope sender: nobody wants an answer.
  ['auto-reply', (value) => /^<\s*>$/.test(value('return-path') ?? '')],
]

/** Who made a mail that no person wrote for us; undefined for a person's. */
export function automaticOf(email: Email, receipt: MailReceipt): AutomaticMail | undefined {
  const value: Value = (name) =>
    name === 'subject'
      ? email.subject
      : email.headers.find(({ key }) => key === name.toLowerCase())?.value
  return rules.find(([, holds]) => holds(value, { email, receipt }))?.[0]
}

/** From a domain that takes mail for chats: only we write from there. */
function isFromUs(email: Email, { recipients }: MailReceipt): boolean {
  const domain = authorOf(email)?.address.split('@')[1]
  return domain !== undefined && recipients.some((address) => address.endsWith(`@${domain}`))
}

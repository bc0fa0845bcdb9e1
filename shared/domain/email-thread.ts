/** Our own mails tell themselves by it when they come back. */
export const attemptHeader = 'X-Recado-Attempt'

/** Opaque, tells a chat. */
const token = /^[a-z0-9]{16,64}$/
/** Mail programs may change its case; what lower case alone makes ASCII is not ours. */
const tokenInAnyCase = /^[a-z0-9]{16,64}$/i
/** Printable ASCII without brackets; 995 with them, as much as a header of SES holds. */
const messageIds = /<[\x21-\x3b\x3d\x3f-\x7e]{1,993}>/g
const maxHeaderLength = 995
const maxReferences = 11
const chatTokenShape = /^([1-9][0-9]{0,18})x([a-z0-9]{16,40})$/

/** What the token of an address or an id of ours tells. */
export interface ChatToken {
  readonly tenantId: string
  /** Of the chat, unique within its tenant. */
  readonly token: string
}

/** One token out of both: opaque to whoever gets it. */
export function writeChatToken({ tenantId, token }: ChatToken): string {
  return `${tenantId}x${token}`
}

export function readChatToken(written: string): ChatToken | undefined {
  const [, tenantId, chatToken] = chatTokenShape.exec(written) ?? []
  return tenantId === undefined || chatToken === undefined
    ? undefined
    : { tenantId, token: chatToken }
}

/** `chat+<token>@<domain>`: where a reply goes, the strongest key of its chat. */
export function replyAddress(chatToken: string, domain: string): string {
  return `chat+${checked(chatToken)}@${domain}`
}

/** The token of an address made so, whatever stands before its last `+` and however it is cased. */
export function replyTokenOf(address: string): string | undefined {
  const local = address.slice(0, Math.max(address.lastIndexOf('@'), 0))
  const plus = local.lastIndexOf('+')
  return plus < 0 ? undefined : known(local.slice(plus + 1))
}

/** `<chat.<token>@<domain>>`: our own id of a chat, for References, which most mail programs keep. */
export function chatReference(chatToken: string, domain: string): string {
  return `<chat.${checked(chatToken)}@${domain}>`
}

/** The token of an id made so. */
export function referenceTokenOf(messageId: string): string | undefined {
  const local = /^<chat\.([^@]{16,64})@[^@]+>$/i.exec(messageId)?.[1]
  return local === undefined ? undefined : known(local)
}

/** SES puts its own Message-ID on the wire (facts: SES §0.2): this is how a reply names it. */
export function sesMessageIdHeader(providerMessageId: string, region: string): string {
  return `<${providerMessageId}@${region === 'us-east-1' ? 'email' : region}.amazonses.com>`
}

/** The provider message id of such a header, of any region. */
export function providerMessageIdOf(messageId: string): string | undefined {
  return /^<([a-z0-9-]{1,128})@(?:email|[a-z0-9-]{1,32})\.amazonses\.com>$/i.exec(messageId)?.[1]
}

/** The ids of an In-Reply-To or References header in their order, each once, at most 50. */
export function messageIdsIn(header: string): readonly string[] {
  return [...new Set(header.match(messageIds))].slice(0, 50)
}

/**
 * References that fit into one header of 995 characters: the first, by which programs find the
 * thread, and the last ten. What is no message id is left out.
 */
export function boundedReferences(ids: readonly string[]): readonly string[] {
  const wellFormed = [...new Set(ids)].filter((id) => messageIdsIn(id)[0] === id)
  const [first, ...rest] = wellFormed
  if (first === undefined) return []
  const kept = [first, ...rest.slice(1 - maxReferences)]
  while (kept.length > 1 && kept.join(' ').length > maxHeaderLength) kept.splice(1, 1)
  return kept
}

const prefix =
  /^\s*(?:re|res|resp|enc|encaminhada|fw|fwd|rv|aw|wg)\s{0,3}(?:\[\d{1,3}\]|\(\d{1,3}\))?\s{0,3}:/i

/** A subject by which two mails of one thread are alike: no `Re:` or `ENC:`, one case, one space. */
export function normalisedSubject(subject: string): string {
  let rest = subject.normalize('NFC').slice(0, maxHeaderLength)
  for (let found = prefix.exec(rest); found !== null; found = prefix.exec(rest)) {
    rest = rest.slice(found[0].length)
  }
  return rest.replace(/\s+/g, ' ').trim().toLowerCase()
}

function known(text: string): string | undefined {
  return tokenInAnyCase.test(text) ? text.toLowerCase() : undefined
}

function checked(chatToken: string): string {
  if (!token.test(chatToken)) throw new RangeError('a chat token is 16 to 64 of a-z and 0-9')
  return chatToken
}

import { addressesOf, checkAddress, domainOf } from './addresses.ts'
import { composeMime, type HeaderField, headerOf, type MimeMessage, splitMime } from './mime.ts'
import { invalidAction, type QueryRequest, SesError } from './protocol.ts'

/** What a client asked to be sent, checked. */
export interface Submission {
  /** Bare address of the envelope's sender. */
  readonly source: string
  /** Bare addresses of the envelope. */
  readonly destinations: readonly string[]
  /** As the client gave it (or as SendEmail's members compose it). */
  readonly message: MimeMessage
  readonly tags: Readonly<Record<string, string>>
  readonly configurationSet: string | undefined
}

export interface SubmissionRules {
  readonly region: string
  /** Domains and addresses that may send; undefined lets any. */
  readonly verifiedIdentities?: readonly string[] | undefined
  /** Names that exist; undefined accepts any. */
  readonly configurationSets?: readonly string[] | undefined
}

const maxMessageBytes = 10 * 1024 * 1024
const maxRecipients = 50
/** Fields that may stand once in a message (RFC 5322, section 3.6). */
const singleFields = new Set([
  'from',
  'to',
  'cc',
  'bcc',
  'reply-to',
  'sender',
  'subject',
  'date',
  'message-id',
  'mime-version',
  'content-type',
])

/**
 * Reads SendEmail or SendRawEmail.
 * @throws SesError InvalidAction, InvalidParameterValue, MessageRejected, ConfigurationSetDoesNotExist
 */
export function readSubmission(request: QueryRequest, rules: SubmissionRules): Submission {
  const draft = request.action === 'SendRawEmail' ? readRaw(request) : readComposed(request)
  const { fields } = draft.message
  const tags = request.structures('Tags', ['Name', 'Value'])
  const submission = {
    ...draft,
    tags: tags.length > 0 ? tagsOf(tags) : tagsOf(headerTags(headerOf(fields, tagHeader))),
    configurationSet:
      request.text('ConfigurationSetName') ?? headerOf(fields, 'X-SES-CONFIGURATION-SET'),
  }
  checkRecipients(submission.destinations)
  checkIdentity(submission.source, rules)
  const { configurationSet } = submission
  if (
    configurationSet !== undefined &&
    !(rules.configurationSets?.includes(configurationSet) ?? true)
  ) {
    throw new SesError(
      'ConfigurationSetDoesNotExist',
      `Configuration set <${configurationSet}> does not exist.`,
    )
  }
  return submission
}

type Draft = Pick<Submission, 'source' | 'destinations' | 'message'>

function readRaw(request: QueryRequest): Draft {
  const raw = Buffer.from(request.text('RawMessage.Data') ?? '', 'base64')
  if (raw.length > maxMessageBytes) {
    throw invalid(`Message length is more than ${maxMessageBytes} bytes long: '${raw.length}'.`)
  }
  const message = splitMime(raw)
  const seen = new Set<string>()
  for (const { name } of message.fields) {
    if (singleFields.has(name.toLowerCase()) && seen.has(name.toLowerCase())) {
      throw invalid(`Duplicate header '${name}'.`)
    }
    seen.add(name.toLowerCase())
  }
  const from = headerOf(message.fields, 'From')
  if (from === undefined) throw invalid("Missing required header 'From'.")
  const given = request.list('Destinations')
  const named = ['To', 'Cc', 'Bcc'].map((name) => headerOf(message.fields, name) ?? '')
  return {
    source: oneAddress(request.text('Source') ?? from),
    destinations: (given.length > 0 ? given : named).flatMap(addressesOf),
    message,
  }
}

function readComposed(request: QueryRequest): Draft {
  if (request.action !== 'SendEmail') throw invalidAction(request.action)
  const source = request.text('Source') ?? ''
  const [to, cc, bcc] = ['To', 'Cc', 'Bcc'].map((kind) =>
    request.list(`Destination.${kind}Addresses`),
  )
  const text = request.text('Message.Body.Text.Data')
  const html = request.text('Message.Body.Html.Data')
  const subject = request.text('Message.Subject.Data')
  if (subject === undefined) throw invalid('Message.Subject is required')
  if (text === undefined && html === undefined) throw invalid('Message.Body is required')
  const fields = [
    { name: 'From', value: source },
    { name: 'To', value: (to ?? []).join(', ') },
    { name: 'Cc', value: (cc ?? []).join(', ') },
    { name: 'Reply-To', value: request.list('ReplyToAddresses').join(', ') },
    { name: 'Subject', value: subject },
  ].filter(({ value }) => value !== '')
  fields.forEach(refuseControls)
  return {
    source: oneAddress(source),
    destinations: [to, cc, bcc].flatMap((each) => each ?? []).flatMap(addressesOf),
    message: splitMime(composeMime({ fields, text, html })),
  }
}

function refuseControls({ name, value }: HeaderField): void {
  if (/[\r\n\0]/.test(value)) throw invalid(`${name} contains control characters`)
}

function oneAddress(text: string): string {
  const [address, second] = addressesOf(text)
  if (address === undefined) throw invalid("Missing final '@domain'")
  if (second !== undefined) throw invalid('Illegal address: more than one sender')
  checkAddress(address)
  return address
}

function checkRecipients(destinations: readonly string[]): void {
  if (destinations.length === 0) throw invalid("Missing required header 'To'.")
  if (destinations.length > maxRecipients) {
    throw invalid(`Recipient count exceeds ${maxRecipients}.`)
  }
  destinations.forEach(checkAddress)
}

function checkIdentity(source: string, rules: SubmissionRules): void {
  const verified = rules.verifiedIdentities?.map((identity) => identity.toLowerCase())
  if (verified === undefined) return
  if (verified.includes(source.toLowerCase()) || verified.includes(domainOf(source))) return
  throw new SesError(
    'MessageRejected',
    'Email address is not verified. The following identities failed the check in region ' +
      `${rules.region.toUpperCase()}: ${source}`,
  )
}

const tagHeader = 'X-SES-MESSAGE-TAGS'

/** `name1=value1, name2=value2` */
function headerTags(value: string | undefined): readonly Readonly<Record<string, string>>[] {
  const pairs = (value ?? '').split(',').filter((pair) => pair.trim() !== '')
  return pairs.map((pair) => {
    const [Name = '', Value = ''] = pair.split(/=(.*)/s).map((half) => half.trim())
    return { Name, Value }
  })
}

function tagsOf(tags: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  for (const text of tags.flatMap(({ Name = '', Value = '' }) => [Name, Value])) {
    if (!/^[A-Za-z0-9_-]{1,256}$/.test(text)) {
      throw invalid(`Invalid message tag: <${text}>: 1 to 256 of A-Z a-z 0-9 _ - are allowed.`)
    }
  }
  return Object.fromEntries(tags.map(({ Name = '', Value = '' }) => [Name, Value]))
}

function invalid(message: string): SesError {
  return new SesError('InvalidParameterValue', message)
}

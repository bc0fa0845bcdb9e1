import { randomUUID } from 'node:crypto'
import { decodeWords } from 'postal-mime'
import { addressesOf, displayedAddressesOf, domainOf } from './addresses.ts'
import type { DeliveredMail } from './mailbox.ts'
import { type HeaderField, headerOf } from './mime.ts'

/** An event as SES publishes it for a configuration set; its shape depends on `eventType`. */
export interface SesEvent {
  readonly eventType: string
  readonly mail: Readonly<Record<string, unknown>> & { readonly messageId: string }
  readonly [detail: string]: unknown
}

export interface EventOrigin {
  readonly region: string
  readonly accountId: string
}

/** Makes an event when its time has come. */
export type PlannedEvent = (at: Date) => SesEvent

type Detail = (recipient: string, at: Date) => Readonly<Record<string, unknown>>

/** What happens to a mail after SES took it, by the local part of a simulator's address. */
const awsSimulator: Readonly<Record<string, readonly Detail[]>> = {
  success: [delivery],
  bounce: [bounce('Permanent', 'General', '5.1.1')],
  // An automatic answer reaches SES as a bounce that is none.
  ooto: [delivery, bounce('Transient', 'General')],
  complaint: [delivery, complaint],
  suppressionlist: [bounce('Permanent', 'Suppressed')],
}

const ownSimulator: Readonly<Record<string, readonly Detail[]>> = {
  'mailbox-full': [bounce('Transient', 'MailboxFull', '4.2.2')],
  'message-too-large': [bounce('Transient', 'MessageTooLarge', '5.3.4')],
  'content-rejected': [bounce('Transient', 'ContentRejected', '5.7.1')],
  'attachment-rejected': [bounce('Transient', 'AttachmentRejected', '5.7.1')],
  'no-email': [bounce('Permanent', 'NoEmail', '5.1.1')],
  'on-account-suppression-list': [bounce('Permanent', 'OnAccountSuppressionList')],
  'undetermined-bounce': [bounce('Undetermined', 'Undetermined')],
  'unknown-bounce': [bounce('Permanent', 'InventedTomorrow')],
  'late-bounce': [delivery, bounce('Permanent', 'NoEmail', '5.1.1')],
  'late-soft-bounce': [delivery, bounce('Transient', 'MailboxFull', '4.2.2')],
  'bounce-then-delivery': [bounce('Transient', 'General'), delivery],
  delayed: [delay, delivery],
  opened: [delivery, open],
  'sent-only': [],
}

const simulators: Readonly<Record<string, typeof awsSimulator>> = {
  'simulator.amazonses.com': awsSimulator,
  'simulator.test': ownSimulator,
}
/** The address whose mails SES takes and never speaks of again. */
const silentAddress = 'silence@simulator.test'
/** The harmless file every virus scanner knows, in two halves so that none finds it here. */
const eicar = 'X5O!P%@AP[4\\PZX54(P^)7CC)7}$' + 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!'

/**
 * The events a mail causes, in the order SES would publish them; none without a configuration
 * set. Addresses outside the simulators get Send and Delivery.
 */
export function planEvents(mail: DeliveredMail, origin: EventOrigin): readonly PlannedEvent[] {
  const { destinations, configurationSet } = mail.submission
  const heard = destinations.filter((address) => address.toLowerCase() !== silentAddress)
  if (configurationSet === undefined || heard.length === 0) return []
  const described = describeMail(mail, origin)
  const event = (detail: Readonly<Record<string, unknown>>): SesEvent => {
    const eventType = String(detail.eventType)
    return { ...detail, eventType, mail: described }
  }
  if (isEicar(mail)) {
    return [() => event({ eventType: 'Reject', reject: { reason: 'Bad content' } })]
  }
  return [
    () => event({ eventType: 'Send', send: {} }),
    ...heard.flatMap((recipient) =>
      stepsFor(recipient).map((detail) => (at: Date) => event(detail(recipient, at))),
    ),
  ]
}

function stepsFor(recipient: string): readonly Detail[] {
  // A label (`bounce+42@`) changes nothing and tells mails apart.
  const local = recipient.slice(0, recipient.lastIndexOf('@')).split('+')[0]?.toLowerCase() ?? ''
  return simulators[domainOf(recipient)]?.[local] ?? [delivery]
}

function isEicar(mail: DeliveredMail): boolean {
  const base64 = Buffer.from(eicar).toString('base64').slice(0, 60)
  return mail.raw.includes(eicar) || mail.raw.includes(base64)
}

const reportingMta = 'dns; a1-2.smtp-out.amazonses.com'
const remoteMtaIp = '192.0.2.25'

function delivery(recipient: string, at: Date) {
  return {
    eventType: 'Delivery',
    delivery: {
      timestamp: at.toISOString(),
      processingTimeMillis: 412,
      recipients: [recipient],
      smtpResponse: '250 2.0.0 OK',
      reportingMTA: 'a1-2.smtp-out.amazonses.com',
      remoteMtaIp,
    },
  }
}

function bounce(bounceType: string, bounceSubType: string, status?: string): Detail {
  const report = status && {
    action: 'failed',
    status,
    diagnosticCode: `smtp; ${status.startsWith('4') ? 452 : 550} ${status} ${bounceSubType}`,
  }
  return (emailAddress, at) => ({
    eventType: 'Bounce',
    bounce: {
      bounceType,
      bounceSubType,
      timestamp: at.toISOString(),
      feedbackId: feedbackId(at),
      reportingMTA: reportingMta,
      ...(report ? { remoteMtaIp } : {}),
      bouncedRecipients: [{ emailAddress, ...(report || {}) }],
    },
  })
}

function complaint(emailAddress: string, at: Date) {
  return {
    eventType: 'Complaint',
    complaint: {
      complainedRecipients: [{ emailAddress }],
      timestamp: at.toISOString(),
      feedbackId: feedbackId(at),
      complaintSubType: null,
      userAgent: 'Amazon SES Mailbox Simulator',
      complaintFeedbackType: 'abuse',
      arrivalDate: at.toISOString(),
    },
  }
}

function delay(emailAddress: string, at: Date) {
  return {
    eventType: 'DeliveryDelay',
    deliveryDelay: {
      timestamp: at.toISOString(),
      delayType: 'TransientCommunicationFailure',
      expirationTime: new Date(at.getTime() + 14 * 3600 * 1000).toISOString(),
      reportingMTA: 'a1-2.smtp-out.amazonses.com',
      delayedRecipients: [
        { emailAddress, status: '4.4.1', diagnosticCode: 'smtp; 421 4.4.1 no answer' },
      ],
    },
  }
}

function open(_recipient: string, at: Date) {
  return {
    eventType: 'Open',
    open: { ipAddress: '192.0.2.77', timestamp: at.toISOString(), userAgent: 'Mozilla/5.0' },
  }
}

function feedbackId(at: Date): string {
  return `0103${at.getTime().toString(16).padStart(12, '0')}-${randomUUID()}-000000`
}

const headersMaxBytes = 10 * 1024

function describeMail(mail: DeliveredMail, origin: EventOrigin): SesEvent['mail'] {
  const { source, destinations, message, tags, configurationSet = '' } = mail.submission
  const identity = `arn:aws:ses:${origin.region}:${origin.accountId}:identity/${domainOf(source)}`
  const ours = Object.entries(tags).map(([name, value]) => [name, [value]])
  return {
    timestamp: mail.receivedAt.toISOString(),
    source,
    sourceArn: identity,
    sendingAccountId: origin.accountId,
    messageId: mail.id,
    destination: destinations,
    ...describeHeaders(message.fields),
    commonHeaders: commonHeaders(message.fields, mail.id),
    tags: {
      'ses:configuration-set': [configurationSet],
      'ses:source-ip': ['127.0.0.1'],
      'ses:from-domain': [domainOf(source)],
      'ses:caller-identity': ['local'],
      ...Object.fromEntries(ours),
    },
  }
}

/** `headers`, cut at 10 KB as SES does, and `headersTruncated`. */
export function describeHeaders(fields: readonly HeaderField[]) {
  const headers: HeaderField[] = []
  let bytes = 0
  for (const { name, value } of fields) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value)
    if (bytes > headersMaxBytes) return { headersTruncated: true, headers }
    headers.push({ name, value })
  }
  return { headersTruncated: false, headers }
}

/** Fields most people want, parsed; `messageId` is what the client wrote, else the one given. */
export function commonHeaders(fields: readonly HeaderField[], messageId?: string) {
  const list = (name: string) => {
    const value = headerOf(fields, name)
    return value === undefined ? undefined : displayedAddressesOf(value)
  }
  return {
    from: list('From'),
    replyTo: list('Reply-To'),
    to: list('To'),
    cc: list('Cc'),
    date: headerOf(fields, 'Date'),
    messageId: headerOf(fields, 'Message-ID') ?? messageId,
    subject: decodeWords(headerOf(fields, 'Subject') ?? ''),
    returnPath: addressesOf(headerOf(fields, 'Return-Path') ?? '')[0],
  }
}

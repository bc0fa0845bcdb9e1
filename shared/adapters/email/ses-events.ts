import type * as z from 'zod'
import {
  sesBounce,
  sesComplaint,
  sesDelay,
  sesDelivery,
  sesMail,
  sesOther,
  sesSubscription,
} from '#shared/contracts/ses-notification.ts'
import type {
  EmailNotice,
  EmailStatusNotice,
  IgnoredNotice,
  NoticedMail,
  SubscriptionNotice,
} from '#shared/domain/email-notice.ts'
import { readBounce } from './bounce-table.ts'
import {
  addressedIn,
  addressesIn,
  noticedMail,
  perRecipient,
  type Told,
  toldIn,
  wordOf,
} from './notice-parts.ts'
import { readReceived } from './received-notice.ts'

type Fields = Readonly<Record<string, unknown>>
type Mail = z.output<typeof sesMail>
type Read = (mail: Mail, body: Fields) => readonly EmailNotice[] | undefined

/**
 * What SES tells in one message of a queue, by SNS's envelope or raw delivery, as event or as legacy
 * notification. One notice for each recipient; at least one, which may be `ignored` with its reason.
 * Never throws.
 */
export function readSesNotification(body: string): readonly EmailNotice[] {
  const outer = parseFields(body)
  if (typeof outer === 'string') return [ignored(outer)]
  if (outer.Type === 'SubscriptionConfirmation' || outer.Type === 'UnsubscribeConfirmation') {
    return [ignored('subscription-confirmation')]
  }
  const isEnvelope = outer.Type === 'Notification' && typeof outer.Message === 'string'
  const inner = isEnvelope ? parseFields(String(outer.Message)) : outer
  return typeof inner === 'string' ? [ignored(inner)] : readEvent(inner)
}

function readEvent(event: Fields): readonly EmailNotice[] {
  const type = event.eventType ?? event.notificationType
  if (typeof type !== 'string') return [ignored('not-a-notification')]
  const read = readers.get(type)
  if (read === undefined) return [ignored('unknown-type', wordOf(type))]
  const mail = sesMail.safeParse(event.mail).data
  return (mail && read(mail, event)) ?? [ignored('malformed', type)]
}

const readers: ReadonlyMap<string, Read> = new Map<string, Read>([
  ['Send', readSend],
  ['Delivery', readDelivery],
  ['DeliveryDelay', readDelay],
  ['Bounce', readBounces],
  ['Complaint', readComplaint],
  ['Reject', readReject],
  ['Rendering Failure', readRenderingFailure],
  ['Open', (mail, { open }) => attention('open', mail, open)],
  ['Click', (mail, { click }) => attention('click', mail, click)],
  ['Subscription', readSubscription],
  ['Received', (mail, { receipt }) => readReceived(mail, receipt)],
])

/** Its time is the mail's: the event brings none. */
function readSend(mail: Mail): readonly EmailNotice[] | undefined {
  return statuses(noticedMail(mail, undefined), addressedIn(mail), { status: 'SENT' })
}

function readDelivery(mail: Mail, { delivery }: Fields): readonly EmailNotice[] | undefined {
  const { recipients, timestamp } = sesDelivery.safeParse(delivery).data ?? {}
  const named = addressesIn(recipients)
  const to = named.length > 0 ? named : addressedIn(mail)
  return statuses(noticedMail(mail, timestamp), to, { status: 'DELIVERED' })
}

function readBounces(mail: Mail, { bounce }: Fields): readonly EmailNotice[] | undefined {
  const read = sesBounce.safeParse(bounce).data
  const noticed = read && noticedMail(mail, read.timestamp)
  if (read === undefined || noticed === undefined) return undefined
  const { bounceType, bounceSubType, bouncedRecipients } = read
  const reading = readBounce(bounceType, bounceSubType)
  const words = `${wordOf(bounceType) ?? '?'}/${wordOf(bounceSubType) ?? '?'}`
  return named(mail, toldIn(bouncedRecipients)).map(({ recipient, status, diagnostic }) => ({
    kind: 'status',
    ...noticed,
    ...(recipient !== undefined && { recipient }),
    ...reading,
    code: status === undefined ? words : `${words} ${status}`,
    ...(diagnostic !== undefined && { detail: diagnostic }),
  }))
}

/** One whom SES does not name, in a mail to one, is that one. */
function named(mail: Mail, told: readonly Told[]): readonly Told[] {
  const [only, ...others] = addressedIn(mail)
  if (others.length > 0) return told
  return told.map((each) => ({ ...each, recipient: each.recipient ?? only }))
}

/** A mail that SES held back for an earlier complaint never went; any other one arrived. */
function readComplaint(mail: Mail, { complaint }: Fields): readonly EmailNotice[] | undefined {
  const read = sesComplaint.safeParse(complaint).data
  const noticed = read && noticedMail(mail, read.timestamp)
  if (read === undefined || noticed === undefined) return undefined
  const complained = named(mail, toldIn(read.complainedRecipients))
  const to = complained.flatMap(({ recipient }) => recipient ?? [])
  if (read.complaintSubType === 'OnAccountSuppressionList') {
    return statuses(noticed, to, {
      status: 'HARD_FAILED',
      reason: 'complaint',
      code: 'Complaint/OnAccountSuppressionList',
      suppress: 'complaint',
    })
  }
  const complaintType = wordOf(read.complaintFeedbackType)
  return perRecipient(noticed, to).map((each) => ({
    kind: 'complaint',
    ...each,
    ...(complaintType !== undefined && { complaintType }),
    ...(complaintType !== 'not-spam' && { suppress: 'complaint' as const }),
  }))
}

function readReject(mail: Mail, { reject }: Fields): readonly EmailNotice[] | undefined {
  const { reason, timestamp } = sesOther.safeParse(reject).data ?? {}
  return statuses(noticedMail(mail, timestamp), addressedIn(mail), {
    status: 'HARD_FAILED',
    // SES knows one reason, a virus, and calls it so.
    reason: reason === 'Bad content' ? 'virus-found' : 'content-rejected',
    code: `Reject/${wordOf(reason) ?? '?'}`,
  })
}

function readRenderingFailure(mail: Mail, { failure }: Fields): readonly EmailNotice[] | undefined {
  const { timestamp } = sesOther.safeParse(failure).data ?? {}
  return statuses(noticedMail(mail, timestamp), addressedIn(mail), {
    status: 'HARD_FAILED',
    reason: 'template-parameters',
    code: 'Rendering Failure',
  })
}

function readDelay(mail: Mail, { deliveryDelay }: Fields): readonly EmailNotice[] | undefined {
  const read = sesDelay.safeParse(deliveryDelay).data
  const noticed = read && noticedMail(mail, read.timestamp)
  if (read === undefined || noticed === undefined) return undefined
  const delayed = named(mail, toldIn(read.delayedRecipients))
  const delayType = wordOf(read.delayType)
  const to = delayed.flatMap(({ recipient }) => recipient ?? [])
  return perRecipient(noticed, to).map((each) => ({
    kind: 'delay',
    ...each,
    ...(delayType !== undefined && { delayType }),
    ...(read.expirationTime !== undefined && { expiresAt: read.expirationTime }),
  }))
}

/** An open or a click; it names nobody, so a mail to several is told without a recipient. */
function attention(
  kind: 'open' | 'click',
  mail: Mail,
  detail: unknown,
): readonly EmailNotice[] | undefined {
  const { timestamp, link } = sesOther.safeParse(detail).data ?? {}
  const noticed = noticedMail(mail, timestamp)
  if (noticed === undefined) return undefined
  const to = addressedIn(mail)
  const [only] = perRecipient(noticed, to.length === 1 ? to : [])
  const isLink = kind === 'click' && /^https?:\/\/[\x21-\x7e]+$/i.test(link ?? '')
  return only && [{ kind, ...only, ...(isLink && link !== undefined && { link }) }]
}

function readSubscription(mail: Mail, { subscription }: Fields): SubscriptionNotice[] | undefined {
  const read = sesSubscription.safeParse(subscription).data
  const noticed = read && noticedMail(mail, read.timestamp)
  if (read === undefined || noticed === undefined) return undefined
  const { unsubscribeAll = false, topicSubscriptionStatus = [] } = read.newTopicPreferences ?? {}
  const contactList = wordOf(read.contactList)
  const topics = topicSubscriptionStatus.slice(0, 100).flatMap((topic) => {
    const name = wordOf(topic?.topicName)
    return name === undefined ? [] : [{ name, wants: topic?.subscriptionStatus === 'OptIn' }]
  })
  return perRecipient(noticed, addressedIn(mail)).map((each) => ({
    kind: 'subscription',
    ...each,
    ...(contactList !== undefined && { contactList }),
    unsubscribedFromAll: unsubscribeAll,
    topics,
  }))
}

function statuses(
  noticed: NoticedMail | undefined,
  recipients: readonly string[],
  told: Pick<EmailStatusNotice, 'status' | 'reason' | 'code' | 'suppress'>,
): readonly EmailNotice[] | undefined {
  return (
    noticed &&
    perRecipient(noticed, recipients).map((each) => ({ kind: 'status', ...each, ...told }))
  )
}

function ignored(reason: IgnoredNotice['reason'], type?: string): IgnoredNotice {
  return { kind: 'ignored', reason, ...(type !== undefined && { type }) }
}

function parseFields(text: string): Fields | 'not-json' | 'not-a-notification' {
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Fields) : 'not-a-notification'
  } catch {
    return 'not-json'
  }
}

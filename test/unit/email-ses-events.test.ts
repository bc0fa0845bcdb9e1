import { describe, expect, it } from 'vitest'
import { readSesNotification } from '#shared/adapters/email/ses-events.ts'
import type { EmailNotice } from '#shared/domain/email-notice.ts'
import {
  ana,
  at,
  attemptId,
  bounce,
  event,
  mail,
  noticed,
  providerMessageId,
  sentAt,
} from '#test/fixtures/ses-notifications.ts'

const read = (body: unknown) => readSesNotification(JSON.stringify(body))

const status = (more: object) => ({ kind: 'status', ...noticed, ...more })
const complaint = (more: object = {}) =>
  event('Complaint', {
    complaint: {
      complainedRecipients: [{ emailAddress: ana }],
      timestamp: at,
      complaintSubType: null,
      complaintFeedbackType: 'abuse',
      ...more,
    },
  })
const preferences = (newTopicPreferences: object) =>
  event('Subscription', {
    subscription: { contactList: 'novidades', timestamp: at, source: 'x', newTopicPreferences },
  })

describe('an event', () => {
  it.each<[string, unknown, object]>([
    ['Send', event('Send', { send: {} }), { ...status({ status: 'SENT' }), occurredAt: sentAt }],
    [
      'Delivery',
      event('Delivery', { delivery: { timestamp: at, recipients: [ana], smtpResponse: '250 OK' } }),
      status({ status: 'DELIVERED' }),
    ],
    [
      'Delivery without recipients',
      event('Delivery', { delivery: { timestamp: at } }),
      status({ status: 'DELIVERED' }),
    ],
    [
      'Reject',
      event('Reject', { reject: { reason: 'Bad content' } }),
      {
        ...status({ status: 'HARD_FAILED', reason: 'virus-found', code: 'Reject/Bad content' }),
        occurredAt: sentAt,
      },
    ],
    [
      'Reject for another reason',
      event('Reject', { reject: { reason: 'Tomorrow' } }),
      {
        ...status({ status: 'HARD_FAILED', reason: 'content-rejected', code: 'Reject/Tomorrow' }),
        occurredAt: sentAt,
      },
    ],
    [
      'Rendering Failure',
      event('Rendering Failure', { failure: { templateName: 't', errorMessage: 'no name' } }),
      {
        ...status({
          status: 'HARD_FAILED',
          reason: 'template-parameters',
          code: 'Rendering Failure',
        }),
        occurredAt: sentAt,
      },
    ],
    [
      'DeliveryDelay',
      event('DeliveryDelay', {
        deliveryDelay: {
          timestamp: at,
          delayType: 'MailboxFull',
          expirationTime: '2026-11-24T02:00:00Z',
          delayedRecipients: [{ emailAddress: ana, status: '4.2.2' }],
        },
      }),
      {
        kind: 'delay',
        ...noticed,
        delayType: 'MailboxFull',
        expiresAt: '2026-11-24T02:00:00.000Z',
      },
    ],
    [
      'Complaint',
      complaint(),
      { kind: 'complaint', ...noticed, complaintType: 'abuse', suppress: 'complaint' },
    ],
    [
      'Complaint without a type',
      complaint({ complaintFeedbackType: undefined }),
      { kind: 'complaint', ...noticed, suppress: 'complaint' },
    ],
    [
      'Complaint that takes one back',
      complaint({ complaintFeedbackType: 'not-spam' }),
      { kind: 'complaint', ...noticed, complaintType: 'not-spam' },
    ],
    [
      'Complaint of long ago, for which nothing was sent',
      complaint({ complaintSubType: 'OnAccountSuppressionList' }),
      status({
        status: 'HARD_FAILED',
        reason: 'complaint',
        code: 'Complaint/OnAccountSuppressionList',
        suppress: 'complaint',
      }),
    ],
    [
      'Open',
      event('Open', { open: { timestamp: at, userAgent: 'x' } }),
      { kind: 'open', ...noticed },
    ],
    [
      'Click',
      event('Click', { click: { timestamp: at, link: 'https://exemplo.com.br/2via?a=1' } }),
      { kind: 'click', ...noticed, link: 'https://exemplo.com.br/2via?a=1' },
    ],
    [
      'Click on something else',
      event('Click', { click: { timestamp: at, link: 'javascript:alert(1)' } }),
      { kind: 'click', ...noticed },
    ],
    [
      'Subscription',
      preferences({
        unsubscribeAll: false,
        topicSubscriptionStatus: [
          { topicName: 'promo', subscriptionStatus: 'OptOut' },
          { topicName: 'avisos', subscriptionStatus: 'OptIn' },
          7,
        ],
      }),
      {
        kind: 'subscription',
        ...noticed,
        contactList: 'novidades',
        unsubscribedFromAll: false,
        topics: [
          { name: 'promo', wants: false },
          { name: 'avisos', wants: true },
        ],
      },
    ],
    [
      'Subscription of nothing',
      preferences({ unsubscribeAll: true }),
      {
        kind: 'subscription',
        ...noticed,
        contactList: 'novidades',
        unsubscribedFromAll: true,
        topics: [],
      },
    ],
  ])('%s', (_name, body, notice) => {
    expect(read(body)).toEqual([notice])
  })

  it('is the same as a legacy notification, but for its tags', () => {
    const { eventType, mail: _, ...rest } = bounce('Permanent', 'NoEmail')
    const { tags: __, ...untagged } = mail()
    const [told] = read({ notificationType: eventType, mail: untagged, ...rest })
    const { attemptId: ___, tenantId: ____, ...known } = noticed
    expect(told).toEqual({
      kind: 'status',
      ...known,
      status: 'HARD_FAILED',
      reason: 'hard-bounce',
      suppress: 'hard-bounce',
      code: 'Permanent/NoEmail',
    })
  })

  it('is read through the envelope of SNS as well as raw', () => {
    const body = event('Send')
    const envelope = {
      Type: 'Notification',
      MessageId: '1',
      TopicArn: 'arn:aws:sns:sa-east-1:111122223333:t',
      Subject: 'Amazon SES Email Event Notification',
      Message: JSON.stringify(body),
      Timestamp: at,
    }
    expect(read(envelope)).toEqual(read(body))
    expect(read(body)).toHaveLength(1)
  })

  it.each<[string, object, object]>([
    ['tags of another form', { tags: { attempt_id: ['1; drop'], tenant_id: ['a b'] } }, {}],
    ['tags that are no lists', { tags: { attempt_id: attemptId, tenant_id: { 0: '7' } } }, {}],
    ['a tag in capitals', { tags: { attempt_id: [attemptId.toUpperCase()] } }, { attemptId }],
  ])('with %s', (_case, of, known) => {
    expect(read(event('Send', {}, of))).toEqual([
      {
        kind: 'status',
        status: 'SENT',
        providerMessageId,
        recipient: ana,
        occurredAt: sentAt,
        ...known,
      },
    ])
  })

  it('of several recipients names each, but an open names none', () => {
    const of = { destination: [ana, 'rui@cliente.com.br', 'não é', 7] }
    expect(read(event('Send', {}, of))).toMatchObject([
      { recipient: ana },
      { recipient: 'rui@cliente.com.br' },
    ])
    const [opened, ...more] = read(event('Open', { open: { timestamp: at } }, of))
    expect(opened).not.toHaveProperty('recipient')
    expect(more).toEqual([])
  })
})

const received = (receipt: object = {}, of: object = {}) => ({
  notificationType: 'Received',
  mail: {
    timestamp: sentAt,
    source: ana,
    messageId: 'o3vrnil0e2ic28tr',
    destination: ['x@y.com'],
    ...of,
  },
  receipt: {
    timestamp: at,
    recipients: ['Chat+01J9abcdefghijkl@in.exemplo.com.br'],
    spamVerdict: { status: 'PASS' },
    virusVerdict: { status: 'DISABLED' },
    spfVerdict: { status: 'GRAY' },
    dkimVerdict: { status: 'INVENTED' },
    dmarcVerdict: { status: 'FAIL' },
    dmarcPolicy: 'QUARANTINE',
    action: { type: 'S3', bucketName: 'inbound-mail', objectKey: 'in/o3vrnil0e2ic28tr' },
    ...receipt,
  },
})

describe('a mail received', () => {
  it('is told by where it lies, its envelope and its verdicts', () => {
    expect(read(received())).toEqual([
      {
        kind: 'received',
        bucket: 'inbound-mail',
        objectKey: 'in/o3vrnil0e2ic28tr',
        receipt: {
          sesMessageId: 'o3vrnil0e2ic28tr',
          returnPath: ana,
          recipients: ['chat+01j9abcdefghijkl@in.exemplo.com.br'],
          verdicts: {
            spam: 'PASS',
            virus: 'DISABLED',
            spf: 'GRAY',
            dkim: 'UNKNOWN',
            dmarc: 'FAIL',
            dmarcPolicy: 'quarantine',
          },
          occurredAt: at,
        },
      },
    ])
  })

  it.each<[string, object, object]>([
    ['by another action', { action: { type: 'SNS', topicArn: 'x' } }, { reason: 'no-object' }],
    ['without an action', { action: undefined }, { reason: 'no-object' }],
    [
      'as SES tries the bucket',
      {
        action: {
          type: 'S3',
          bucketName: 'inbound',
          objectKey: 'in/AMAZON_SES_SETUP_NOTIFICATION',
        },
      },
      { reason: 'setup-object' },
    ],
  ])('%s is ignored', (_case, receipt, ignored) => {
    expect(read(received(receipt))).toEqual([{ kind: 'ignored', ...ignored }])
  })

  it('without an envelope goes by its destination, without a sender by none', () => {
    const [notice] = read(received({ recipients: undefined }, { source: '<>' }))
    expect(notice).toMatchObject({ receipt: { recipients: ['x@y.com'] } })
    expect(notice).not.toHaveProperty('receipt.returnPath')
  })
})

describe('what is no notice', () => {
  it.each<[string, string, Partial<EmailNotice>]>([
    [
      'the first message',
      'Successfully validated SNS topic for Amazon SES event publishing.',
      { reason: 'not-json' },
    ],
    ['nothing', '', { reason: 'not-json' }],
    ['a list', '[]', { reason: 'not-a-notification' }],
    ['null', 'null', { reason: 'not-a-notification' }],
    ['text', '"Bounce"', { reason: 'not-a-notification' }],
    ['an object of something else', '{"a":1}', { reason: 'not-a-notification' }],
    ['a type that is no text', '{"eventType":7}', { reason: 'not-a-notification' }],
    [
      'a confirmation',
      '{"Type":"SubscriptionConfirmation","Token":"t"}',
      { reason: 'subscription-confirmation' },
    ],
    ['a goodbye', '{"Type":"UnsubscribeConfirmation"}', { reason: 'subscription-confirmation' }],
    [
      'an envelope of text',
      '{"Type":"Notification","Message":"Successfully"}',
      { reason: 'not-json' },
    ],
    [
      'a type of tomorrow',
      '{"eventType":"Tomorrow"}',
      { reason: 'unknown-type', type: 'Tomorrow' },
    ],
    ['a type that is no word', '{"eventType":"\\u0000<b>"}', { reason: 'unknown-type' }],
    ['no mail', '{"eventType":"Send"}', { reason: 'malformed', type: 'Send' }],
    [
      'a mail without an id',
      '{"eventType":"Send","mail":{}}',
      { reason: 'malformed', type: 'Send' },
    ],
    [
      'an id of another form',
      JSON.stringify(event('Send', {}, { messageId: 'a b' })),
      { reason: 'malformed', type: 'Send' },
    ],
    [
      'no time at all',
      JSON.stringify(event('Send', {}, { timestamp: 'yesterday' })),
      { reason: 'malformed', type: 'Send' },
    ],
    [
      'a time of the year 10000',
      JSON.stringify(event('Send', {}, { timestamp: '+010000-01-01T00:00:00Z' })),
      { reason: 'malformed', type: 'Send' },
    ],
    [
      'a bounce without one',
      JSON.stringify(event('Bounce')),
      { reason: 'malformed', type: 'Bounce' },
    ],
  ] as [string, string, Partial<EmailNotice>][])('%s', (_case, body, ignored) => {
    expect(readSesNotification(body)).toEqual([{ kind: 'ignored', ...ignored }])
  })
})

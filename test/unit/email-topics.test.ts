import { describe, expect, it } from 'vitest'
import { noticesOfTopic } from '#shared/adapters/email/topic-notices.ts'
import { ana, at, event } from '#test/fixtures/ses-notifications.ts'

const read = noticesOfTopic('recado-email-event')
const delivery = event('Delivery', { delivery: { timestamp: at, recipients: [ana] } })
const enveloped = (TopicArn: unknown, Type = 'Notification') => ({
  ...{ Type, TopicArn },
  Message: JSON.stringify(delivery),
})
const arn = (name: string) => `arn:aws:sns:sa-east-1:111122223333:${name}`
const unknown = [{ kind: 'ignored', reason: 'topic-unknown' }]

describe('what feeds a queue of mails', () => {
  it('is read when its own topic brought it', () => {
    const told = read(JSON.stringify(enveloped(arn('recado-email-event'))))
    expect(told).toMatchObject([{ kind: 'status', status: 'DELIVERED', recipient: ana }])
  })

  it.each<[string, unknown]>([
    ['another topic', enveloped(arn('recado-inbound-mail'))],
    ['a topic whose name ends alike', enveloped(arn('x-recado-email-event'))],
    ['a name without an ARN', enveloped('topic:recado-email-event')],
    ['no topic', { Type: 'Notification', Message: JSON.stringify(delivery) }],
    ['a topic that is no text', enveloped([arn('recado-email-event')])],
    ['no envelope', delivery],
    ['a confirmation of another topic', enveloped(arn('x'), 'SubscriptionConfirmation')],
    ['a list', []],
    ['null', null],
  ])('is nobody’s when it came by %s', (_, body) => {
    expect(read(JSON.stringify(body))).toEqual(unknown)
  })

  it.each<[string, string, string]>([
    ['text', 'Successfully validated SNS topic', 'not-json'],
    [
      'the confirmation of its own topic',
      JSON.stringify(enveloped(arn('recado-email-event'), 'SubscriptionConfirmation')),
      'subscription-confirmation',
    ],
  ])('asks for nothing as %s', (_, body, reason) => {
    expect(read(body)).toEqual([{ kind: 'ignored', reason }])
  })
})

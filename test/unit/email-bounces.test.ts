import { describe, expect, it } from 'vitest'
import { readSesNotification } from '#shared/adapters/email/ses-events.ts'
import { ana, at, bounce, event, noticed } from '#test/fixtures/ses-notifications.ts'

const read = (body: unknown) => readSesNotification(JSON.stringify(body))

describe('a bounce', () => {
  it.each<[string, string, object]>([
    ['Undetermined', 'Undetermined', { status: 'FAILED', reason: 'soft-bounce' }],
    [
      'Permanent',
      'General',
      { status: 'HARD_FAILED', reason: 'hard-bounce', suppress: 'hard-bounce' },
    ],
    [
      'Permanent',
      'NoEmail',
      { status: 'HARD_FAILED', reason: 'hard-bounce', suppress: 'hard-bounce' },
    ],
    [
      'Permanent',
      'Suppressed',
      { status: 'HARD_FAILED', reason: 'recipient-suppressed', suppress: 'provider-list' },
    ],
    [
      'Permanent',
      'OnAccountSuppressionList',
      { status: 'HARD_FAILED', reason: 'recipient-suppressed', suppress: 'provider-list' },
    ],
    [
      'Permanent',
      'OnTenantSuppressionList',
      { status: 'HARD_FAILED', reason: 'recipient-suppressed', suppress: 'provider-list' },
    ],
    [
      'Permanent',
      'EmailValidationSuppressed',
      { status: 'HARD_FAILED', reason: 'recipient-suppressed', suppress: 'provider-list' },
    ],
    [
      'Permanent',
      'UnsubscribedRecipient',
      { status: 'HARD_FAILED', reason: 'opted-out', suppress: 'unsubscribed' },
    ],
    [
      'Permanent',
      'InventedTomorrow',
      { status: 'HARD_FAILED', reason: 'hard-bounce', suppress: 'hard-bounce' },
    ],
    ['Transient', 'General', { status: 'FAILED', reason: 'soft-bounce' }],
    ['Transient', 'MailboxFull', { status: 'FAILED', reason: 'mailbox-full' }],
    ['Transient', 'MessageTooLarge', { status: 'HARD_FAILED', reason: 'message-too-large' }],
    ['Transient', 'ContentRejected', { status: 'HARD_FAILED', reason: 'content-rejected' }],
    ['Transient', 'AttachmentRejected', { status: 'HARD_FAILED', reason: 'attachment-rejected' }],
    ['Transient', 'CustomTimeoutExceeded', { status: 'FAILED', reason: 'expired' }],
    ['Transient', 'InventedTomorrow', { status: 'FAILED', reason: 'soft-bounce' }],
    ['Undetermined', 'General', { status: 'FAILED', reason: 'soft-bounce' }],
    ['InventedTomorrow', 'General', { status: 'FAILED', reason: 'soft-bounce' }],
  ])('%s/%s is %j', (type, subType, reading) => {
    expect(read(bounce(type, subType))).toEqual([
      {
        kind: 'status',
        ...noticed,
        ...reading,
        code: `${type}/${subType}`,
      },
    ])
  })

  it('keeps the status code in clear and what the server said apart', () => {
    const said = {
      action: 'failed',
      status: '5.1.1',
      diagnosticCode: `smtp; 550 5.1.1 <${ana}>\r\nunknown`,
    }
    expect(read(bounce('Permanent', 'NoEmail', said))).toEqual([
      {
        kind: 'status',
        ...noticed,
        status: 'HARD_FAILED',
        reason: 'hard-bounce',
        suppress: 'hard-bounce',
        code: 'Permanent/NoEmail 5.1.1',
        detail: `smtp; 550 5.1.1 <${ana}> unknown`,
      },
    ])
  })

  it('tells each of several recipients, each once, in our spelling', () => {
    const several = event('Bounce', {
      bounce: {
        bounceType: 'Permanent',
        bounceSubType: 'NoEmail',
        timestamp: at,
        bouncedRecipients: [
          { emailAddress: 'Ana@Cliente.com.br', status: '5.1.1' },
          { emailAddress: 'Rui <rui@cliente.com.br>', status: 'x' },
          { emailAddress: ana },
        ],
      },
    })
    expect(read(several)).toMatchObject([
      { recipient: ana, code: 'Permanent/NoEmail 5.1.1' },
      { recipient: 'rui@cliente.com.br', code: 'Permanent/NoEmail' },
    ])
    expect(read(several)).toHaveLength(2)
  })

  it('of nobody is of the only recipient, and of several of nobody', () => {
    const nobody = { bounce: { bounceType: 'Permanent', bounceSubType: 'NoEmail', timestamp: at } }
    expect(read(event('Bounce', nobody))).toMatchObject([{ recipient: ana }])
    const [told] = read(event('Bounce', nobody, { destination: [ana, 'rui@cliente.com.br'] }))
    expect(told).toMatchObject({ kind: 'status', status: 'HARD_FAILED' })
    expect(told).not.toHaveProperty('recipient')
  })
})

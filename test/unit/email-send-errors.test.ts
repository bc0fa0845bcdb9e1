import { describe, expect, it } from 'vitest'
import { failureOf } from '#shared/adapters/email/send-errors.ts'

const from = 'atendimento@exemplo.com.br'
const refused = (name: string, message = '', httpStatusCode = 400) =>
  failureOf(Object.assign(new Error(message), { name, $metadata: { httpStatusCode } }), {
    from,
    timedOut: false,
  })
const broken = (fields: object, timedOut = false) =>
  failureOf(Object.assign(new Error('x'), fields), { from, timedOut })

const throttled = { outcome: 'throttled', scope: 'sender' }
const stopped = (reason: string) => ({ outcome: 'unavailable', scope: 'sender', reason })
const rejected = (reason: string) => ({ outcome: 'rejected', reason })
const unknown = (detail: string) => ({ outcome: 'unknown', detail })
const unsent = { outcome: 'unavailable', scope: 'provider', reason: 'provider-unavailable' }
const notVerified = (who: string) =>
  `Email address is not verified. The following identities failed the check in region SA-EAST-1: ${who}`

describe('a refusal of SES', () => {
  it.each<[string, string, object]>([
    ['Throttling', 'Maximum sending rate exceeded.', throttled],
    ['Throttling', 'Daily message quota exceeded.', stopped('email-daily-quota')],
    ['ThrottlingException', '', throttled],
    ['ThrottledException', '', throttled],
    ['TooManyRequestsException', '', throttled],
    ['RequestLimitExceeded', '', throttled],
    ['RequestThrottled', '', throttled],
    ['RequestThrottledException', '', throttled],
    ['BandwidthLimitExceeded', '', throttled],
    ['SlowDown', '', throttled],
    ['LimitExceededException', '', stopped('email-daily-quota')],
    ['LimitExceeded', '', stopped('email-daily-quota')],
    ['AccountSendingPausedException', '', stopped('email-sending-paused')],
    ['ConfigurationSetSendingPausedException', '', stopped('email-sending-paused')],
    ['SendingPausedException', '', stopped('email-sending-paused')],
    ['AccountSuspendedException', '', stopped('email-sending-paused')],
    ['MailFromDomainNotVerifiedException', '', stopped('sender-identity')],
    ['ConfigurationSetDoesNotExist', '', stopped('email-setup')],
    ['ConfigurationSetDoesNotExistException', '', stopped('email-setup')],
    ['NotFoundException', '', stopped('email-setup')],
    ['InvalidAction', '', stopped('email-setup')],
    ['AccessDenied', '', stopped('sender-permission')],
    ['AccessDeniedException', '', stopped('sender-permission')],
    ['IncompleteSignature', '', stopped('sender-permission')],
    ['InvalidClientTokenId', '', stopped('sender-permission')],
    ['SignatureDoesNotMatch', '', stopped('sender-permission')],
    ['RequestExpired', '', stopped('sender-permission')],
    ['ExpiredToken', '', stopped('sender-permission')],
    ['ExpiredTokenException', '', stopped('sender-permission')],
    ['UnrecognizedClientException', '', stopped('sender-permission')],
    ['MissingAuthenticationToken', '', stopped('sender-permission')],
    ['NotAuthorized', '', stopped('sender-permission')],
    ['OptInRequired', '', stopped('sender-permission')],
    ['MessageRejected', 'Address blacklisted.', rejected('content-rejected')],
    ['MessageRejected', notVerified(from), stopped('sender-identity')],
    ['MessageRejected', notVerified('Exemplo.com.br'), stopped('sender-identity')],
    ['MessageRejected', notVerified(`ana@x.com, ${from}`), stopped('sender-identity')],
    ['MessageRejected', notVerified('ana@x.com'), rejected('recipient-not-allowed')],
    ['MessageRejected', notVerified(`nao-${from}`), rejected('recipient-not-allowed')],
    ['InvalidParameterValue', 'Missing final @domain', rejected('invalid-request')],
    ['BadRequestException', '', rejected('invalid-request')],
    ['ValidationError', '', rejected('invalid-request')],
    ['MalformedInput', '', rejected('invalid-request')],
    ['InventedTomorrow', '', rejected('unknown-error')],
  ])('%s %s', (name, message, expected) => {
    expect(refused(name, message)).toEqual(expected)
  })

  it.each([500, 502, 503, 504])(
    'is none when it comes as %i with a code of no such meaning',
    (status) => {
      for (const name of ['InternalFailure', 'ServiceUnavailable', 'InventedTomorrow', 'Error']) {
        expect(refused(name, '', status)).toEqual(unknown('server-error'))
      }
      expect(refused('Throttling', '', status)).toEqual(throttled)
    },
  )
})

describe('a send without an answer', () => {
  it.each<[string, object, object]>([
    ['refused', { code: 'ECONNREFUSED' }, unsent],
    ['no such name', { code: 'ENOTFOUND' }, unsent],
    ['no name for now', { code: 'EAI_AGAIN' }, unsent],
    ['no route', { code: 'EHOSTUNREACH' }, unsent],
    ['no network', { code: 'ENETUNREACH' }, unsent],
    ['a certificate that ended', { code: 'CERT_HAS_EXPIRED' }, unsent],
    ['a certificate of nobody', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, unsent],
    ['a certificate of another', { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }, unsent],
    ['no credentials', { name: 'CredentialsProviderError' }, unsent],
    [
      'no connection in time',
      { name: 'TimeoutError', message: 'the request socket did not establish a connection with x' },
      unsent,
    ],
    ['reset', { code: 'ECONNRESET' }, unknown('connection-lost')],
    ['pipe', { code: 'EPIPE' }, unknown('connection-lost')],
    ['a timeout on the way', { code: 'ETIMEDOUT' }, unknown('connection-lost')],
    ['anything else', {}, unknown('connection-lost')],
  ])('%s', (_case, fields, expected) => {
    expect(broken(fields)).toEqual(expected)
  })

  it('is a timeout when our own deadline ended it', () => {
    expect(broken({ name: 'AbortError' }, true)).toEqual(unknown('timeout'))
    expect(broken({ code: 'ECONNRESET' }, true)).toEqual(unknown('timeout'))
    expect(failureOf(undefined, { from, timedOut: false })).toEqual(unknown('connection-lost'))
  })
})

import type { DeliveryResult } from '#shared/domain/delivery.ts'
import type { FailureReason } from '#shared/domain/failure-reason.ts'

/** Every end of a send but SES's consent. */
type SendFailure = Exclude<DeliveryResult, { readonly outcome: 'accepted' }>

type Row = readonly [codes: readonly string[], failure: SendFailure, says?: RegExp]

const throttled: SendFailure = { outcome: 'throttled', scope: 'sender' }
const notSent: SendFailure = {
  outcome: 'unavailable',
  scope: 'provider',
  reason: 'provider-unavailable',
}
const stopped = (reason: FailureReason): SendFailure => ({
  outcome: 'unavailable',
  scope: 'sender',
  reason,
})
const rejected = (reason: FailureReason): SendFailure => ({ outcome: 'rejected', reason })

/**
 * Error codes of SES v1 as the SDK names them, the first row that fits (facts: SES §5). A code that
 * stands here says that nothing was sent, whatever its HTTP status.
 */
const rows: readonly Row[] = [
  [
    ['Throttling', 'ThrottlingException', 'LimitExceededException', 'LimitExceeded'],
    stopped('email-daily-quota'),
    /daily/i,
  ],
  [['LimitExceededException', 'LimitExceeded'], stopped('email-daily-quota')],
  [
    [
      'Throttling',
      'ThrottlingException',
      'ThrottledException',
      'TooManyRequestsException',
      'RequestLimitExceeded',
      'RequestThrottled',
      'RequestThrottledException',
      'BandwidthLimitExceeded',
      'SlowDown',
    ],
    throttled,
  ],
  [
    [
      'AccountSendingPausedException',
      'ConfigurationSetSendingPausedException',
      'SendingPausedException',
      'AccountSuspendedException',
    ],
    stopped('email-sending-paused'),
  ],
  [['MailFromDomainNotVerifiedException'], stopped('sender-identity')],
  [
    [
      'ConfigurationSetDoesNotExist',
      'ConfigurationSetDoesNotExistException',
      'NotFoundException',
      'InvalidAction',
    ],
    stopped('email-setup'),
  ],
  [
    [
      'AccessDenied',
      'AccessDeniedException',
      'IncompleteSignature',
      'InvalidClientTokenId',
      'SignatureDoesNotMatch',
      'RequestExpired',
      'ExpiredToken',
      'ExpiredTokenException',
      'UnrecognizedClientException',
      'MissingAuthenticationToken',
      'NotAuthorized',
      'OptInRequired',
    ],
    stopped('sender-permission'),
  ],
  // Its message is read before: see notVerified.
  [['MessageRejected'], rejected('content-rejected')],
  [
    ['InvalidParameterValue', 'BadRequestException', 'ValidationError', 'MalformedInput'],
    rejected('invalid-request'),
  ],
]

/** Before the first byte of a request: names, routes, refused connections, handshakes. */
const unsentCodes =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EAI_FAIL|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EMFILE|CERT_.+|ERR_TLS_.+|ERR_SSL_.+|UNABLE_TO_.+|DEPTH_ZERO_.+|SELF_SIGNED_.+)$/
const unsentNames: readonly unknown[] = ['CredentialsProviderError', 'TokenProviderError']

/**
 * What a failed send means. Everything that is not certainly unsent, nor SES's own refusal, is
 * `unknown`: a 5xx, a reset, an answer cut short. `timedOut` is our own deadline.
 */
export function failureOf(
  error: unknown,
  { from, timedOut }: { readonly from: string; readonly timedOut: boolean },
): SendFailure {
  const { name, message, code, status } = partsOf(error)
  if (name !== '' && status !== undefined) {
    const notVerified = name === 'MessageRejected' ? unverified(message, from) : undefined
    const known = rows.find(
      ([codes, , says]) => codes.includes(name) && (says?.test(message) ?? true),
    )
    return notVerified ?? known?.[1] ?? unlisted(name, status)
  }
  if (unsentCodes.test(code) || unsentNames.includes(name) || neverConnected(name, message)) {
    return notSent
  }
  return { outcome: 'unknown', detail: timedOut ? 'timeout' : 'connection-lost' }
}

/** A refusal in a form that we do not know is permanent and worth an alarm, as any unknown code. */
function unlisted(name: string, status: number): SendFailure {
  if (status >= 500) return { outcome: 'unknown', detail: 'server-error' }
  if (status < 400 || notParsed.includes(name)) {
    return { outcome: 'unknown', detail: 'unreadable-answer' }
  }
  return rejected('unknown-error')
}

/** What the SDK calls an answer that is not one of SES. */
const notParsed: readonly string[] = [
  'Error',
  'SyntaxError',
  'TypeError',
  'Unknown',
  'UnknownError',
]

/**
 * `Email address is not verified. The following identities failed the check in region X: a, b`: the
 * sender's, or in the sandbox the recipient's.
 */
function unverified(message: string, from: string): SendFailure | undefined {
  if (!/not verified/i.test(message)) return undefined
  const named = message.slice(message.lastIndexOf(':') + 1).toLowerCase()
  const ours = [from, from.slice(from.lastIndexOf('@') + 1)]
  const isOurs = named.split(/[\s,<>]+/).some((identity) => ours.includes(identity))
  return isOurs ? stopped('sender-identity') : rejected('recipient-not-allowed')
}

function neverConnected(name: string, message: string): boolean {
  return name === 'TimeoutError' && message.includes('did not establish a connection')
}

function partsOf(error: unknown) {
  const fields = (typeof error === 'object' && error !== null ? error : {}) as {
    readonly name?: unknown
    readonly message?: unknown
    readonly code?: unknown
    readonly $metadata?: { readonly httpStatusCode?: unknown }
  }
  const status = fields.$metadata?.httpStatusCode
  return {
    name: String(fields.name ?? ''),
    message: String(fields.message ?? ''),
    code: String(fields.code ?? ''),
    status: typeof status === 'number' ? status : undefined,
  }
}

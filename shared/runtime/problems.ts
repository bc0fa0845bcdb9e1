import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { Refusal, type RefusalCode } from '../domain/errors.ts'

/** What an API client did wrong before any rule was asked. */
export type RequestProblemCode =
  | 'invalid-json'
  | 'invalid-body'
  | 'invalid-query'
  | 'invalid-idempotency-key'
  | 'idempotency-key-missing'
  | 'body-too-large'
  | 'principal-missing'

export interface FieldProblem {
  /** Dotted, e.g. `contacts.0.address`. */
  readonly path: string
  readonly message: string
}

export class RequestProblem extends Error {
  readonly code: RequestProblemCode
  readonly fields: readonly FieldProblem[]

  constructor(code: RequestProblemCode, fields: readonly FieldProblem[] = []) {
    super(code)
    this.name = 'RequestProblem'
    this.code = code
    this.fields = fields
  }
}

type ProblemCode = RefusalCode | RequestProblemCode | 'internal-error'

interface Row {
  readonly status: number
  readonly title: string
  /** The same request may succeed later. */
  readonly retryable?: true
}

const rows: Readonly<Record<ProblemCode, Row>> = {
  'invalid-json': { status: 400, title: 'The body is not JSON.' },
  'invalid-body': { status: 422, title: 'The body does not have the form of this operation.' },
  'invalid-query': { status: 422, title: 'The query does not have the form of this operation.' },
  'invalid-cursor': { status: 422, title: 'The cursor was not made by this list.' },
  'invalid-idempotency-key': {
    status: 422,
    title: 'Idempotency-Key must be 1 to 255 visible ASCII characters.',
  },
  'idempotency-key-missing': {
    status: 400,
    title: 'This operation makes something: it needs an Idempotency-Key.',
  },
  'body-too-large': { status: 413, title: 'The body is larger than 256 KB.' },
  'principal-missing': { status: 401, title: 'The token names no issuer and client.' },
  'client-unknown': { status: 403, title: 'This client is not registered with any tenant.' },
  'rate-limited': { status: 429, title: 'The client sends too fast.', retryable: true },
  'chat-not-found': { status: 404, title: 'There is no such chat.' },
  'chat-closed': { status: 409, title: 'The chat is not active.' },
  'contact-taken': { status: 409, title: 'A contact belongs to another person.' },
  'contact-missing': { status: 422, title: 'The person has no contact on this channel.' },
  'sender-missing': { status: 422, title: 'The tenant has no sender for this channel.' },
  'send-too-late': { status: 422, title: 'The message would expire before it may be sent.' },
  'service-window-closed': {
    status: 422,
    title: 'The person has not written in the last 24 hours: use an approved template.',
  },
  'opted-out': { status: 422, title: 'The person asked not to be written to.' },
  suppressed: { status: 422, title: 'The address is suppressed: nothing may go to it.' },
  'mail-paused': {
    status: 409,
    title: "The tenant's marketing mails are paused: too many of its mails bounced.",
  },
  'suppression-not-found': { status: 404, title: 'There is no such suppression.' },
  'expiry-passed': { status: 422, title: 'The suppression would be over before it begins.' },
  'reply-to-missing': { status: 422, title: 'A reaction names the message that it is put on.' },
  'media-not-found': { status: 404, title: 'There is no such file.' },
  'media-not-ready': {
    status: 409,
    title: 'The file has not been uploaded and completed yet.',
    retryable: true,
  },
  'template-missing': {
    status: 422,
    title: "The sender's account has no such template in this language.",
  },
  'template-parameters': {
    status: 422,
    title: 'The variables do not fit the template.',
  },
  'template-recategorised': {
    status: 409,
    title: 'WhatsApp changed the category of the template; accept it before sending.',
  },
  'template-paused': { status: 409, title: 'WhatsApp paused the template.' },
  'template-disabled': { status: 409, title: 'WhatsApp disabled the template.' },
  'template-not-approved': { status: 409, title: 'The template is not approved by WhatsApp.' },
  'unique-users-limit': {
    status: 429,
    title: 'The portfolio has reached its limit of unique users in 24 hours.',
    retryable: true,
  },
  'charged-limit': {
    status: 429,
    title: "The tenant's guard for charged messages of this day is reached.",
    retryable: true,
  },
  'message-not-found': { status: 404, title: 'There is no such message.' },
  'message-claimed': { status: 409, title: 'The message is already being sent or was sent.' },
  'template-not-found': { status: 404, title: 'There is no such provider template.' },
  'template-sync-limit': {
    status: 429,
    title: 'The templates were synced too often lately; Meta limits such calls.',
    retryable: true,
  },
  'media-mismatch': {
    status: 422,
    title: 'The uploaded bytes are not what was declared; create the file anew.',
  },
  'idempotency-key-mismatch': {
    status: 422,
    title: 'The Idempotency-Key was used for another request.',
  },
  'internal-error': { status: 500, title: 'Something broke on our side.', retryable: true },
}

const noRefusal = { retryAfterSeconds: undefined, detail: undefined }

/** Problem Details (RFC 9457) for anything thrown; what we did not foresee is a bare 500. */
export function problemOf(
  error: unknown,
  ids: { readonly requestId: string; readonly traceId: string },
): APIGatewayProxyStructuredResultV2 {
  const code: ProblemCode =
    error instanceof Refusal || error instanceof RequestProblem ? error.code : 'internal-error'
  const row = rows[code]
  const { retryAfterSeconds, detail } = error instanceof Refusal ? error : noRefusal
  const fields = error instanceof RequestProblem ? error.fields : (detail?.problems ?? [])
  return {
    statusCode: row.status,
    headers: {
      'content-type': 'application/problem+json',
      ...(row.status === 429 && { 'retry-after': String(Math.ceil(retryAfterSeconds ?? 1)) }),
    },
    body: JSON.stringify({
      type: `urn:recado:problem:${code}`,
      title: row.title,
      status: row.status,
      code,
      retryable: row.retryable === true,
      ...(fields.length > 0 && { errors: fields }),
      ...(detail !== undefined && { expected: detail.expected }),
      ...ids,
    }),
  }
}

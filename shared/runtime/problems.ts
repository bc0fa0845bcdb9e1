import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import type * as z from 'zod'
import type { partProblem } from '../contracts/part-problem.ts'
import type { ProblemRow } from '../contracts/problem.ts'
import { Refusal, type RefusalCode, type RefusalDetail } from '../domain/errors.ts'
import { problemTexts } from './problem-texts.ts'

/** What an API client did wrong before any rule was asked. */
export type RequestProblemCode =
  | 'invalid-json'
  | 'invalid-body'
  | 'invalid-query'
  | 'invalid-idempotency-key'
  | 'idempotency-key-missing'
  | 'if-match-missing'
  | 'invalid-purpose'
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

type PartProblem = z.input<typeof partProblem>
type ProblemCode = RefusalCode | RequestProblemCode | 'internal-error'

const rows: Readonly<Record<ProblemCode, Omit<ProblemRow, 'text'>>> = {
  'invalid-json': { status: 400, title: 'The body is not JSON.' },
  'invalid-body': { status: 422, title: 'The body does not have the form of this operation.' },
  'invalid-query': { status: 422, title: 'The query does not have the form of this operation.' },
  'invalid-cursor': { status: 422, title: 'The cursor was not made by this list.' },
  'cursor-expired': {
    status: 410,
    title: 'Events are kept for 30 days, and what follows this cursor is older.',
  },
  'event-not-found': { status: 404, title: 'There is no such event, or not any more.' },
  'business-event-not-found': { status: 404, title: 'There is no such business event.' },
  'movement-not-found': { status: 404, title: 'There is no such movement.' },
  'events-not-taken': {
    status: 503,
    title: 'The events could not be taken: send them again.',
    retryable: true,
  },
  'installment-not-found': { status: 404, title: 'There is no such installment.' },
  'subscription-not-found': { status: 404, title: 'There is no such subscription.' },
  'subscription-paused': { status: 409, title: 'The subscription is paused.' },
  'subscriptions-limit': { status: 409, title: 'The tenant has 20 subscriptions already.' },
  'address-refused': {
    status: 422,
    title: 'Webhooks go over https to addresses of the public internet only.',
  },
  'invalid-idempotency-key': {
    status: 422,
    title: 'Idempotency-Key must be 1 to 255 visible ASCII characters.',
  },
  'idempotency-key-missing': {
    status: 400,
    title: 'This operation makes something: it needs an Idempotency-Key.',
  },
  'invalid-purpose': {
    status: 422,
    title: 'Recado-Purpose must be 1 to 60 small letters, digits and hyphens.',
  },
  'if-match-missing': {
    status: 428,
    title: 'This operation changes what others may change: it needs an If-Match with an ETag.',
  },
  'body-too-large': { status: 413, title: 'The body is larger than this operation takes.' },
  'principal-missing': { status: 401, title: 'The token names no issuer and client.' },
  'client-unknown': { status: 403, title: 'This client is not registered with any tenant.' },
  'rate-limited': { status: 429, title: 'The client sends too fast.', retryable: true },
  'chat-not-found': { status: 404, title: 'There is no such chat.' },
  'chat-closed': { status: 409, title: 'The chat is not active.' },
  'version-mismatch': {
    status: 412,
    title: 'It has changed since: read it again and name the ETag that it has now.',
  },
  'chat-merged': { status: 409, title: 'The chat was merged into another one.' },
  'chat-archived': { status: 409, title: 'An archived chat stays archived.' },
  'person-has-active-chat': { status: 409, title: 'The person has another active chat.' },
  'person-not-found': { status: 404, title: 'There is no such person.' },
  'person-merged': { status: 409, title: 'The person was merged into another one.' },
  'legal-hold': { status: 409, title: 'A legal hold stands: nothing of the person is erased.' },
  'privacy-request-not-found': { status: 404, title: 'There is no such request of a person.' },
  'external-id-set': { status: 409, title: 'The person has another external id.' },
  'external-id-taken': { status: 409, title: 'Another person has this external id.' },
  'opt-out-not-found': {
    status: 404,
    title: 'There is no such channel or category to opt out of.',
  },
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
    title: 'There is no such template in this language.',
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
  'message-in-flight': {
    status: 409,
    title: 'The message may still be sent: cancel it, or wait for its end.',
  },
  'message-not-ended': {
    status: 409,
    title: 'Only what failed, expired, was cancelled or stays unknown can be sent again.',
  },
  'message-content-gone': {
    status: 409,
    title: 'The content of the message was deleted: there is nothing to send again.',
  },
  'template-not-found': { status: 404, title: 'There is no such template.' },
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

/** A refusal as it stands within an answer: of one of many things that were asked for. */
export function refusalProblem({ code, retryAfterSeconds, detail }: Refusal): PartProblem {
  const problem = { ...problemFields(code), ...fieldsOf(detail?.problems ?? [], detail) }
  return problem.status === 429
    ? { ...problem, retryAfterSeconds: Math.ceil(retryAfterSeconds ?? 1) }
    : problem
}

function problemFields(code: ProblemCode) {
  const { title, status, retryable = false } = rows[code]
  const text = problemTexts[code]
  return { type: `urn:recado:problem:${code}`, title, text, status, code, retryable }
}

function fieldsOf(fields: readonly FieldProblem[], detail: RefusalDetail | undefined) {
  return {
    ...(fields.length > 0 && { errors: fields }),
    ...(detail !== undefined && { expected: detail.expected }),
  }
}

/** Every problem by its code: docs/errors.md and the OpenAPI document are made of it. */
export function problemCatalogue(): Readonly<Record<string, ProblemRow>> {
  const codes = Object.keys(rows) as ProblemCode[]
  return Object.fromEntries(
    codes.map((code) => [code, { ...rows[code], text: problemTexts[code] }]),
  )
}

const noRefusal = { retryAfterSeconds: undefined, detail: undefined }

/** Problem Details (RFC 9457) for anything thrown; what we did not foresee is a bare 500. */
export function problemOf(
  error: unknown,
  ids: { readonly requestId: string; readonly traceId: string },
): APIGatewayProxyStructuredResultV2 {
  const code: ProblemCode =
    error instanceof Refusal || error instanceof RequestProblem ? error.code : 'internal-error'
  const problem = problemFields(code)
  const { retryAfterSeconds, detail } = error instanceof Refusal ? error : noRefusal
  const fields = error instanceof RequestProblem ? error.fields : (detail?.problems ?? [])
  return {
    statusCode: problem.status,
    headers: {
      'content-type': 'application/problem+json',
      ...(problem.status === 429 && { 'retry-after': String(Math.ceil(retryAfterSeconds ?? 1)) }),
    },
    body: JSON.stringify({ ...problem, ...fieldsOf(fields, detail), ...ids }),
  }
}

import type { HttpOutcome, HttpRequest } from '../http-server.ts'
import type { Faults } from './faults.ts'
import type { DeliveredMail, Mailbox } from './mailbox.ts'
import {
  errorXml,
  invalidAction,
  type QueryRequest,
  readQuery,
  resultXml,
  SesError,
} from './protocol.ts'
import { readSubmission, type SubmissionRules } from './submission.ts'

export interface SesApiParts {
  readonly mailbox: Mailbox
  readonly faults: Faults
  readonly rules: SubmissionRules
  readonly quota: SesQuota
  /** Called once for each accepted mail. */
  readonly accepted: (mail: DeliveredMail) => void
}

export interface SesQuota {
  /** Recipients; one more is refused. */
  readonly max24HourSend: number
  /** Recipients a second; told, not enforced. */
  readonly maxSendRate: number
}

/** Answers a call of the SES v1 Query protocol; requests are not authenticated. */
export function answerSes(parts: SesApiParts, request: HttpRequest): HttpOutcome {
  try {
    return perform(parts, readQuery(request.body))
  } catch (error) {
    if (error instanceof SesError) return errorXml(error)
    throw error
  }
}

function perform(parts: SesApiParts, request: QueryRequest): HttpOutcome {
  switch (request.action) {
    case 'SendEmail':
    case 'SendRawEmail':
      return send(parts, request)
    case 'GetSendQuota':
      return resultXml(request.action, {
        Max24HourSend: String(parts.quota.max24HourSend),
        MaxSendRate: String(parts.quota.maxSendRate),
        SentLast24Hours: String(parts.mailbox.sentLast24Hours()),
      })
    case 'GetAccountSendingEnabled':
      return resultXml(request.action, { Enabled: String(!parts.faults.has('paused')) })
    default:
      throw invalidAction(request.action)
  }
}

function send(parts: SesApiParts, request: QueryRequest): HttpOutcome {
  const { faults, mailbox } = parts
  if (faults.take('reset')) return 'drop'
  refuseByFault(faults)
  const submission = readSubmission(request, parts.rules)
  if (mailbox.sentLast24Hours() + submission.destinations.length > parts.quota.max24HourSend) {
    throw overDailyQuota()
  }
  const mail = mailbox.accept(submission)
  parts.accepted(mail)
  if (faults.take('reset-after-accepting')) return 'drop'
  if (faults.take('hang-after-accepting')) return 'hang'
  if (faults.take('error-after-accepting')) throw internalFailure()
  return resultXml(request.action, { MessageId: mail.id })
}

function refuseByFault(faults: Faults): void {
  if (faults.take('throttle')) throw new SesError('Throttling', 'Maximum sending rate exceeded.')
  if (faults.take('daily-quota')) throw overDailyQuota()
  if (faults.take('error')) throw internalFailure()
  if (faults.take('paused')) {
    throw new SesError(
      'AccountSendingPausedException',
      'Email sending is disabled for your entire Amazon SES account.',
    )
  }
}

function overDailyQuota(): SesError {
  return new SesError('Throttling', 'Daily message quota exceeded.')
}

function internalFailure(): SesError {
  return new SesError('InternalFailure', 'The request processing has failed.', 500)
}

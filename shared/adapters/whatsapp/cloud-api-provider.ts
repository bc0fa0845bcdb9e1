import type { DeliveryResult } from '#shared/domain/delivery.ts'
import type { DeliveryRequest, MessageProvider } from '#shared/ports/message-provider.ts'
import { readError } from './error-table.ts'
import { type GraphAnswer, readGraphAnswer } from './graph-answer.ts'
import { sendPayload } from './send-payload.ts'
import { makeSinglePost, type PostResult } from './single-post.ts'

export interface CloudApiOptions {
  /** `https://graph.facebook.com`, or what stands for it. */
  readonly graphUrl: string
  /** Graph version, e.g. `v26.0`; without one Meta falls back to the app's default. */
  readonly version: string
  /**
   * The access token kept under this name; `fresh` asks for it past any cache. When it fails the
   * sender counts as unavailable: log the cause where it is known.
   */
  readonly token: (secretName: string, options?: { readonly fresh?: boolean }) => Promise<string>
  /** Limit of one send, connecting and a repeat with a fresh token included. */
  readonly timeoutMs: number
}

type Refusal = Extract<GraphAnswer, { kind: 'refused' }>
type Answered = Extract<PostResult, { kind: 'answered' }>
type NotAccepted = Exclude<DeliveryResult, { outcome: 'accepted' }>

interface Attempt {
  readonly url: URL
  readonly body: string
  readonly signal: AbortSignal
}

const tokenCodes: readonly number[] = [0, 190]
const pairLimitCode = 131056
const invalidRequest = { outcome: 'rejected', reason: 'invalid-request' } as const
export const tokenUnusable = {
  outcome: 'unavailable',
  scope: 'sender',
  reason: 'sender-token',
} as const

/**
 * Sends text and templates through Meta's WhatsApp Cloud API. One call makes one request; the only
 * repeat is after Meta refused the token and a fresh read gave another one. Resolves for every
 * answer and for none; texts of the provider are neither logged nor returned.
 */
export function makeCloudApiProvider(options: CloudApiOptions): MessageProvider {
  const post = makeSinglePost()
  const base = options.graphUrl.replace(/\/+$/, '')

  async function attempt(to: Attempt, token: string): Promise<DeliveryResult> {
    return isHeaderSafe(token) ? outcomeOf(await post({ ...to, token })) : tokenUnusable
  }

  async function send(request: DeliveryRequest): Promise<DeliveryResult> {
    const payload = sendPayload(request)
    if (payload === undefined) return { outcome: 'rejected', reason: 'unsupported-content' }
    if (!isAddressed(request)) return invalidRequest
    const { phoneNumberId, secretName } = request.sender
    const to: Attempt = {
      url: new URL(`${base}/${options.version}/${encodeURIComponent(phoneNumberId)}/messages`),
      body: JSON.stringify(payload),
      signal: AbortSignal.timeout(options.timeoutMs),
    }
    const token = await readToken(options, secretName, false)
    const first = await attempt(to, token)
    if (!refusedToken(first) || to.signal.aborted) return first
    const renewed = await readToken(options, secretName, true)
    if (renewed === token || !isHeaderSafe(renewed)) return first
    return attempt(to, renewed)
  }

  return { send }
}

/** The token without stray white space; empty when it cannot be read. */
export async function readToken(
  { token }: CloudApiOptions,
  secretName: string,
  fresh: boolean,
): Promise<string> {
  try {
    return (await token(secretName, { fresh })).trim()
  } catch {
    return ''
  }
}

/** What an Authorization header may carry (RFC 6750 §2.1, somewhat wider). */
export function isHeaderSafe(token: string): boolean {
  return /^[\x21-\x7e]+$/.test(token)
}

/** Without `+` Meta would put the sender's own country in front and reach a stranger. */
function isAddressed({ recipient }: DeliveryRequest): boolean {
  return 'phone' in recipient ? /^\+\d{7,15}$/.test(recipient.phone) : recipient.userId !== ''
}

export function refusedToken(result: DeliveryResult): boolean {
  return result.outcome === 'unavailable' && tokenCodes.includes(result.code ?? -1)
}

function outcomeOf(result: PostResult): DeliveryResult {
  switch (result.kind) {
    case 'not-sent':
      return { outcome: 'unavailable', scope: 'provider', reason: 'provider-unavailable' }
    case 'lost':
      return { outcome: 'unknown', detail: result.detail }
    case 'answered':
      return answerOutcome(result)
  }
}

function answerOutcome(answered: Answered): DeliveryResult {
  const answer = readGraphAnswer(answered.status, answered.body)
  switch (answer.kind) {
    case 'accepted':
      return {
        outcome: 'accepted',
        providerMessageId: answer.messageId,
        held: answer.status !== undefined && answer.status !== 'accepted',
        ...(answer.waId !== undefined && { waId: answer.waId }),
      }
    case 'refused':
    case 'unreadable':
      return notAcceptedOutcome(answer, answered)
  }
}

/** What an answer that accepts nothing asks of us, whatever was called. */
export function notAcceptedOutcome(
  answer: Exclude<GraphAnswer, { kind: 'accepted' }>,
  answered: Answered,
): NotAccepted {
  if (answer.kind === 'refused') return refusalOutcome(answer, answered)
  // 429 says by itself that nothing was taken; an unexplained 5xx or 200 says nothing.
  if (answered.status === 429) return throttled('sender', answered)
  return {
    outcome: 'unknown',
    detail: answered.status >= 500 ? 'server-error' : 'unreadable-answer',
  }
}

function refusalOutcome({ code, isTransient }: Refusal, answered: Answered): NotAccepted {
  const { class: errorClass, reason, maxAttempts } = readError(code, answered.status, isTransient)
  switch (errorClass) {
    case 'retry':
      return {
        outcome: 'unavailable',
        scope: 'provider',
        reason,
        code,
        ...(maxAttempts !== undefined && { maxAttempts }),
      }
    case 'rate-limited':
      return throttled(code === pairLimitCode ? 'pair' : 'sender', answered, code)
    case 'stop-sender':
      return { outcome: 'unavailable', scope: 'sender', reason, code }
    case 'permanent':
    case 'configuration':
    case 'recipient-stopped':
      return { outcome: 'rejected', reason, code }
  }
}

function throttled(
  scope: 'pair' | 'sender',
  { retryAfterSeconds }: Answered,
  code?: number,
): NotAccepted {
  return {
    outcome: 'throttled',
    scope,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    ...(code !== undefined && { code }),
  }
}

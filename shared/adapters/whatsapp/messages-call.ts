import type { DeliveryResult } from '#shared/domain/delivery.ts'
import { readError } from './error-table.ts'
import { type GraphRefusal, parseJson, readRefusal } from './graph-answer.ts'
import type { Json } from './json.ts'
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

/** Every end of a call but Meta's consent. */
export type CallFailure = Exclude<DeliveryResult, { readonly outcome: 'accepted' }>

export interface MessagesCall<T> {
  readonly sender: { readonly phoneNumberId: string; readonly secretName: string }
  readonly payload: Json
  /** What a 2xx with this body means; undefined when it is not what Meta answers. */
  readonly accepted: (json: unknown) => T | undefined
}

type Answered = Extract<PostResult, { kind: 'answered' }>

interface Attempt {
  readonly url: URL
  readonly body: string
  readonly signal: AbortSignal
}

const tokenCodes: readonly number[] = [0, 190]
const pairLimitCode = 131056
export const tokenUnusable = {
  outcome: 'unavailable',
  scope: 'sender',
  reason: 'sender-token',
} as const

/**
 * Makes `POST /{phone number id}/messages`. One call makes one request; the only repeat is after
 * Meta refused the token and a fresh read gave another one. Resolves for every answer and for none;
 * texts of the provider are neither logged nor returned.
 */
export function makeMessagesCall(options: CloudApiOptions) {
  const post = makeSinglePost()
  const base = options.graphUrl.replace(/\/+$/, '')

  return async <T extends object>(call: MessagesCall<T>): Promise<T | CallFailure> => {
    const { phoneNumberId, secretName } = call.sender
    const to: Attempt = {
      url: new URL(`${base}/${options.version}/${encodeURIComponent(phoneNumberId)}/messages`),
      body: JSON.stringify(call.payload),
      signal: AbortSignal.timeout(options.timeoutMs),
    }
    const attempt = async (token: string) =>
      isHeaderSafe(token) ? endOf(await post({ ...to, token }), call.accepted) : tokenUnusable
    const token = await readToken(options, secretName)
    const first = await attempt(token)
    if (!refusedToken(first) || to.signal.aborted) return first
    const renewed = await renewedToken(options, secretName, token)
    return renewed === undefined ? first : attempt(renewed)
  }
}

/** The token without stray white space, as it is kept; empty when it cannot be read. */
export async function readToken(
  options: CloudApiOptions,
  secretName: string,
  fresh = false,
): Promise<string> {
  try {
    return (await options.token(secretName, { fresh })).trim()
  } catch {
    return ''
  }
}

/**
 * Another token than the one that was just refused; undefined when there is none. What a call beside
 * this one has read anew by now is good enough: a rotation costs one read, not one for each call.
 */
export async function renewedToken(
  options: CloudApiOptions,
  secretName: string,
  refused: string,
): Promise<string | undefined> {
  const kept = await readToken(options, secretName)
  const token = kept === refused ? await readToken(options, secretName, true) : kept
  return token === refused || !isHeaderSafe(token) ? undefined : token
}

/** What an Authorization header may carry (RFC 6750 §2.1, somewhat wider). */
export function isHeaderSafe(token: string): boolean {
  return /^[\x21-\x7e]+$/.test(token)
}

export function refusedToken(result: object): boolean {
  return 'code' in result && tokenCodes.includes(Number(result.code))
}

/** What a call came to, whatever was called; `accepted` reads the body of a 2xx. */
export function endOf<T>(
  result: PostResult,
  accepted: (json: unknown) => T | undefined,
): T | CallFailure {
  switch (result.kind) {
    case 'not-sent':
      return { outcome: 'unavailable', scope: 'provider', reason: 'provider-unavailable' }
    case 'lost':
      return { outcome: 'unknown', detail: result.detail }
    case 'answered':
      return readAnswer(result, accepted)
  }
}

/** Reads the body of an answer by its form alone; the HTTP status only gates acceptance. */
function readAnswer<T>(
  answered: Answered,
  accepted: (json: unknown) => T | undefined,
): T | CallFailure {
  const { status, body } = answered
  const json = parseJson(body)
  const taken = status >= 200 && status < 300 ? accepted(json) : undefined
  if (taken !== undefined) return taken
  const refused = readRefusal(json)
  if (refused !== undefined) return refusalOutcome(refused, answered)
  // 429 says by itself that nothing was taken; an unexplained 5xx or 200 says nothing.
  if (status === 429) return throttled('sender', answered)
  return { outcome: 'unknown', detail: status >= 500 ? 'server-error' : 'unreadable-answer' }
}

function refusalOutcome({ code, isTransient }: GraphRefusal, answered: Answered): CallFailure {
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
): CallFailure {
  return {
    outcome: 'throttled',
    scope,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    ...(code !== undefined && { code }),
  }
}

import { type IncomingMessage, type RequestOptions, request } from 'node:http'
import { request as secureRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import type { CallOutcome } from '../../domain/event-delivery.ts'
import type { Clock } from '../../ports/clock.ts'
import type { EventWebhooks, WebhookCall } from '../../ports/event-deliveries.ts'
import { AddressStopped, pinnedLookup, type Resolve } from '../network/pinned-address.ts'
import { newSigningSecret, signedHeaders } from './webhook-signature.ts'

export interface WebhookOptions {
  /** `public`: over https to the public internet only; `any` is for one machine. */
  readonly addresses: 'public' | 'any'
  readonly resolve: Resolve
  /** Of a whole call. */
  readonly timeoutMs: number
  readonly clock: Clock
}

/** What is read of an answer, for the sake of a tidy end; the status is all that counts. */
const mostAnswerBytes = 4096
const longestUrl = 2048

/**
 * Calls receivers, each over a connection of its own to an address that was looked at. Redirects are
 * answers like any other but 2xx, and nothing is ever unpacked.
 */
export function makeEventWebhooks(options: WebhookOptions): EventWebhooks {
  return {
    newSecret: newSigningSecret,
    mayCall: async (text) => {
      try {
        await targetOf(options, text)
        return true
      } catch (error) {
        // A receiver that is not up yet may get its name later.
        return error instanceof AddressStopped && error.stop === 'unknown'
      }
    },
    call: async (call) => {
      const signal = AbortSignal.timeout(options.timeoutMs)
      try {
        const target = await inTime(targetOf(options, call.url), signal)
        return await post(target, requestOf(options, call, signal))
      } catch (error) {
        return { outcome: outcomeOf(error, signal) }
      }
    },
  }
}

interface Target {
  readonly url: URL
  /** Undefined where any address will do. */
  readonly lookup: LookupFunction | undefined
}

/** Throws AddressStopped. */
async function targetOf({ addresses, resolve }: WebhookOptions, text: string): Promise<Target> {
  const url = text.length > longestUrl ? null : URL.parse(text)
  const isWeb = url?.protocol === 'https:' || (addresses === 'any' && url?.protocol === 'http:')
  if (url === null || !isWeb || url.username !== '' || url.password !== '') {
    throw new AddressStopped('private')
  }
  if (addresses === 'any') return { url, lookup: undefined }
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return { url, lookup: await pinnedLookup(host, resolve) }
}

/** A look-up of a name cannot be broken off, but it need not be waited for. */
function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    work.then(resolve, reject)
  })
}

interface Sent {
  readonly headers: Readonly<Record<string, string | number>>
  readonly body: string
  readonly signal: AbortSignal
}

function requestOf({ clock }: WebhookOptions, call: WebhookCall, signal: AbortSignal): Sent {
  const { secrets, webhookId, body } = call
  const timestamp = Math.floor(clock.now() / 1000)
  return {
    signal,
    body,
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'accept-encoding': 'identity',
      'user-agent': 'Recado-Webhooks/1',
      ...signedHeaders(secrets, { webhookId, timestamp, body }),
    },
  }
}

function post({ url, lookup }: Target, { headers, body, signal }: Sent): Promise<CallOutcome> {
  const options: RequestOptions = {
    method: 'POST',
    agent: false,
    headers,
    signal,
    ...(lookup && { lookup }),
  }
  return new Promise((resolve, reject) => {
    const call = url.protocol === 'https:' ? secureRequest(url, options) : request(url, options)
    let answered: CallOutcome | undefined
    // Who sends without end, breaks off or stops in the middle has answered all the same.
    const end = (error: Error) => (answered === undefined ? reject(error) : resolve(answered))
    call.once('response', (answer) => {
      answered = outcomeOfAnswer(answer)
      drain(answer, () => end(new Error('no answer')))
    })
    call.on('error', end)
    call.once('close', () => end(new Error('no answer')))
    call.end(body)
  })
}

function drain(answer: IncomingMessage, done: () => void): void {
  let bytes = 0
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > mostAnswerBytes) answer.destroy()
  })
  answer.on('error', done)
  answer.once('close', done)
}

function outcomeOfAnswer({ statusCode = 0, headers }: IncomingMessage): CallOutcome {
  if (statusCode >= 200 && statusCode < 300) return { outcome: 'delivered', statusCode }
  const asked = headers['retry-after'] ?? ''
  return {
    outcome: 'refused',
    statusCode,
    ...(/^\d{1,6}$/.test(asked) && { retryAfterSeconds: Number(asked) }),
  }
}

function outcomeOf(error: unknown, signal: AbortSignal): CallOutcome['outcome'] {
  if (signal.aborted) return 'timeout'
  if (!(error instanceof AddressStopped)) return 'connection-failed'
  return error.stop === 'private' ? 'address-refused' : 'name-unknown'
}

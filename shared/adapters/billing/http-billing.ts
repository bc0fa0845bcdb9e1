import { type IncomingMessage, type RequestOptions, request } from 'node:http'
import { request as secureRequest } from 'node:https'
import { buffer } from 'node:stream/consumers'
import type * as z from 'zod'
import {
  billingSecret,
  currentInstallment,
  currentMovement,
} from '#shared/contracts/billing-answers.ts'
import type { BillingAnswer, InstallmentService, MovementService } from '../../ports/billing.ts'
import type { BillingDirectory, BillingSettings } from '../../ports/directory.ts'
import type { SecretStore } from '../../ports/secret-store.ts'
import { pinnedLookup, type Resolve } from '../network/pinned-address.ts'

interface Parts {
  readonly directory: Pick<BillingDirectory, 'billingService'>
  readonly secrets: SecretStore
  /** Names of secrets begin with it. */
  readonly secretPrefix: string
  readonly resolve: Resolve
  /** `public`: over https to the public internet only; `any` is for one machine. */
  readonly addresses: 'public' | 'any'
}

const mostAnswerBytes = 64 * 1024
const loopback = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost|\[::1\])$/

/**
 * A tenant's finance system over HTTP: `GET <base URL>/installments/{id}` and `/movements/{id}` with a
 * bearer token. 200 answers what is true now, 404 and 410 that there is none; anything else, redirects
 * too, is no answer. Without a service of the tenant's own it says `unreachable`.
 */
export function makeHttpInstallments(parts: Parts): InstallmentService {
  return {
    current: (tenantId, id, within) =>
      ask(
        parts,
        { tenantId, path: `installments/${encodeURIComponent(id)}`, within },
        currentInstallment,
      ),
  }
}

/** See makeHttpInstallments. */
export function makeHttpMovements(parts: Parts): MovementService {
  return {
    current: (tenantId, id, within) =>
      ask(
        parts,
        { tenantId, path: `movements/${encodeURIComponent(id)}`, within },
        currentMovement,
      ),
  }
}

interface Question {
  readonly tenantId: string
  readonly path: string
  readonly within: number
}

async function ask<S extends z.ZodType>(
  parts: Parts,
  { tenantId, path, within }: Question,
  schema: S,
): Promise<BillingAnswer<z.output<S>>> {
  try {
    const settings = await parts.directory.billingService(tenantId)
    if (settings === undefined || within <= 0) return 'unreachable'
    const signal = AbortSignal.timeout(Math.min(settings.timeoutMs, within))
    const url = new URL(`${settings.baseUrl}/${path}`)
    const answer = await answerOf(parts, { url, settings, signal, fresh: false })
    const { statusCode, body } =
      answer.statusCode === 401
        ? await answerOf(parts, { url, settings, signal, fresh: true })
        : answer
    if (statusCode === 404 || statusCode === 410) return 'not-found'
    if (statusCode !== 200) return 'unreachable'
    const read = schema.safeParse(JSON.parse(body))
    return read.success ? read.data : 'unreachable'
  } catch {
    return 'unreachable'
  }
}

interface Call {
  readonly url: URL
  readonly settings: BillingSettings
  readonly signal: AbortSignal
  /** Reads the token again: it was refused. */
  readonly fresh: boolean
}

async function answerOf(parts: Parts, { url, settings, signal, fresh }: Call) {
  const isLocal = parts.addresses === 'any' && loopback.test(url.hostname)
  if (url.protocol !== 'https:' && !isLocal) throw new Error('not over https')
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const lookup = isLocal ? undefined : await pinnedLookup(host, parts.resolve)
  const secret = await parts.secrets.read(`${parts.secretPrefix}${settings.secretName}`, { fresh })
  const { accessToken } = billingSecret.parse(JSON.parse(secret))
  const answer = await get(url, {
    agent: false,
    signal,
    headers: {
      accept: 'application/json',
      'accept-encoding': 'identity',
      'user-agent': 'Recado-Billing/1',
      authorization: `Bearer ${accessToken}`,
    },
    ...(lookup && { lookup }),
  })
  return { statusCode: answer.statusCode, body: await bodyOf(answer) }
}

function get(url: URL, options: RequestOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const call = url.protocol === 'https:' ? secureRequest(url, options) : request(url, options)
    call.once('response', resolve)
    call.on('error', reject)
    call.end()
  })
}

async function bodyOf(answer: IncomingMessage): Promise<string> {
  let bytes = 0
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > mostAnswerBytes) answer.destroy(new Error('an answer too large'))
  })
  return new TextDecoder('utf-8', { fatal: true }).decode(await buffer(answer))
}

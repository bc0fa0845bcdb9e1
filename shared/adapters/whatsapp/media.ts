import * as z from 'zod'
import { mostMediaBytes } from '../../domain/media.ts'
import {
  FileStopped,
  type MediaSender,
  type ProviderFile,
  type ProviderMedia,
} from '../../ports/provider-media.ts'
import type { Randomness } from '../../ports/randomness.ts'
import { systemResolve } from '../network/pinned-address.ts'
import { checkedBody, isAsAnnounced } from './checked-body.ts'
import { readError } from './error-table.ts'
import { parseJson, readRefusal } from './graph-answer.ts'
import { guardedGet, type Walls } from './guarded-get.ts'
import { makeMediaUpload } from './media-upload.ts'
import { type CloudApiOptions, isHeaderSafe, readToken, renewedToken } from './messages-call.ts'

export interface GraphMediaOptions extends Omit<CloudApiOptions, 'timeoutMs'> {
  /** Limit of the question where a file lies. */
  readonly resolveTimeoutMs: number
  /** Limit of one file, from the question to its last byte. */
  readonly fetchTimeoutMs: number
  readonly randomness: Randomness
  readonly walls?: Partial<Walls>
}

/** Where Meta keeps what people send (facts: media). */
const mediaHosts = ['lookaside.fbsbx.com']
const mostAnswerBytes = 64 * 1024

/** Compared as bytes: Meta writes hex here and base64 in webhooks (facts: media). */
const sha256 = z
  .union([z.string().regex(/^[0-9a-fA-F]{64}$/), z.string().regex(/^[A-Za-z0-9+/]{43}=$/)])
  .transform((text) => Buffer.from(text, text.length === 64 ? 'hex' : 'base64'))

const resolved = z.looseObject({
  url: z.string().min(1).max(4096),
  sha256,
  file_size: z.coerce.number().int().min(1),
})

type Resolved = z.output<typeof resolved>

/** Files from and to Meta. */
export function makeGraphMedia(options: GraphMediaOptions): ProviderMedia {
  const walls: Walls = {
    trustedOrigins: [new URL(options.graphUrl).origin],
    hosts: mediaHosts,
    resolve: systemResolve,
    idleMs: 15_000,
    ...options.walls,
  }
  const upload = makeMediaUpload(
    { ...options, timeoutMs: options.fetchTimeoutMs },
    options.randomness,
  )
  return { upload, fetch: (file) => fetchFile(options, walls, file) }
}

interface FileWanted {
  readonly sender: MediaSender
  readonly providerMediaId: string
}

async function fetchFile(
  options: GraphMediaOptions,
  walls: Walls,
  wanted: FileWanted,
): Promise<ProviderFile> {
  const signal = AbortSignal.timeout(options.fetchTimeoutMs)
  const { token, found } = await locate(options, wanted)
  if (found.file_size > mostMediaBytes) throw new FileStopped('too-large')
  const answer = await guardedGet(walls, { url: found.url, token, signal })
  const announced = { sizeBytes: found.file_size, sha256: found.sha256 }
  const stop = stopOfDownload(answer.statusCode ?? 0)
  if (stop === undefined && isAsAnnounced(answer, announced)) {
    return { ...announced, body: checkedBody(answer, announced) }
  }
  answer.destroy()
  throw stop ?? new FileStopped('mismatch')
}

/** 404: the address is over, which asking anew mends (facts: media). */
function stopOfDownload(status: number): FileStopped | undefined {
  if (status === 200) return undefined
  if (status === 401) return new FileStopped('token-refused')
  return new FileStopped(status === 429 ? 'throttled' : 'unavailable')
}

/** Asks where the file lies; once more when the token was refused and another one is there. */
async function locate(
  options: GraphMediaOptions,
  wanted: FileWanted,
): Promise<{ readonly token: string; readonly found: Resolved }> {
  const { secretName } = wanted.sender
  const token = await readToken(withTimeout(options), secretName)
  try {
    return { token, found: await resolve(options, wanted, token) }
  } catch (error) {
    if (!(error instanceof FileStopped) || error.stop !== 'token-refused') throw error
    const renewed = await renewedToken(withTimeout(options), secretName, token)
    if (renewed === undefined) throw error
    return { token: renewed, found: await resolve(options, wanted, renewed) }
  }
}

function withTimeout(options: GraphMediaOptions): CloudApiOptions {
  return { ...options, timeoutMs: options.resolveTimeoutMs }
}

async function resolve(
  options: GraphMediaOptions,
  { providerMediaId, sender }: FileWanted,
  token: string,
): Promise<Resolved> {
  if (!isHeaderSafe(token)) throw new FileStopped('token-refused')
  const base = options.graphUrl.replace(/\/+$/, '')
  const url = new URL(`${base}/${options.version}/${encodeURIComponent(providerMediaId)}`)
  url.searchParams.set('phone_number_id', sender.phoneNumberId)
  const { status, text } = await ask(url, token, options.resolveTimeoutMs)
  const json = parseJson(text)
  const found = resolved.safeParse(json).data
  if (status === 200 && found !== undefined) return found
  throw new FileStopped(stopOfRefusal(json, status))
}

async function ask(url: URL, token: string, timeoutMs: number) {
  try {
    const answer = await fetch(url, {
      headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
      signal: AbortSignal.timeout(timeoutMs),
      redirect: 'error',
    })
    return { status: answer.status, text: await limitedText(answer) }
  } catch {
    throw new FileStopped('unavailable')
  }
}

async function limitedText({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body ?? []) {
    size += chunk.length
    if (size > mostAnswerBytes) throw new FileStopped('unavailable')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function stopOfRefusal(json: unknown, status: number): FileStopped['stop'] {
  const answer = readRefusal(json)
  if (answer === undefined) return stopOfStatus(status)
  switch (readError(answer.code, status, answer.isTransient).class) {
    case 'retry':
      return 'unavailable'
    case 'rate-limited':
      return 'throttled'
    case 'stop-sender':
      return 'token-refused'
    case 'permanent':
    case 'configuration':
    case 'recipient-stopped':
      return 'gone'
  }
}

function stopOfStatus(status: number): FileStopped['stop'] {
  if (status === 404) return 'gone'
  if (status === 401) return 'token-refused'
  return status === 429 ? 'throttled' : 'unavailable'
}

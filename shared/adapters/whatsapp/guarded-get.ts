import { type IncomingMessage, type RequestOptions, request } from 'node:http'
import { request as secureRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import { FileStopped } from '../../ports/provider-media.ts'
import { AddressStopped, pinnedLookup, type Resolve } from '../network/pinned-address.ts'

/** Where we go, and how a name becomes addresses. */
export interface Walls {
  /** Origins of our own configuration: any scheme, any address. */
  readonly trustedOrigins: readonly string[]
  /** Names, exactly; over https on its own port, at public addresses only. */
  readonly hosts: readonly string[]
  readonly resolve: Resolve
  /** Without a byte for this long the server is given up. */
  readonly idleMs: number
}

export interface GuardedGet {
  readonly url: string
  /** Sent to the first address and to no other. */
  readonly token: string
  readonly signal: AbortSignal
}

const mostRedirects = 3
const redirects: readonly (number | undefined)[] = [301, 302, 303, 307, 308]

/**
 * GET of an address that somebody else made. Each hop is checked anew, its name resolved once and
 * the connection pinned to what was checked. Answers any status but a redirect.
 * @throws FileStopped `address-refused` beyond the walls, `unavailable` for what failed on the way
 */
export async function guardedGet(walls: Walls, get: GuardedGet): Promise<IncomingMessage> {
  let url = parse(get.url)
  for (let hop = 0; hop <= mostRedirects; hop += 1) {
    const token = hop === 0 ? get.token : undefined
    const answer = await ask({ walls, url, token, signal: get.signal })
    const { location } = answer.headers
    if (!redirects.includes(answer.statusCode) || location === undefined) return answer
    answer.destroy()
    url = parse(location, url)
  }
  throw new FileStopped('address-refused')
}

function parse(text: string, base?: URL): URL {
  const url = URL.parse(text, base?.href)
  if (url === null) throw new FileStopped('address-refused')
  return url
}

interface Hop {
  readonly walls: Walls
  readonly url: URL
  readonly token: string | undefined
  readonly signal: AbortSignal
}

async function ask(hop: Hop): Promise<IncomingMessage> {
  const { walls, url, token, signal } = hop
  const pinned = await pin(walls, url)
  const options: RequestOptions = {
    // A connection of its own: a kept one would go where an earlier look at the name led.
    agent: false,
    signal,
    headers: {
      accept: '*/*',
      // Nothing is ever unpacked, so nothing can grow.
      'accept-encoding': 'identity',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(pinned && { lookup: pinned }),
  }
  return new Promise((resolve, reject) => {
    const fail = () => reject(new FileStopped('unavailable'))
    const call = url.protocol === 'https:' ? secureRequest(url, options) : request(url, options)
    call.setTimeout(walls.idleMs, () => call.destroy())
    call.once('response', resolve)
    call.on('error', fail)
    call.once('close', fail)
    call.end()
  })
}

/** The one address to connect to; undefined for a trusted origin, which may lie anywhere. */
async function pin(walls: Walls, url: URL): Promise<LookupFunction | undefined> {
  if (url.username !== '' || url.password !== '') throw new FileStopped('address-refused')
  if (walls.trustedOrigins.includes(url.origin)) return undefined
  const isKnown = url.protocol === 'https:' && url.port === '' && walls.hosts.includes(url.hostname)
  if (!isKnown) throw new FileStopped('address-refused')
  try {
    return await pinnedLookup(url.hostname, walls.resolve)
  } catch (error) {
    const isPrivate = error instanceof AddressStopped && error.stop === 'private'
    throw new FileStopped(isPrivate ? 'address-refused' : 'unavailable')
  }
}

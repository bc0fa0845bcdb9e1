import { lookup } from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import { isPublicAddress } from './public-address.ts'

/** How a name becomes addresses. An address is its own name. */
export type Resolve = (host: string) => Promise<readonly string[]>

/** `private`: one of the name's addresses is not of the public internet; `unknown`: it has none. */
export class AddressStopped extends Error {
  readonly stop: 'private' | 'unknown'

  constructor(stop: 'private' | 'unknown') {
    super(`the address is ${stop}`)
    this.name = 'AddressStopped'
    this.stop = stop
  }
}

export async function systemResolve(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address)
}

/**
 * Resolves the name once, for a connection that goes to what was looked at and nowhere else.
 * @throws AddressStopped
 */
export async function pinnedLookup(host: string, resolve: Resolve): Promise<LookupFunction> {
  const addresses = await resolved(host, resolve)
  const [address] = addresses
  if (address === undefined) throw new AddressStopped('unknown')
  // One bad address among good ones is an attack or a mistake; neither is followed.
  if (!addresses.every(isPublicAddress)) throw new AddressStopped('private')
  const family = isIP(address)
  return (_host, { all }, done) =>
    all ? done(null, [{ address, family }]) : done(null, address, family)
}

async function resolved(host: string, resolve: Resolve): Promise<readonly string[]> {
  try {
    return await resolve(host)
  } catch {
    throw new AddressStopped('unknown')
  }
}

import type { Clock } from '../../ports/clock.ts'
import type { TransitSealer } from '../../ports/sealer.ts'
import { openCell, sealCell } from './cell-cipher.ts'
import type { DataKeys } from './kms-keys.ts'

const keptMs = 5 * 60_000
const mostKeys = 200
const context = { 'recado:purpose': 'transit' }

/**
 * Envelopes that carry their own wrapped key: `key.cell`, both base64. The webhook's door needs
 * no database for them. One KMS call per warm function, direction and 5 minutes.
 */
export function makeTransitSealer(keys: DataKeys, clock: Clock): TransitSealer {
  type Generated = Awaited<ReturnType<DataKeys['generate']>>
  let own: { readonly madeAt: number; readonly key: Promise<Generated> } | undefined
  const opened = new Map<string, Promise<Uint8Array>>()

  function ownKey(): Promise<Generated> {
    if (own === undefined || clock.now() - own.madeAt >= keptMs) {
      own = { madeAt: clock.now(), key: keys.generate(context) }
      own.key.catch(() => {
        own = undefined
      })
    }
    return own.key
  }

  function unwrap(wrapped: string): Promise<Uint8Array> {
    const known = opened.get(wrapped)
    if (known !== undefined) return known
    const key = keys.decrypt(Buffer.from(wrapped, 'base64'), context)
    key.catch(() => opened.delete(wrapped))
    opened.set(wrapped, key)
    const [oldest] = opened.keys()
    if (opened.size > mostKeys && oldest !== undefined) opened.delete(oldest)
    return key
  }

  return {
    seal: async (place, plaintext) => {
      const key = await ownKey()
      const cell = sealCell({ key: key.plain, epoch: 0, additional: bound(place), plaintext })
      return `${base64(key.wrapped)}.${base64(cell)}`
    },
    open: async (place, envelope) => {
      const [wrapped, cell, ...rest] = envelope.split('.')
      if (!wrapped || !cell || rest.length > 0) throw new Error('not a transit envelope')
      const sealed = Buffer.from(cell, 'base64')
      return openCell({ key: await unwrap(wrapped), additional: bound(place), sealed })
    },
  }
}

function bound(place: string): string {
  return `v1|transit|${place}`
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

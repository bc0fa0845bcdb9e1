import { createSecretKey, type KeyObject } from 'node:crypto'
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
  type Generated = { readonly key: KeyObject; readonly wrapped: Uint8Array }
  let own: { readonly madeAt: number; readonly key: Promise<Generated> } | undefined
  const opened = new Map<string, Promise<KeyObject>>()

  async function generate(): Promise<Generated> {
    const { plain, wrapped } = await keys.generate(context)
    return { key: createSecretKey(plain), wrapped }
  }

  function ownKey(): Promise<Generated> {
    if (own === undefined || clock.now() - own.madeAt >= keptMs) {
      own = { madeAt: clock.now(), key: generate() }
      own.key.catch(() => {
        own = undefined
      })
    }
    return own.key
  }

  function unwrap(wrapped: string): Promise<KeyObject> {
    const known = opened.get(wrapped)
    if (known !== undefined) return known
    const key = keys.decrypt(Buffer.from(wrapped, 'base64'), context).then(createSecretKey)
    key.catch(() => opened.delete(wrapped))
    opened.set(wrapped, key)
    const [oldest] = opened.keys()
    if (opened.size > mostKeys && oldest !== undefined) opened.delete(oldest)
    return key
  }

  return {
    seal: async (place, plaintext) => {
      const { key, wrapped } = await ownKey()
      const cell = sealCell({ key, epoch: 0, additional: bound(place), plaintext })
      return `${base64(wrapped)}.${base64(cell)}`
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

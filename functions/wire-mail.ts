import type * as z from 'zod'
import { makeUnsubscribeStore } from '#shared/adapters/database/unsubscribe-store.ts'
import type { storesEnv } from './env.ts'
import { wireStores } from './wire.ts'

/** Wiring of mail, beside `wire.ts`. */
export function wireUnsubscribe(env: z.output<typeof storesEnv>) {
  return makeUnsubscribeStore(wireStores(env)).unsubscribe
}

import type * as z from 'zod'
import { makePersonStore } from '#shared/adapters/database/person-store.ts'
import { makeKeepPersons } from '#shared/use-cases/keep-persons.ts'
import type { storesEnv } from './env.ts'
import { findClientIn, wireStores } from './wire.ts'

/** Wiring of persons, beside `wire.ts`. */
export function wirePersons(env: z.output<typeof storesEnv>) {
  const parts = wireStores(env)
  return {
    findClient: findClientIn(parts.directory),
    persons: makeKeepPersons(makePersonStore(parts)),
  }
}

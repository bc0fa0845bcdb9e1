import { ItemRefused } from '../../ports/event-store.ts'
import { DatabaseError } from './data-api.ts'

/** Classes of SQLState that name the values at fault: data exception, integrity, row too big. */
const dataStates = /^(22|23|54)/

/** Tells values that can never be stored from a moment that passes. */
export function refuseItem(error: unknown): never {
  if (error instanceof DatabaseError && dataStates.test(error.sqlState)) {
    throw new ItemRefused(error.sqlState)
  }
  throw error
}

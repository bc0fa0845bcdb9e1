import { ItemRefused } from '../../ports/event-store.ts'
import { DatabaseError } from './data-api.ts'

/** Classes of SQLState that name the values at fault: data exception, integrity, row too big. */
const dataStates = /^(22|23|54)/

/** Throws ItemRefused for an error that the values are at fault for, else the error. */
export function refuseItem(error: unknown): never {
  if (error instanceof DatabaseError && dataStates.test(error.sqlState)) {
    throw new ItemRefused(error.sqlState)
  }
  throw error
}

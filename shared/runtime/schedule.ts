import type { Context } from 'aws-lambda'
import { describeError, log } from './log.ts'

/** A clock's entry point: runs the work, says what it did; a failure is the scheduler's to retry. */
export function schedule(work: () => Promise<object>) {
  return async (_event: unknown, context: Context): Promise<void> => {
    log.addContext(context)
    try {
      log.info('schedule done', { ...(await work()) })
    } catch (error) {
      log.error('schedule failed', describeError(error))
      throw error
    }
  }
}

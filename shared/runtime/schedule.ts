import type { Context } from 'aws-lambda'
import { describeError, log } from './log.ts'

type Work = () => Promise<object>
type Handler = (event: unknown, context: Context) => Promise<void>

/**
 * A clock's entry point: runs the work, says what it did; a failure is the scheduler's to retry. Lambda
 * writes the text of whatever is thrown into its log, so that only the name goes out.
 */
export function schedule(work: Work): Handler {
  const run = deployment(work)
  return async (event, context) => {
    try {
      await run(event, context)
    } catch (error) {
      throw new Error(`failed with ${describeError(error).errorName}`)
    }
  }
}

/** A deployment's entry point: it fails with the text of what was thrown as its reason. */
export function deployment(work: Work): Handler {
  return async (_event, context) => {
    log.addContext(context)
    try {
      log.info('schedule done', { ...(await work()) })
    } catch (error) {
      log.error('schedule failed', describeError(error))
      throw error
    }
  }
}

import { Logger } from '@aws-lambda-powertools/logger'

/**
 * The one logger. Only ids, counts, codes and durations go in: contents, names and addresses are
 * personal data, and the text of an error may quote them.
 */
export const log = new Logger()

/** What may be said of an error: its name, its code and where it was thrown, not its text. */
export function describeError(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { errorName: typeof error }
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  const sqlState = 'sqlState' in error ? { sqlState: error.sqlState } : {}
  return { errorName: error.name, ...sqlState, frames: frames.slice(0, 8).map(shortened) }
}

/** On one machine a frame may hold its whole module as a data: address. */
function shortened(frame: string): string {
  return frame.trim().slice(0, 200)
}

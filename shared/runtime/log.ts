import { Logger } from '@aws-lambda-powertools/logger'

/**
 * The one logger. Only ids, counts, codes and durations go in: contents, names and addresses are
 * personal data, and the text of an error may quote them.
 */
export const log = new Logger()

/** What may be said of an error: its name, its code and where it was thrown, not its text. */
export function describeError(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { errorName: typeof error }
  const frames = belowText(error).split('\n').filter(isFrame)
  const sqlState = 'sqlState' in error ? { sqlState: error.sqlState } : {}
  return { errorName: error.name, ...sqlState, frames: frames.slice(0, 8).map(shortened) }
}

/** A stack begins with the text, whose lines may look like frames. */
function belowText({ message, stack = '' }: Error): string {
  const at = stack.indexOf(message)
  return at < 0 ? stack : stack.slice(at + message.length)
}

/** A text that was changed since stands in the stack as it was. */
function isFrame(line: string): boolean {
  return /^ {4}at /.test(line) && /(?::\d{1,7}:\d{1,7}\)?|\(<anonymous>\))$/.test(line)
}

/** On one machine a frame may hold its whole module as a data: address. */
function shortened(frame: string): string {
  return frame.trim().slice(0, 200)
}

import type { EventSignal } from '../ports/event-signal.ts'

/** The work, and once it is done a hint that something may have happened to these tenants. */
export function signalAfter<Input, Output>(
  signal: EventSignal,
  work: (input: Input) => Promise<Output>,
  tenantsOf: (input: Input) => readonly string[],
) {
  return async (input: Input): Promise<Output> => {
    const done = await work(input)
    await signal.signal(tenantsOf(input))
    return done
  }
}

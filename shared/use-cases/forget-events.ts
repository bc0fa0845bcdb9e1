import type { EventPump } from '../ports/event-pump.ts'

/** Of one run; the next hour goes on. */
const mostCalls = 20

/** Removes what is older than it is kept, a part in each call. */
export function makeForgetEvents(pump: EventPump) {
  return async () => {
    const total = { events: 0, attempts: 0, deliveries: 0 }
    for (let calls = 0; calls < mostCalls; calls += 1) {
      const { hasMore, ...forgotten } = await pump.forget()
      total.events += forgotten.events
      total.attempts += forgotten.attempts
      total.deliveries += forgotten.deliveries
      if (!hasMore) break
    }
    return total
  }
}

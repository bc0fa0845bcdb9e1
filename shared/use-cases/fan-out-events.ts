import type { EventPump } from '../ports/event-pump.ts'
import type { EventSignal } from '../ports/event-signal.ts'
import type { TaskQueue } from '../ports/task-queue.ts'

export interface FanOutParts {
  readonly pump: EventPump
  readonly queue: TaskQueue
  readonly signal: EventSignal
}

export interface FanOutHint {
  readonly tenantId: string
  /** How often the tenant has been put off. */
  readonly tries: number
}

/** Doubled each time; what takes longer than all of them is left to the schedule. */
const mostTries = 6

/**
 * Makes deliveries of what happened to the tenants of these hints, and wakes them. What is not final
 * yet, because an older transaction is still running, is looked for again.
 */
export function makeFanOutEvents({ pump, queue, signal }: FanOutParts) {
  return async (hints: readonly FanOutHint[]) => {
    const triesOf = new Map(hints.map(({ tenantId, tries }) => [tenantId, tries]))
    const { wakes, again } = await pump.fanOut([...triesOf.keys()])
    const putOff = again.flatMap(({ tenantId, inSeconds }) => {
      // There is more at once: that is progress, not a try.
      if (inSeconds === 0) return [{ tenantId, inSeconds, tries: 0 }]
      const tries = (triesOf.get(tenantId) ?? 0) + 1
      return tries > mostTries ? [] : [{ tenantId, inSeconds: 2 ** (tries - 1), tries }]
    })
    await Promise.all([queue.wake(wakes), signal.again(putOff)])
    return { tenants: triesOf.size, deliveries: wakes.length, putOff: putOff.length }
  }
}

/** The net of each minute: the same for every tenant to whom somebody listens. */
export function makeSweepEvents({ pump, queue, signal }: FanOutParts) {
  return async () => {
    const { wakes, again } = await pump.fanOut(undefined)
    const putOff = again.map((hint) => ({ ...hint, tries: 1 }))
    await Promise.all([queue.wake(wakes), signal.again(putOff)])
    return { deliveries: wakes.length, putOff: putOff.length }
  }
}

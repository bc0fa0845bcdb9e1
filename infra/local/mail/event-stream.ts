import { setTimeout as pause } from 'node:timers/promises'
import type { PlannedEvent, SesEvent } from './events.ts'

export interface EventStreamOptions {
  /** Where events go; a rejection is tried again, five times in all. */
  readonly onEvent: (event: SesEvent) => void | Promise<void>
  /** Between one event of a mail and the next. */
  readonly delayMs: number
}

export interface EventStream {
  /** Publishes the events of one mail, one after another; does not wait for them. */
  emit(events: readonly PlannedEvent[]): void
  /** Drops what was not published yet. */
  close(): Promise<void>
}

const attempts = 5
const firstPauseMs = 200

export function makeEventStream(options: EventStreamOptions): EventStream {
  const stop = new AbortController()
  const running = new Set<Promise<void>>()

  async function publish(events: readonly PlannedEvent[]): Promise<void> {
    for (const planned of events) {
      await pause(options.delayMs, undefined, { signal: stop.signal })
      await attempt(planned(new Date()))
    }
  }
  async function attempt(event: SesEvent): Promise<void> {
    for (let number = 1; ; number += 1) {
      try {
        return await options.onEvent(event)
      } catch (error) {
        if (number === attempts) throw error
        await pause(firstPauseMs * 2 ** (number - 1), undefined, { signal: stop.signal })
      }
    }
  }
  return {
    emit(events) {
      const run = publish(events)
        .catch((error: unknown) => {
          if (!stop.signal.aborted) console.error('mail: an event could not be published', error)
        })
        .finally(() => running.delete(run))
      running.add(run)
    },
    async close() {
      stop.abort()
      await Promise.all(running)
    },
  }
}

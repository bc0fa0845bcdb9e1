import type { StatusEvent } from '../domain/channel-event.ts'
import type { EventStore, RoutedEvent } from '../ports/event-store.ts'
import type { HistoryProbe } from '../ports/history-probe.ts'
import type { SendReference } from '../ports/message-store.ts'
import type { TaskQueue } from '../ports/task-queue.ts'
import type { Probe, TaskStore } from '../ports/task-store.ts'
import type { WebhookBacklog } from '../ports/webhook-backlog.ts'

/** More chunks than this are a backlog, as after an outage of the database; fewer are traffic. */
const mostWaitingChunks = 50
const postponedSeconds = 60

export interface CheckParts {
  readonly tasks: TaskStore
  readonly queue: TaskQueue
  readonly events: EventStore
  readonly history: HistoryProbe
  readonly backlog: WebhookBacklog
}

/**
 * Ends the wait for reports: UNKNOWN follows the message's policy, SENT past its time is EXPIRED.
 * Where a sender has the provider's history switched on, it is asked once before that; when it
 * answers that it has none, it is switched off. While a backlog of reports waits to be applied,
 * the very one that is waited for may be in it: the checks are postponed.
 */
export function makeCheckStatuses({ tasks, queue, events, history, backlog }: CheckParts) {
  async function look(probe: Probe): Promise<readonly RoutedEvent[]> {
    const answer = await history.look(probe)
    if (answer.outcome === 'unsupported') await tasks.disableProbe(probe)
    if (answer.outcome !== 'events') return []
    const { tenantId, senderId } = probe
    return answer.events.map((event: StatusEvent) => ({ tenantId, senderId, event }))
  }

  return async (checks: readonly SendReference[]) => {
    if ((await backlog.size()) > mostWaitingChunks) {
      const later = { type: 'MESSAGE_STATUS_CHECK', inSeconds: postponedSeconds } as const
      await queue.wake(checks.map((check) => ({ ...check, ...later })))
      return { postponed: checks.length }
    }
    const { wakes, probes } = await tasks.checkStatuses(checks)
    await queue.wake(wakes)
    const found = (await Promise.all(probes.map(look))).flat()
    if (found.length > 0) await events.apply({ events: found, parked: [] })
    return { woken: wakes.length, probed: probes.length, found: found.length }
  }
}

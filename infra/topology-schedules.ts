import type { FunctionName } from './topology.ts'

/** The clocks; part of the one list in topology.ts. */

export interface ScheduleSpec {
  readonly function: FunctionName
  /** EventBridge Scheduler expression. */
  readonly expression: string
  /** The alarm rings when it did not run for so long. */
  readonly silentAfterMinutes: number
}

type ScheduleName = 'relay-each-minute' | 'template-syncs-each-hour'

export const schedules: Readonly<Record<ScheduleName, ScheduleSpec>> = {
  'relay-each-minute': {
    function: 'relay',
    expression: 'rate(1 minute)',
    silentAfterMinutes: 5,
  },
  'template-syncs-each-hour': {
    function: 'plan-template-syncs',
    expression: 'rate(1 hour)',
    silentAfterMinutes: 180,
  },
}

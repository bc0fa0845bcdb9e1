import type { ScheduleSpec } from './topology-shapes.ts'

type ScheduleName = 'relay-each-minute' | 'template-syncs-each-hour'

/** The clocks; part of the one list in topology.ts. */
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

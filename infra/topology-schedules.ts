import type { ScheduleSpec } from './topology-shapes.ts'

type ScheduleName =
  | 'relay-each-minute'
  | 'template-syncs-each-hour'
  | 'event-sweep-each-minute'
  | 'old-events-each-hour'
  | 'audit-chain-each-minute'
  | 'audit-heads-each-day'
  | 'cleanups-each-hour'
  | 'dunning-each-quarter'

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
  'event-sweep-each-minute': {
    function: 'sweep-events',
    expression: 'rate(1 minute)',
    silentAfterMinutes: 5,
  },
  'old-events-each-hour': {
    function: 'forget-events',
    expression: 'rate(1 hour)',
    silentAfterMinutes: 180,
  },
  'audit-chain-each-minute': {
    function: 'chain-audit',
    expression: 'rate(1 minute)',
    silentAfterMinutes: 5,
  },
  'audit-heads-each-day': {
    function: 'export-audit-heads',
    expression: 'rate(1 day)',
    silentAfterMinutes: 1500,
  },
  'cleanups-each-hour': {
    function: 'plan-cleanups',
    expression: 'rate(1 hour)',
    silentAfterMinutes: 180,
  },
  'dunning-each-quarter': {
    function: 'plan-dunning',
    expression: 'rate(15 minutes)',
    silentAfterMinutes: 60,
  },
}

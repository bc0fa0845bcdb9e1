import { eventDeliveryEnv, eventFanOutEnv, forgetEventsEnv } from '#functions/env.ts'
import type { FunctionSpec, QueueSpec } from './topology-shapes.ts'

/** What tells programs what happened; part of the one list in topology.ts. */

export type EventFunctionName =
  | 'event-fan-out'
  | 'event-delivery'
  | 'sweep-events'
  | 'forget-events'

const fanOut = {
  env: eventFanOutEnv,
  timeoutSeconds: 50,
  memoryMb: 512,
  access: ['database'],
  sendsTo: ['EVENT_DELIVERY', 'EVENT_FANOUT'],
} as const

export const eventFunctions: Readonly<Record<EventFunctionName, FunctionSpec>> = {
  'event-fan-out': {
    ...fanOut,
    entry: 'functions/processors/event-fan-out.ts',
    errorImpact: 'programs hear of what happened a minute later',
  },
  'sweep-events': {
    ...fanOut,
    entry: 'functions/schedules/sweep-events.ts',
    errorImpact: 'what happened, and of which no hint arrived, is told to no program',
  },
  'event-delivery': {
    entry: 'functions/processors/event-delivery.ts',
    env: eventDeliveryEnv,
    timeoutSeconds: 60,
    memoryMb: 512,
    access: ['database', 'data-key', 'event-bus'],
    sendsTo: ['EVENT_DELIVERY'],
    errorImpact: 'programs are not called when something happens; the feed still shows it',
  },
  'forget-events': {
    entry: 'functions/schedules/forget-events.ts',
    env: forgetEventsEnv,
    timeoutSeconds: 300,
    memoryMb: 512,
    access: ['database'],
    sendsTo: [],
    errorImpact: 'old events are not removed; the database grows',
  },
}

export const eventQueues = {
  EVENT_FANOUT: {
    consumer: 'event-fan-out',
    batchSize: 10,
    maxBatchingWindowSeconds: 0,
    maxConcurrency: 5,
    maxReceiveCount: 5,
    errorImpact: 'a hint that no code can read; the sweep sees what it was about',
  },
  EVENT_DELIVERY: {
    consumer: 'event-delivery',
    // All of a batch side by side, within the lease.
    batchSize: 10,
    maxBatchingWindowSeconds: 0,
    maxConcurrency: 20,
    maxReceiveCount: 5,
    errorImpact: 'a wake-up that no code can read; its task is re-issued by the relay',
  },
} as const satisfies Readonly<Record<string, QueueSpec>>

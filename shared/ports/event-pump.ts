import type { Wake } from './task-queue.ts'

export interface FannedOut {
  /** Deliveries that were made. */
  readonly wakes: readonly Wake[]
  /** Tenants of whom more is to be fanned out, now or as soon as it is final. */
  readonly again: readonly { readonly tenantId: string; readonly inSeconds: number }[]
}

/** Makes deliveries of new events, and removes old ones. Each method is one database call. */
export interface EventPump {
  /** Of these tenants, or of all. An event is handed to each listener once, whoever calls how often. */
  fanOut(tenantIds: readonly string[] | undefined): Promise<FannedOut>
  /** A bounded part of what is older than it is kept. */
  forget(): Promise<Forgotten>
}

interface Forgotten {
  readonly events: number
  readonly attempts: number
  readonly deliveries: number
  readonly hasMore: boolean
}

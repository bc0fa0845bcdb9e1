import type { StatusEvent } from '../domain/channel-event.ts'
import type { Probe } from './task-store.ts'

/** What a provider's message history says; `unsupported`: it has none for this sender. */
export type ProbeAnswer =
  | { readonly outcome: 'events'; readonly events: readonly StatusEvent[] }
  | { readonly outcome: 'unsupported' }
  | { readonly outcome: 'unavailable' }

/** Looks one message up at its provider; never throws for an answer. */
export interface HistoryProbe {
  look(probe: Probe): Promise<ProbeAnswer>
}

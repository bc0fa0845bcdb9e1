import * as z from 'zod'
import type { Operation } from './call-log.ts'
import { DataApiError } from './errors.ts'

const scope = {
  /** How many matching calls it hits; default 1, or no end when a probability is given. */
  calls: z.int().positive().optional(),
  /** Chance of each matching call to be hit, 0 to 1; default 1. */
  probability: z.number().min(0).max(1).optional(),
  /** Only calls of this operation; default any. */
  operation: z
    .enum([
      'ExecuteStatement',
      'BatchExecuteStatement',
      'BeginTransaction',
      'CommitTransaction',
      'RollbackTransaction',
    ])
    .optional(),
  /** Only calls whose SQL has this text in it; default any. */
  sqlIncludes: z.string().min(1).optional(),
}

export const faultSchema = z.discriminatedUnion('kind', [
  /** DatabaseResumingException, as from a cluster that wakes up. */
  z.strictObject({ kind: z.literal('resuming'), ...scope }),
  /** Executes, then resets the connection: done, and the caller does not know. */
  z.strictObject({ kind: z.literal('answer-lost'), ...scope }),
  /** Resets the connection before anything is executed. */
  z.strictObject({ kind: z.literal('request-lost'), ...scope }),
  /** Answers with an error before anything is executed. */
  z.strictObject({
    kind: z.literal('error'),
    error: z.enum([
      'DatabaseUnavailableException',
      'InternalServerErrorException',
      'ServiceUnavailableError',
      'StatementTimeoutException',
      'ThrottlingException',
    ]),
    ...scope,
  }),
  /** Waits before it executes. */
  z.strictObject({ kind: z.literal('delay'), delayMs: z.number().min(0).max(120_000), ...scope }),
])

export type Fault = z.output<typeof faultSchema>

/** What befalls one call; several faults may hit it at once. */
export interface Effects {
  readonly delayMs: number
  readonly refusal: DataApiError | 'reset' | undefined
  readonly losesAnswer: boolean
}

export interface Faults {
  add(fault: Fault): void
  clear(): void
  /** Those still waiting for calls. */
  active(): readonly Fault[]
  /** Decides what befalls a call, and uses up the faults that hit it. */
  take(call: { readonly operation: Operation; readonly sql: string }): Effects
}

interface ActiveFault {
  readonly fault: Fault
  remaining: number
}

/** @param random numbers from 0 to below 1, for faults with a probability. */
export function makeFaults(random: () => number): Faults {
  let waiting: ActiveFault[] = []
  return {
    add(fault) {
      const endless = fault.probability === undefined ? 1 : Number.POSITIVE_INFINITY
      waiting.push({ fault, remaining: fault.calls ?? endless })
    },
    clear() {
      waiting = []
    },
    active: () => waiting.map(({ fault }) => fault),
    take(call) {
      const hits = waiting.filter(({ fault }) => isHit(fault, call, random))
      for (const hit of hits) hit.remaining -= 1
      waiting = waiting.filter(({ remaining }) => remaining > 0)
      return effectsOf(hits.map(({ fault }) => fault))
    },
  }
}

function isHit(
  fault: Fault,
  call: { readonly operation: Operation; readonly sql: string },
  random: () => number,
): boolean {
  if (fault.operation !== undefined && fault.operation !== call.operation) return false
  if (fault.sqlIncludes !== undefined && !call.sql.includes(fault.sqlIncludes)) return false
  return fault.probability === undefined || random() < fault.probability
}

function effectsOf(faults: readonly Fault[]): Effects {
  const delays = faults.map((fault) => (fault.kind === 'delay' ? fault.delayMs : 0))
  const refusals = faults.map(refusalOf)
  return {
    delayMs: Math.max(0, ...delays),
    refusal: refusals.find((refusal) => refusal !== undefined),
    losesAnswer: faults.some(({ kind }) => kind === 'answer-lost'),
  }
}

function refusalOf(fault: Fault): DataApiError | 'reset' | undefined {
  if (fault.kind === 'request-lost') return 'reset'
  if (fault.kind === 'error') return new DataApiError(fault.error, 'Injected fault')
  if (fault.kind !== 'resuming') return undefined
  return new DataApiError(
    'DatabaseResumingException',
    'The Aurora DB instance is resuming after being auto-paused. Please wait a few seconds and try again.',
  )
}

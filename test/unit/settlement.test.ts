import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DeliveryResult } from '#shared/domain/delivery.ts'
import { durations } from '#shared/domain/durations.ts'
import { backoffSeconds, decide, holdsLane } from '#shared/domain/settlement.ts'

const waits = durations()
const at = (attempts: number, fraction = 0.5) => ({ attempts, waits, fraction })

describe('backoffSeconds', () => {
  it('lies between nothing and the doubled wait, and never over the cap', () => {
    void fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempts, fraction) => {
          const seconds = backoffSeconds(attempts, waits, fraction)
          const doubled = waits.backoffBaseSeconds * 2 ** Math.min(attempts, 20)
          expect(seconds).toBeGreaterThanOrEqual(0)
          expect(seconds).toBeLessThanOrEqual(Math.min(doubled, waits.backoffCapSeconds))
        },
      ),
    )
  })

  it('grows with each attempt until the cap', () => {
    const ceilings = [1, 2, 3, 7, 8, 99].map((attempts) => backoffSeconds(attempts, waits, 1))
    expect(ceilings).toEqual([4, 8, 16, 256, 300, 300])
  })
})

describe('decide', () => {
  it('books what the provider took', () => {
    const taken = { outcome: 'accepted', providerMessageId: 'wamid.1', held: true } as const
    expect(decide(taken, at(1))).toMatchObject({
      outcome: 'ACCEPTED',
      providerMessageId: 'wamid.1',
      held: true,
    })
  })

  it('never tries again what was refused for good', () => {
    const refused = { outcome: 'rejected', reason: 'opted-out', code: 131050 } as const
    const settlement = decide(refused, at(1))
    expect(settlement).toMatchObject({ outcome: 'REJECTED', reason: 'opted-out', code: 131050 })
    expect(settlement.retryInSeconds).toBeUndefined()
  })

  it('never tries again what may have arrived', () => {
    const details = ['timeout', 'connection-lost', 'unreadable-answer', 'server-error'] as const
    for (const detail of details) {
      const settlement = decide({ outcome: 'unknown', detail }, at(1))
      expect(settlement).toMatchObject({ outcome: 'UNKNOWN', reason: detail })
      expect(settlement.retryInSeconds).toBeUndefined()
    }
  })

  it('waits at least as long as it was told to', () => {
    const throttled = { outcome: 'throttled', scope: 'sender', retryAfterSeconds: 77 } as const
    expect(decide(throttled, at(1))).toMatchObject({ outcome: 'REJECTED', retryInSeconds: 77 })
    expect(decide({ ...throttled, retryAfterSeconds: 1 }, at(9, 1)).retryInSeconds).toBe(300)
  })

  it('waits 4^n seconds for a pair', () => {
    const pair = { outcome: 'throttled', scope: 'pair', code: 131056 } as const
    const seconds = [1, 2, 3, 4, 5].map((n) => decide(pair, at(n, 0)).retryInSeconds)
    expect(seconds).toEqual([4, 16, 64, 256, 300])
  })

  it('backs off in an outage, and gives up when it is told to', () => {
    const outage = {
      outcome: 'unavailable',
      scope: 'provider',
      reason: 'provider-error',
      maxAttempts: 3,
    } as const
    expect(decide(outage, at(2)).retryInSeconds).toBe(4)
    const last = decide(outage, at(3))
    expect(last).toMatchObject({ outcome: 'REJECTED', reason: 'provider-error' })
    expect(last.retryInSeconds).toBeUndefined()
    const { maxAttempts: _, ...endless } = outage
    expect(decide(endless, at(1000)).retryInSeconds).toBeDefined()
  })

  it('waits long for a sender that somebody must mend', () => {
    const broken = { outcome: 'unavailable', scope: 'sender', reason: 'sender-token' } as const
    expect(decide(broken, at(1))).toMatchObject({
      outcome: 'REJECTED',
      reason: 'sender-token',
      retryInSeconds: waits.senderRetrySeconds,
    })
  })

  it('answers every result with an outcome that can be stored', () => {
    const results: readonly DeliveryResult[] = [
      { outcome: 'accepted', providerMessageId: 'x', held: false },
      { outcome: 'rejected', reason: 'unknown-error' },
      { outcome: 'throttled', scope: 'pair' },
      { outcome: 'unavailable', scope: 'provider', reason: 'provider-error' },
      { outcome: 'unknown', detail: 'timeout' },
    ]
    const outcomes = results.map((result) => decide(result, at(1)).outcome)
    expect(outcomes).toEqual(['ACCEPTED', 'REJECTED', 'REJECTED', 'REJECTED', 'UNKNOWN'])
  })
})

describe('durations', () => {
  it('are all scaled by one setting', () => {
    const scaled = durations(1 / 20)
    for (const [name, seconds] of Object.entries(durations())) {
      expect(scaled[name as keyof typeof scaled], name).toBeCloseTo(seconds / 20)
    }
  })

  it('let a provider call end within its lease', () => {
    expect(waits.providerTimeoutSeconds).toBeLessThan(waits.leaseSeconds)
    expect(waits.leaseSeconds).toBeLessThan(waits.reportWaitSeconds)
  })
})

describe('holdsLane', () => {
  it.each([
    [{ outcome: 'REJECTED', reason: 'throttled', retryInSeconds: 0 }, true],
    [{ outcome: 'REJECTED', reason: 'service-window-closed' }, true],
    [{ outcome: 'REJECTED', reason: 'recipient-unreachable' }, true],
    [{ outcome: 'REJECTED', reason: 'template-policy' }, false],
    [{ outcome: 'ACCEPTED' }, false],
    [{ outcome: 'UNKNOWN', reason: 'timeout' }, false],
  ] as const)('%j: %s', (settlement, holds) => {
    expect(holdsLane(settlement)).toBe(holds)
  })
})

import { describe, expect, it } from 'vitest'
import { durations } from '#shared/domain/durations.ts'
import { decideReceipt } from '#shared/domain/read-receipt.ts'

const waits = durations()
const decide = (result: Parameters<typeof decideReceipt>[0], attempts = 1) =>
  decideReceipt(result, { attempts, waits, fraction: 0.5 })

describe('a receipt', () => {
  it('that was taken is done', () => {
    expect(decide({ outcome: 'accepted' })).toEqual({ outcome: 'DONE' })
  })

  it('that is refused for good is given up at once', () => {
    expect(decide({ outcome: 'rejected', reason: 'invalid-request', code: 131009 })).toEqual({
      outcome: 'DEAD',
      reason: 'invalid-request',
    })
  })

  it.each([
    [
      { outcome: 'unavailable', scope: 'provider', reason: 'provider-unavailable' },
      'provider-unavailable',
    ],
    [{ outcome: 'unavailable', scope: 'sender', reason: 'sender-token' }, 'sender-token'],
    [{ outcome: 'throttled', scope: 'sender' }, 'throttled'],
    [{ outcome: 'unknown', detail: 'timeout' }, 'timeout'],
  ] as const)('%j is told three times, later each time', (result, reason) => {
    expect(decide(result, 1)).toEqual({ outcome: 'RETRY', reason, retryInSeconds: 2 })
    expect(decide(result, 2)).toEqual({ outcome: 'RETRY', reason, retryInSeconds: 4 })
    expect(decide(result, 3)).toEqual({ outcome: 'DEAD', reason })
  })

  it('waits as long as it was asked to', () => {
    const result = { outcome: 'throttled', scope: 'sender', retryAfterSeconds: 90 } as const
    expect(decide(result)).toMatchObject({ retryInSeconds: 90 })
  })
})

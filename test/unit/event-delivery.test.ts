import { describe, expect, it } from 'vitest'
import { durations } from '#shared/domain/durations.ts'
import { type CallOutcome, decideDelivery, heldSeconds } from '#shared/domain/event-delivery.ts'
import { envelopeOf } from '#shared/domain/tenant-event.ts'

const waits = durations()
const day = 86_400
const failed: CallOutcome = { outcome: 'refused', statusCode: 500 }
const decide = (
  call: CallOutcome,
  { attempts = 1, triedSeconds = 0, failingSeconds = 0, fraction = 0.5 } = {},
) => decideDelivery(call, { attempts, triedSeconds, failingSeconds }, { waits, fraction })

describe('what follows a call', () => {
  it.each([
    [1, 5],
    [2, 30],
    [3, 120],
    [4, 600],
    [5, 3600],
    [6, 3 * 3600],
    [7, 6 * 3600],
    [8, 12 * 3600],
    [9, day],
    [10, day],
    [99, day],
  ])('after failure number %i it is tried again in %i s', (attempts, retryInSeconds) => {
    expect(decide(failed, { attempts })).toEqual({
      result: { outcome: 'RETRY', reason: 'status-500', retryInSeconds },
    })
  })

  it('is spread by a tenth to either side', () => {
    const at = (fraction: number) => decide(failed, { attempts: 4, fraction }).result
    expect(at(0)).toMatchObject({ retryInSeconds: 540 })
    expect(at(1)).toMatchObject({ retryInSeconds: 660 })
  })

  it.each([
    [2, 5],
    [60, 60],
    [6 * 3600, 6 * 3600],
    [999_999, 6 * 3600],
  ])('waits %i s when it is asked to, but no less than usual: %i s', (asked, retryInSeconds) => {
    const call = { ...failed, statusCode: 429, retryAfterSeconds: asked }
    expect(decide(call).result).toMatchObject({ reason: 'status-429', retryInSeconds })
  })

  it('is the last try at the end of three days, and then the end', () => {
    expect(decide(failed, { attempts: 10, triedSeconds: 3 * day - 100 }).result).toMatchObject({
      outcome: 'RETRY',
      retryInSeconds: 100,
    })
    expect(decide(failed, { attempts: 11, triedSeconds: 3 * day })).toEqual({
      result: { outcome: 'DEAD', reason: 'status-500' },
      pauseReason: 'delivery-failed',
    })
  })

  it('pauses whoever has failed for three days, whatever this delivery has left', () => {
    expect(decide(failed, { failingSeconds: 3 * day })).toMatchObject({
      result: { outcome: 'RETRY' },
      pauseReason: 'failing',
    })
    expect(decide(failed, { failingSeconds: 3 * day - 1 })).not.toHaveProperty('pauseReason')
  })

  it('pauses whoever is gone, at once', () => {
    expect(decide({ outcome: 'refused', statusCode: 410 })).toEqual({
      result: { outcome: 'DEAD', reason: 'gone' },
      pauseReason: 'gone',
    })
  })

  it.each(['timeout', 'connection-failed', 'name-unknown', 'address-refused'] as const)(
    'names %s',
    (outcome) => {
      expect(decide({ outcome }).result).toMatchObject({ outcome: 'RETRY', reason: outcome })
    },
  )

  it('is nothing once it was taken', () => {
    expect(decide({ outcome: 'delivered', statusCode: 200 }, { failingSeconds: 9 * day })).toEqual({
      result: { outcome: 'DONE' },
    })
  })

  it('spreads calls of a receiver that was left alone', () => {
    expect(heldSeconds(60, { waits, fraction: 0 })).toBe(60)
    expect(heldSeconds(60, { waits, fraction: 1 })).toBe(65)
  })

  it('shortens with the scale of time, three days too', () => {
    const scaled = durations(0.01)
    const story = { attempts: 1, triedSeconds: 0, failingSeconds: 0 }
    expect(decideDelivery(failed, story, { waits: scaled, fraction: 0.5 }).result).toMatchObject({
      retryInSeconds: 0.05,
    })
  })
})

it('an envelope has the ids beside the facts', () => {
  expect(
    envelopeOf({
      eventId: '77',
      type: 'message.sent',
      createdAt: '2026-11-25T12:00:00.000Z',
      chatId: '1',
      messageId: '2',
      detail: { status: 'SENT' },
    }),
  ).toEqual({
    id: '77',
    type: 'message.sent',
    createdAt: '2026-11-25T12:00:00.000Z',
    data: { chatId: '1', messageId: '2', status: 'SENT' },
  })
})

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { messageStatuses } from '#shared/domain/message.ts'
import { historyOf, type SendAttempt, type StatusReport } from '#shared/domain/message-history.ts'

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 23) + seconds * 1000).toISOString()

const message: Parameters<typeof historyOf>[0] = {
  direction: 'OUTBOUND',
  origin: 'api',
  status: 'READ',
  statusAt: at(30),
  reason: undefined,
  reasonCode: undefined,
  createdAt: at(0),
}
const attempt = (number: number, more: Partial<SendAttempt> = {}): SendAttempt => ({
  number,
  outcome: 'ACCEPTED',
  claimedAt: at(number * 10 + 0.5),
  resolvedAt: at(number * 10 + 1.5),
  reason: undefined,
  reasonCode: undefined,
  ...more,
})
const report = (status: StatusReport['status'], seconds: number, number?: number) => ({
  ...{ status, occurredAt: at(seconds), attempt: number },
  ...{ reason: undefined, reasonCode: undefined },
})
const told = (...given: Parameters<typeof historyOf>) =>
  historyOf(...given).map(({ status, at: when, attempt: number }) =>
    [status, (Date.parse(when) - Date.parse(at(0))) / 1000, number].join(' ').trim(),
  )

describe('the history of a message', () => {
  it("a provider's whole seconds come neither before the attempt nor before SENT", () => {
    const reports = [report('SENT', 10, 1), report('DELIVERED', 10, 1), report('READ', 11, 1)]
    expect(told(message, [attempt(1)], reports)).toEqual([
      'QUEUED 0',
      'SENDING 10.5 1',
      'SENT 10.5 1',
      'DELIVERED 10.5 1',
      'READ 11 1',
    ])
  })

  it('what arrived late is told where it happened, beside the try that followed', () => {
    const attempts = [attempt(1, { outcome: 'ABANDONED', reason: 'timeout' }), attempt(2)]
    expect(told(message, attempts, [report('READ', 25)])).toEqual([
      'QUEUED 0',
      'SENDING 10.5 1',
      'UNKNOWN 11.5 1',
      'SENDING 20.5 2',
      'SENT 21.5 2',
      'READ 25',
    ])
  })

  it('a last try that failed while an earlier one had arrived has failed', () => {
    const attempts = [attempt(1), attempt(2, { outcome: 'REJECTED', reason: 'throttled' })]
    expect(told(message, attempts, [report('READ', 25, 1)])).toContain('FAILED 21.5 2')
  })

  it('one that waits for its next try was QUEUED again, until it was cancelled', () => {
    const waiting = attempt(1, { outcome: 'REJECTED', reason: 'throttled' })
    expect(told({ ...message, status: 'CANCELLED' }, [waiting], [])).toEqual([
      'QUEUED 0',
      'SENDING 10.5 1',
      'QUEUED 11.5 1',
      'CANCELLED 30',
    ])
  })

  it("what was written on the business's own phone begins as SENT, without a try of ours", () => {
    const echo = { ...message, origin: 'business-app', status: 'DELIVERED' } as const
    expect(told(echo, [attempt(1)], [report('DELIVERED', 12, 1)])).toEqual([
      'SENT 0',
      'DELIVERED 12 1',
    ])
  })

  it('is in order of time, begins at the beginning and tells what is shown', () => {
    const seconds = fc.integer({ min: 1, max: 10_000 })
    const anyAttempt = fc.record({
      outcome: fc.constantFrom<SendAttempt['outcome']>(
        ...(['CALLING', 'ACCEPTED', 'REJECTED', 'NOT_CALLED', 'UNKNOWN', 'ABANDONED'] as const),
      ),
      claimed: seconds,
      takes: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
    })
    const anyReport = fc.record({
      status: fc.constantFrom(...(['SENT', 'DELIVERED', 'READ', 'FAILED'] as const)),
      seconds,
      attempt: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
    })
    void fc.assert(
      fc.property(
        fc.constantFrom(...messageStatuses),
        fc.array(anyAttempt, { maxLength: 5 }),
        fc.array(anyReport, { maxLength: 8 }),
        (status, tries, reports) => {
          const history = historyOf(
            { ...message, status, statusAt: at(20_000) },
            tries.map(({ outcome, claimed, takes }, index) =>
              attempt(index + 1, {
                outcome,
                claimedAt: at(claimed),
                resolvedAt: takes === undefined ? undefined : at(claimed + takes),
              }),
            ),
            reports.map((each) => report(each.status, each.seconds, each.attempt)),
          )
          const times = history.map((step) => step.at)
          expect(times).toEqual(times.toSorted())
          expect(history[0]).toEqual({ status: 'QUEUED', at: at(0) })
          expect(history.map((step) => step.status)).toContain(status)
        },
      ),
    )
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quotaHeaders } from '#shared/runtime/quota-headers.ts'

/** RFC 9651: a list of one string with integers of at most 15 digits as parameters. */
const item = /^"client"((?:;[a-z]+=\d{1,15})+)$/

function parametersOf(header: string | undefined): Record<string, number> {
  const parameters = item.exec(header ?? '')?.[1]
  if (parameters === undefined) throw new Error(`${header} is no structured field`)
  return Object.fromEntries(
    parameters
      .slice(1)
      .split(';')
      .map((each) => each.split('='))
      .map(([name, value]) => [name, Number(value)]),
  )
}

describe('the headers of a quota', () => {
  it('are left out while nobody has asked the database', () => {
    expect(quotaHeaders(undefined)).toEqual({})
  })

  it('say policy and what is left', () => {
    expect(quotaHeaders({ burst: 1000, ratePerSecond: 50, left: 990 })).toEqual({
      'ratelimit-policy': '"client";q=1000;w=20',
      ratelimit: '"client";r=990;t=1',
    })
  })

  it('are structured fields for whatever limits an operator may give', () => {
    const limits = fc.record({
      burst: fc.integer({ min: 1, max: 1_000_000 }),
      ratePerSecond: fc.double({ min: 0.001, max: 1_000_000, noNaN: true }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    fc.assert(
      fc.property(limits, ({ burst, ratePerSecond, share }) => {
        const left = Math.floor(burst * share)
        const headers = quotaHeaders({ burst, ratePerSecond, left })
        const { q, w = 0 } = parametersOf(headers['ratelimit-policy'])
        const { r, t = -1 } = parametersOf(headers.ratelimit)
        expect([q, r]).toEqual([burst, left])
        expect(w).toBeGreaterThanOrEqual(1)
        expect(t).toBeGreaterThanOrEqual(0)
        expect(t).toBeLessThanOrEqual(w)
      }),
      { numRuns: 1000 },
    )
  })
})

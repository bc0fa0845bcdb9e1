import { describe, expect, it } from 'vitest'
import { functions } from '#infra/topology.ts'
import { durations } from '#shared/domain/durations.ts'

describe('the lease of exports and erasures', () => {
  it.each(['person-export', 'person-erasure'] as const)('outlasts %s', (name) => {
    expect(durations().privacyLeaseSeconds).toBeGreaterThan(functions[name].timeoutSeconds)
  })
})

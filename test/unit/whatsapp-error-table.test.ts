import { describe, expect, it } from 'vitest'
import { readError } from '#shared/adapters/whatsapp/error-table.ts'
import {
  type FailureClass,
  type FailureReason,
  failureSentences,
} from '#shared/domain/failure-reason.ts'

type Row = readonly [code: number, errorClass: FailureClass, reason: FailureReason, max?: number]

type Span = readonly [first: number, last: number]

const span = ([first, last]: Span, errorClass: FailureClass, reason: FailureReason): Row[] =>
  Array.from({ length: last - first + 1 }, (_, at) => [first + at, errorClass, reason])

const rows: readonly Row[] = [
  [0, 'stop-sender', 'sender-token'],
  [1, 'retry', 'provider-error', 3],
  [2, 'retry', 'provider-unavailable'],
  [3, 'stop-sender', 'sender-permission'],
  [4, 'rate-limited', 'rate-limited'],
  [10, 'stop-sender', 'sender-permission'],
  [33, 'stop-sender', 'sender-setup'],
  [100, 'configuration', 'invalid-request'],
  [190, 'stop-sender', 'sender-token'],
  ...span([200, 299], 'stop-sender', 'sender-permission'),
  [368, 'stop-sender', 'sender-restricted'],
  [613, 'configuration', 'invalid-request'],
  [2500, 'configuration', 'invalid-request'],
  [80007, 'rate-limited', 'rate-limited'],
  [130403, 'permanent', 'recipient-blocked'],
  [130429, 'rate-limited', 'rate-limited'],
  [130472, 'permanent', 'recipient-in-experiment'],
  [130497, 'permanent', 'country-restricted'],
  [131000, 'retry', 'provider-error', 3],
  [131005, 'stop-sender', 'sender-permission'],
  [131008, 'configuration', 'invalid-request'],
  [131009, 'configuration', 'invalid-request'],
  [131016, 'retry', 'provider-unavailable'],
  [131020, 'configuration', 'invalid-request'],
  [131021, 'permanent', 'recipient-is-sender'],
  [131026, 'permanent', 'recipient-unreachable'],
  [131030, 'configuration', 'recipient-not-allowed'],
  [131031, 'stop-sender', 'sender-restricted'],
  [131037, 'stop-sender', 'sender-setup'],
  [131041, 'configuration', 'invalid-request'],
  [131042, 'stop-sender', 'sender-payment'],
  [131043, 'permanent', 'expired'],
  [131044, 'stop-sender', 'sender-payment'],
  [131045, 'stop-sender', 'sender-setup'],
  [131047, 'permanent', 'service-window-closed'],
  [131048, 'stop-sender', 'sender-quality'],
  [131049, 'permanent', 'ecosystem-limit'],
  [131050, 'recipient-stopped', 'marketing-stopped'],
  [131051, 'permanent', 'unsupported-content'],
  [131052, 'permanent', 'media-failed'],
  [131053, 'permanent', 'media-failed'],
  [131055, 'configuration', 'marketing-channel-required'],
  [131056, 'rate-limited', 'rate-limited'],
  [131057, 'retry', 'provider-unavailable'],
  [131059, 'configuration', 'invalid-request'],
  [131060, 'permanent', 'unsupported-content'],
  [131062, 'permanent', 'recipient-needs-phone'],
  [131063, 'configuration', 'marketing-channel-required'],
  [131064, 'stop-sender', 'sender-quality'],
  ...span([131201, 131215], 'configuration', 'invalid-request'),
  [132000, 'configuration', 'template-parameters'],
  [132001, 'configuration', 'template-missing'],
  [132005, 'configuration', 'template-parameters'],
  [132007, 'permanent', 'template-policy'],
  [132008, 'configuration', 'template-parameters'],
  [132012, 'configuration', 'template-parameters'],
  [132015, 'permanent', 'template-paused'],
  [132016, 'permanent', 'template-disabled'],
  [132018, 'configuration', 'template-parameters'],
  [132068, 'permanent', 'flow-blocked'],
  [132069, 'rate-limited', 'rate-limited'],
  [133000, 'configuration', 'sender-setup'],
  [133004, 'retry', 'provider-unavailable'],
  [133005, 'stop-sender', 'sender-setup'],
  [133006, 'stop-sender', 'sender-setup'],
  [133008, 'stop-sender', 'sender-setup'],
  [133009, 'stop-sender', 'sender-setup'],
  [133010, 'stop-sender', 'sender-setup'],
  [133015, 'stop-sender', 'sender-setup'],
  [133016, 'configuration', 'sender-setup'],
  [134011, 'configuration', 'sender-setup'],
  [134100, 'configuration', 'marketing-channel-required'],
  [134101, 'retry', 'provider-unavailable'],
  [134102, 'configuration', 'marketing-channel-required'],
  [135000, 'configuration', 'invalid-request'],
  [137000, 'permanent', 'recipient-identity-changed'],
  ...span([138000, 138018], 'configuration', 'invalid-request'),
  ...span([139000, 139004], 'configuration', 'invalid-request'),
  ...span([139100, 139101], 'configuration', 'invalid-request'),
  ...span([139102, 139103], 'retry', 'provider-unavailable'),
  ...span([147001, 147005], 'configuration', 'invalid-request'),
  ...span([200005, 200007], 'configuration', 'invalid-request'),
  [1752041, 'configuration', 'invalid-request'],
  ...span([2388000, 2388999], 'configuration', 'template-parameters').filter(
    ([code]) => code % 37 === 0,
  ),
  [2388000, 'configuration', 'template-parameters'],
  [2388999, 'configuration', 'template-parameters'],
  [2494100, 'retry', 'provider-unavailable'],
  [2593079, 'configuration', 'invalid-request'],
  [2593085, 'configuration', 'invalid-request'],
  [2593107, 'configuration', 'invalid-request'],
  [2593108, 'configuration', 'invalid-request'],
]

describe('readError', () => {
  it.each(rows.map((row) => ({ row })))('$row', ({ row }) => {
    const [code, errorClass, reason, maxAttempts] = row
    const reading = { class: errorClass, reason, ...(maxAttempts !== undefined && { maxAttempts }) }
    expect(readError(code, undefined, undefined)).toEqual(reading)
    // A documented code speaks for itself, whatever surrounds it (3 and 131045 come as HTTP 500).
    expect(readError(code, 500, true)).toEqual(reading)
  })

  it.each([
    [500, undefined, 'retry'],
    [503, false, 'retry'],
    [400, true, 'retry'],
    [undefined, true, 'retry'],
    [400, false, 'permanent'],
    [429, undefined, 'permanent'],
    [undefined, undefined, 'permanent'],
  ] as const)(
    'reads an unknown code at HTTP %s, transient %s, as %s',
    (status, transient, expected) => {
      for (const code of [-1, 5, 199, 300, 131999, 131216, 2389000]) {
        expect(readError(code, status, transient)).toEqual({
          class: expected,
          reason: 'unknown-error',
        })
      }
    },
  )
})

describe('failureSentences', () => {
  it.each(Object.entries(failureSentences))('%s has a name and a sentence', (reason, sentence) => {
    expect(reason).toMatch(/^[a-z]+(-[a-z]+)*$/)
    expect(sentence).toMatch(/^\p{Lu}.{15,}[.)]$/u)
  })
})

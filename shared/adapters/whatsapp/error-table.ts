import type { FailureClass, FailureReason } from '#shared/domain/failure-reason.ts'

/** What an error of the Cloud API asks of us. */
export interface ErrorReading {
  readonly class: FailureClass
  readonly reason: FailureReason
  /** Give up once this many attempts ended with it. */
  readonly maxAttempts?: number
}

type Codes = number | readonly [first: number, last: number]
type Row = readonly [codes: Codes, reason: FailureReason, maxAttempts?: number]

/** Source: Meta's "Error codes" page of the Cloud API (Dec 2025 and Aug 2026 editions). */
const rows: Readonly<Record<FailureClass, readonly Row[]>> = {
  retry: [
    [1, 'provider-error', 3],
    [2, 'provider-unavailable'],
    [131000, 'provider-error', 3],
    [131016, 'provider-unavailable'],
    [131057, 'provider-unavailable'],
    [133004, 'provider-unavailable'],
    [134101, 'provider-unavailable'],
    [[139102, 139103], 'provider-unavailable'],
    [2494100, 'provider-unavailable'],
  ],
  'rate-limited': [
    [4, 'rate-limited'],
    [80007, 'rate-limited'],
    [130429, 'rate-limited'],
    [131056, 'rate-limited'],
    [132069, 'rate-limited'],
  ],
  permanent: [
    [130403, 'recipient-blocked'],
    [130472, 'recipient-in-experiment'],
    [130497, 'country-restricted'],
    [131021, 'recipient-is-sender'],
    [131026, 'recipient-unreachable'],
    [131043, 'expired'],
    [131047, 'service-window-closed'],
    [131049, 'ecosystem-limit'],
    [131051, 'unsupported-content'],
    [131052, 'media-failed'],
    [131053, 'media-failed'],
    [131060, 'unsupported-content'],
    [131062, 'recipient-needs-phone'],
    [132007, 'template-policy'],
    [132015, 'template-paused'],
    [132016, 'template-disabled'],
    [132068, 'flow-blocked'],
    [137000, 'recipient-identity-changed'],
  ],
  'stop-sender': [
    [0, 'sender-token'],
    [3, 'sender-permission'],
    [10, 'sender-permission'],
    [33, 'sender-setup'],
    [190, 'sender-token'],
    [[200, 299], 'sender-permission'],
    [368, 'sender-restricted'],
    [131005, 'sender-permission'],
    [131031, 'sender-restricted'],
    [131037, 'sender-setup'],
    [131042, 'sender-payment'],
    [131044, 'sender-payment'],
    [131045, 'sender-setup'],
    [131048, 'sender-quality'],
    [131064, 'sender-quality'],
    [[133005, 133006], 'sender-setup'],
    [[133008, 133010], 'sender-setup'],
    [133015, 'sender-setup'],
  ],
  configuration: [
    [100, 'invalid-request'],
    // Graph pages elsewhere call 613 a rate limit; on this API it belongs to calling.
    [613, 'invalid-request'],
    // Graph's word for a version that has ended.
    [2500, 'invalid-request'],
    [131008, 'invalid-request'],
    [131009, 'invalid-request'],
    [131020, 'invalid-request'],
    [131030, 'recipient-not-allowed'],
    [131041, 'invalid-request'],
    [131055, 'marketing-channel-required'],
    [131059, 'invalid-request'],
    [131063, 'marketing-channel-required'],
    [[131201, 131215], 'invalid-request'],
    [132000, 'template-parameters'],
    [132001, 'template-missing'],
    [132005, 'template-parameters'],
    [132008, 'template-parameters'],
    [132012, 'template-parameters'],
    [132018, 'template-parameters'],
    [133000, 'sender-setup'],
    [133016, 'sender-setup'],
    [134011, 'sender-setup'],
    [134100, 'marketing-channel-required'],
    [134102, 'marketing-channel-required'],
    [135000, 'invalid-request'],
    [[138000, 138018], 'invalid-request'],
    [[139000, 139004], 'invalid-request'],
    [[139100, 139101], 'invalid-request'],
    [[147001, 147005], 'invalid-request'],
    [[200005, 200007], 'invalid-request'],
    [1752041, 'invalid-request'],
    [[2388000, 2388999], 'template-parameters'],
    [2593079, 'invalid-request'],
    [2593085, 'invalid-request'],
    [[2593107, 2593108], 'invalid-request'],
  ],
  'recipient-stopped': [[131050, 'marketing-stopped']],
}

const readings = new Map<number, ErrorReading>(
  Object.entries(rows).flatMap(([name, list]) =>
    list.flatMap((row) => expand(name as FailureClass, row)),
  ),
)

/**
 * Reads an error by its code; HTTP status and `is_transient` speak only for codes that Meta has
 * not documented (retry when either calls the fault passing, permanent otherwise). A webhook's
 * error has no HTTP status. `unknown-error` is worth an alarm: the table needs a row.
 */
export function readError(
  code: number,
  httpStatus: number | undefined,
  isTransient: boolean | undefined,
): ErrorReading {
  const known = readings.get(code)
  if (known !== undefined) return known
  const passing = isTransient === true || (httpStatus !== undefined && httpStatus >= 500)
  return { class: passing ? 'retry' : 'permanent', reason: 'unknown-error' }
}

function expand(
  errorClass: FailureClass,
  [codes, reason, maxAttempts]: Row,
): [number, ErrorReading][] {
  const [first, last] = typeof codes === 'number' ? [codes, codes] : codes
  const reading = {
    class: errorClass,
    reason,
    ...(maxAttempts !== undefined && { maxAttempts }),
  }
  return Array.from({ length: last - first + 1 }, (_, offset) => [first + offset, reading])
}

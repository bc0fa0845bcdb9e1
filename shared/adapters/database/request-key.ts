import type { RequestKey } from '../../domain/caller.ts'
import type { TenantSealer } from '../../ports/sealer.ts'
import { base64 } from './sealed-cells.ts'

/** How long a key answers for its first request. */
const keyDays = 30

/** Keys and bodies are compared as keyed hashes: both may hold personal data. */
export function sealRequestKey(sealer: TenantSealer, request: RequestKey) {
  return {
    route: request.route,
    keyHash: base64(sealer.hash('idempotency-key', request.key)),
    bodyHash: base64(sealer.hash('request-body', request.body)),
    keyDays,
  }
}

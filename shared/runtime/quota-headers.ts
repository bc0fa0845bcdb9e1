import type { Quota } from '../domain/caller.ts'

/**
 * What a client may still ask, as draft-ietf-httpapi-ratelimit-headers-10 writes it: `q` requests in
 * `w` seconds, `r` left, and `t` seconds until the bucket is full again.
 */
export function quotaHeaders(quota: Quota | undefined): Readonly<Record<string, string>> {
  if (quota === undefined) return {}
  const { burst, ratePerSecond, left } = quota
  const window = Math.ceil(burst / ratePerSecond)
  const reset = Math.ceil((burst - left) / ratePerSecond)
  return {
    'ratelimit-policy': `"client";q=${burst};w=${window}`,
    ratelimit: `"client";r=${left};t=${reset}`,
  }
}

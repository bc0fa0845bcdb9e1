/** Every wait of the product in seconds, from one setting. */
export interface Durations {
  /** How long a claimed send is ours; longer than a provider call, shorter than visibility. */
  readonly leaseSeconds: number
  readonly providerTimeoutSeconds: number
  /** How long a lost answer waits for a report before the message's policy decides. */
  readonly reportWaitSeconds: number
  /** How long a retrying message holds up the later ones of its chat and channel. */
  readonly patienceSeconds: number
  /** A due task not woken for this long is woken by the relay. */
  readonly staleSeconds: number
  readonly relayPeriodSeconds: number
  /** A message not accepted within this time is FAILED(expired), unless it says otherwise. */
  readonly horizonSeconds: number
  readonly backoffBaseSeconds: number
  readonly backoffCapSeconds: number
  /** Wait for a sender that cannot send until somebody acts. */
  readonly senderRetrySeconds: number
}

const production: Durations = {
  leaseSeconds: 45,
  providerTimeoutSeconds: 20,
  reportWaitSeconds: 900,
  patienceSeconds: 600,
  staleSeconds: 120,
  relayPeriodSeconds: 60,
  horizonSeconds: 4 * 3600,
  backoffBaseSeconds: 2,
  backoffCapSeconds: 300,
  senderRetrySeconds: 300,
}

/** All waits multiplied by `scale` (1 in production, smaller in rehearsals). */
export function durations(scale = 1): Durations {
  const scaled = Object.entries(production).map(([name, seconds]) => [name, seconds * scale])
  return Object.fromEntries(scaled) as Durations
}
